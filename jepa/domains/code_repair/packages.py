"""The packages whose functions are broken and repaired: pinned, never vendored.

Each was run from its sdist alone, with pytest and what `needs` names: its own
tests pass in seconds. A package is in one split only, so that validation asks
about code that training never saw.
"""

import dataclasses
from typing import Literal

Split = Literal["train", "validation"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Package:
  """One pinned package.

  name, version: as on the package index.
  sha256: of the sdist.
  sources: files or folders below the root whose functions may be broken.
  tests: pytest arguments, relative to the root.
  needs: modules that the package or its tests import and it does not hold.
  backend: module of its build backend, which pip asks for metadata.
  split: where its states belong.
  """
  name: str
  version: str
  sha256: str
  sources: tuple[str, ...]
  tests: tuple[str, ...] = ("tests",)
  needs: tuple[str, ...] = ()
  backend: str = "setuptools"
  split: Split = "train"

  @property
  def pin(self) -> str:
    return f"{self.name}=={self.version}"

  @property
  def folder(self) -> str:
    return f"{self.name}-{self.version}"


_TABLE = (
    Package(
        name="addict",
        version="2.4.0",
        sha256=(
            "b3b2210e0e067a281f5646c8c5db92e99b7231ea8b0eb5f74dbdf9e259d4e494"
        ),
        sources=("addict",),
        tests=("test_addict.py",),
    ),
    Package(
        name="cachetools",
        version="8.0.1",
        sha256=(
            "deb1d376d4d28c2f33f3e3058043b005e0af75c35c094bd54053e27d2906ad95"
        ),
        sources=("src/cachetools",),
        backend="setuptools_scm",
    ),
    Package(
        name="funcy",
        version="2.1",
        sha256=(
            "8979feb3de7120afd1d00e5a8eae810c1942e4bfbc91697151e9ee1e49f79284"
        ),
        sources=("funcy",),
        needs=("whatever",),
    ),
    Package(
        name="isodate",
        version="0.7.2",
        sha256=(
            "4cd1aa0f43ca76f4a6c6c0292a85f40b35ec2e43e315b59f06e6d32171a953e6"
        ),
        sources=("src/isodate",),
        split="validation",
        backend="setuptools_scm",
    ),
    Package(
        name="parse",
        version="1.22.4",
        sha256=(
            "706d458feed5a81b02768d3156e8070baf6cee7d150a3a3c0cd43101a875c3b5"
        ),
        sources=("parse",),
    ),
    Package(
        name="pathspec",
        version="1.1.1",
        sha256=(
            "17db5ecd524104a120e173814c90367a96a98d07c45b2e10c2f3919fff91bf5a"
        ),
        sources=("pathspec",),
        backend="flit_core",
    ),
    Package(
        name="prettytable",
        version="3.18.0",
        sha256=(
            "439217116152244369caf3d9f1caf2f9fe29b03bd79e88d2928c8e718c95d680"
        ),
        sources=("src/prettytable",),
        needs=("pytest_lazy_fixtures", "wcwidth"),
        backend="hatchling",
    ),
    Package(
        name="python-slugify",
        version="9.2.0",
        sha256=(
            "cee32948083476013804de1667724fb1362dacb71e47b1d5d92adf8db6ee3298"
        ),
        sources=("slugify",),
        needs=("text_unidecode",),
    ),
    Package(
        name="schema",
        version="0.7.8",
        sha256=(
            "e86cc08edd6fe6e2522648f4e47e3a31920a76e82cce8937535422e310862ab5"
        ),
        sources=("schema",),
        tests=("test_schema.py",),
    ),
    Package(
        name="semantic_version",
        version="2.10.0",
        sha256=(
            "bdabb6d336998cbb378d4b9db3a4b56a1e3235701dc05ea2690d9a997ed5041c"
        ),
        sources=("semantic_version/base.py",),
    ),
    Package(
        name="semver",
        version="3.1.1",
        sha256=(
            "149b26cabada6f63212f97e94505d21578cb1d280cf714827f328d5e70765fea"
        ),
        sources=("src/semver",),
    ),
    Package(
        name="simpleeval",
        version="1.0.8",
        sha256=(
            "b417f869c11f2de034eb919820a825f35d12ce99f63a43971947ce73679eb9ba"
        ),
        sources=("simpleeval.py",),
        backend="hatchling",
    ),
    Package(
        name="tabulate",
        version="0.10.0",
        sha256=(
            "e2cfde8f79420f6deeffdeda9aaec3b6bc5abce947655d17ac662b126e48a60d"
        ),
        sources=("tabulate",),
        tests=("test",),
        backend="setuptools_scm",
    ),
    Package(
        name="toolz",
        version="1.0.0",
        sha256=(
            "2c86e3d9a04798ac556793bced838816296a2f085017664e4995cb40a1047a02"
        ),
        sources=("toolz",),
        tests=("toolz/tests",),
    ),
    Package(
        name="unidiff",
        version="1.0.1",
        sha256=(
            "d9425bc516390c54743a1045b2c1c97f02d245a913a241dd499f958adb2df998"
        ),
        sources=("unidiff",),
    ),
    Package(
        name="voluptuous",
        version="0.16.0",
        sha256=(
            "006535e22fed944aec17bef6e8725472476194743c87bd233e912eb463f8ff05"
        ),
        sources=("voluptuous",),
        tests=("voluptuous/tests/tests.py",),
    ),
    Package(
        name="xmltodict",
        version="1.0.4",
        sha256=(
            "6d94c9f834dd9e44514162799d344d815a3a4faec913717a9ecbfa5be1bb8e61"
        ),
        sources=("xmltodict.py",),
        split="validation",
    ),
)

PACKAGES: dict[str, Package] = {p.name: p for p in _TABLE}
