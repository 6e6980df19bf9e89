"""Tests of fetching, with pip reading a folder instead of an index."""

import hashlib
import io
import os
import pathlib
import tarfile
from unittest import mock

from absl.testing import absltest
from jepa.domains.code_repair import corpus
from jepa.domains.code_repair import packages

_HELD_OUT = frozenset((
    "boltons", "more_itertools", "more-itertools", "marshmallow", "tomlkit",
    "uncertainties", "parso", "inflect", "html2text", "quixbugs",
))

# A build backend that needs nothing: pip only asks it for metadata.
_BACKEND = '''
import pathlib
def get_requires_for_build_wheel(config_settings=None):
  return []
def prepare_metadata_for_build_wheel(folder, config_settings=None):
  info = pathlib.Path(folder, "fixture-1.0.dist-info")
  info.mkdir()
  info.joinpath("METADATA").write_text(
      "Metadata-Version: 2.1\\nName: fixture\\nVersion: 1.0\\n")
  return info.name
'''
_FILES = {
    "PKG-INFO": "Metadata-Version: 2.1\nName: fixture\nVersion: 1.0\n",
    "pyproject.toml": (
        '[build-system]\nrequires = []\nbuild-backend = "backend"\n'
        'backend-path = ["."]\n'
    ),
    "backend.py": _BACKEND,
    "fixture/core.py": "def f():\n  return 1\n",
    "fixture/tests/test_core.py": "def test_f():\n  pass\n",
}


def _add(tar, name, text, **fields):
  info = tarfile.TarInfo(name)
  info.size = len(text.encode())
  for field, value in fields.items():
    setattr(info, field, value)
  tar.addfile(info, io.BytesIO(text.encode()))


def _write_sdist(folder: pathlib.Path) -> str:
  """Writes fixture-1.0.tar.gz; returns its hash."""
  sdist = folder / "fixture-1.0.tar.gz"
  with tarfile.open(sdist, "w:gz") as tar:
    for name, text in _FILES.items():
      _add(tar, f"fixture-1.0/{name}", text)
  return hashlib.sha256(sdist.read_bytes()).hexdigest()


def _package(sha256: str, **kwargs) -> packages.Package:
  return packages.Package(
      name="fixture", version="1.0", sha256=sha256, sources=("fixture",),
      **kwargs,
  )


class CorpusTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self._index = pathlib.Path(self.create_tempdir().full_path)
    self._cache = pathlib.Path(self.create_tempdir().full_path)
    self._sha256 = _write_sdist(self._index)
    self.enter_context(
        mock.patch.dict(
            os.environ, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(self._index)
        )
    )

  def test_fetches_once_and_works_offline_after_that(self):
    package = _package(self._sha256)
    root = corpus.fetch([package], self._cache)["fixture"]
    self.assertEqual(
        list(corpus.modules(package, root)), ["fixture/core.py"]
    )
    (self._index / "fixture-1.0.tar.gz").unlink()
    self.assertEqual(corpus.fetch([package], self._cache)["fixture"], root)

  def test_unpacks_again_from_a_cached_sdist(self):
    sdists = self._cache / "sdists"
    sdists.mkdir()
    (self._index / "fixture-1.0.tar.gz").rename(sdists / "fixture-1.0.tar.gz")
    root = corpus.fetch([_package(self._sha256)], self._cache)["fixture"]
    self.assertEqual(
        (root / "fixture/core.py").read_text(), _FILES["fixture/core.py"]
    )

  def test_refuses_what_is_not_the_pinned_file(self):
    with self.assertRaisesRegex(corpus.CorpusError, "(?s)fixture==1.0.*hash"):
      corpus.fetch([_package("0" * 64)], self._cache)
    self.assertEmpty(list(self._cache.glob("sources/*")))

  def test_says_what_cannot_be_fetched(self):
    (self._index / "fixture-1.0.tar.gz").unlink()
    with self.assertRaisesRegex(corpus.CorpusError, "could not fetch fixture"):
      corpus.fetch([_package(self._sha256)], self._cache)

  def test_refuses_a_damaged_cache(self):
    sdists = self._cache / "sdists"
    sdists.mkdir()
    (sdists / "fixture-1.0.tar.gz").write_bytes(b"damaged")
    with self.assertRaisesRegex(corpus.CorpusError, "Delete the file"):
      corpus.fetch([_package(self._sha256)], self._cache)

  def test_names_the_module_that_tests_need(self):
    package = _package(self._sha256, needs=("no_such_module",))
    with self.assertRaisesRegex(corpus.CorpusError, "no_such_module"):
      corpus.fetch([package], self._cache)

  def test_never_writes_outside_its_folder(self):
    sdists = self._cache / "sdists"
    sdists.mkdir()
    sdist = sdists / "fixture-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as tar:
      _add(tar, "fixture-1.0/link", "", type=tarfile.SYMTYPE, linkname="/etc")
      _add(tar, "../../escaped", "x")
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    with self.assertRaisesRegex(corpus.CorpusError, "outside"):
      corpus.fetch([_package(digest)], self._cache)
    self.assertFalse((self._cache.parent / "escaped").exists())

  def test_leaves_links_out(self):
    sdists = self._cache / "sdists"
    sdists.mkdir()
    sdist = sdists / "fixture-1.0.tar.gz"
    with tarfile.open(sdist, "w:gz") as tar:
      _add(tar, "fixture-1.0/fixture.py", "")
      _add(tar, "fixture-1.0/link", "", type=tarfile.SYMTYPE, linkname="/etc")
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    root = corpus.fetch([_package(digest)], self._cache)["fixture"]
    self.assertEqual([f.name for f in root.iterdir()], ["fixture.py"])


class PackagesTest(absltest.TestCase):

  def test_nothing_held_out_is_in_the_corpus(self):
    self.assertNoCommonElements(_HELD_OUT, packages.PACKAGES)

  def test_both_splits_have_packages(self):
    splits = {p.split for p in packages.PACKAGES.values()}
    self.assertEqual(splits, {"train", "validation"})


if __name__ == "__main__":
  absltest.main()
