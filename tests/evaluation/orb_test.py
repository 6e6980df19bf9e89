"""Tests for `jepa/evaluation/orb.py`, on a stand-in for the compiler."""

import json
import os
import pathlib
from unittest import mock

from absl.testing import absltest
from jepa.domains import base
from jepa.domains.orb import compiler
from jepa.domains.orb import corpus
from jepa.domains.orb import vocabulary
from jepa.evaluation import orb
import numpy as np
from tests import toy
from tests.domains.orb import fake
from tests.domains.orb import samples

_BOUNDS = orb.Bounds(num_programs=2, num_walks=1, num_states=2)


class FolderTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.folder = pathlib.Path(self.create_tempdir().full_path)
    self.cache = self.create_tempdir().full_path
    self.cli = fake.write(self.create_tempdir().full_path)
    self.enter_context(
        mock.patch.dict(os.environ, {compiler.ENVIRONMENT: self.cli})
    )

  def _write(self, name, program):
    path = self.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(program))

  def _load(self):
    return orb.load_folder(
        str(self.folder), cache=self.cache, bounds=_BOUNDS, num_workers=1
    )

  def test_names_what_it_passes_over_and_keeps_its_bounds(self):
    for i in range(4):
      self._write(f"sub{i}/program.orb", samples.generated_plan(i).target)
    self._write("copy.json", samples.generated_plan(0).target)
    self._write("list.json", [1, 2])
    self._write("none.json", {"name": "x"})
    (self.folder / "broken.orb").write_text("{")
    (self.folder / "notes.txt").write_text("no program")
    found = self._load()
    self.assertEqual(found.num_files, 5)
    self.assertLen(found.entries, _BOUNDS.num_programs)
    names = {entry.name for entry in found.entries}
    self.assertFalse({"copy.json", "sub0/program.orb"} <= names)
    self.assertCountEqual(
        found.unreadable, ["broken.orb", "list.json", "none.json"]
    )
    self.assertIn("broken.orb: not JSON", found.describe())
    origins = {x["origin"] for x in found.examples}
    self.assertContainsSubset(origins, {e.name for e in found.entries})
    self.assertLessEqual(len(found.examples), 2 * 1 * 2)

  def test_the_same_folder_gives_the_same_branches_from_the_cache(self):
    self._write("one.orb", samples.generated_plan(1).target)
    first = self._load()
    runs = fake.num_runs(self.cli)
    self.assertGreater(runs, 0)
    again = self._load()
    self.assertEqual(fake.num_runs(self.cli), runs)
    self.assertNotEmpty(first.examples)
    for x, y in zip(first.examples, again.examples, strict=True):
      np.testing.assert_array_equal(x["obs_t"]["nodes"], y["obs_t"]["nodes"])
      np.testing.assert_array_equal(x["actions"]["args"], y["actions"]["args"])

  def test_a_folder_without_programs_is_an_error(self):
    with self.assertRaisesRegex(corpus.CorpusError, "no Orb program in"):
      self._load()
    (self.folder / "broken.orb").write_text("{")
    with self.assertRaisesRegex(corpus.CorpusError, "broken.orb: not JSON"):
      self._load()
    with self.assertRaisesRegex(corpus.CorpusError, "is no folder"):
      orb.load_folder(str(self.folder / "none"), cache=self.cache)

  def test_a_missing_compiler_is_an_error_that_commands_show(self):
    self._write("one.orb", samples.generated_plan(1).target)
    with mock.patch.dict(os.environ, {compiler.ENVIRONMENT: "/no/such"}):
      with self.assertRaisesRegex(OSError, "jepa.domains.orb.install"):
        self._load()

  def test_rejects_models_of_other_worlds(self):
    orb.check_world("it", vocabulary.VOCABULARY)
    with self.assertRaisesRegex(base.VocabularyError, "it was trained on 'toy"):
      orb.check_world("it", toy.VOCABULARY)


if __name__ == "__main__":
  absltest.main()
