"""Tests of the code-repair builder on a small project, without a network."""

import json
import pathlib
import sys
import tempfile
from unittest import mock

from absl.testing import absltest
from jepa.datasets import reading
from jepa.datasets.code_repair import code_repair_dataset_builder as builder_lib
from jepa.datasets.code_repair import evaluation
from jepa.domains.code_repair import corpus
from jepa.domains.code_repair import packages
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import vocabulary
from tests.domains.code_repair import fixture

_VOCABULARY = vocabulary.VOCABULARY


def _package(name, split):
  return packages.Package(
      name=name, version="1.0", sha256="", sources=("core.py",), split=split
  )


_PACKAGES = {
    "one": _package("one", "train"), "two": _package("two", "validation")
}


class BuilderTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
    roots = {}
    for name in _PACKAGES:
      roots[name] = pathlib.Path(cls.folder, name)
      roots[name].mkdir()
      fixture.write(roots[name], is_short=name == "two")
    cls.enterClassContext(
        mock.patch.object(packages, "PACKAGES", _PACKAGES)
    )
    cls.enterClassContext(
        mock.patch.object(corpus, "fetch", lambda table, cache: roots)
    )
    config = builder_lib.CodeRepairConfig(
        name="fixture",
        packages=("one", "two"),
        rounds=(settings_lib.Settings(num_states=6, num_candidates=8),),
        evaluation_settings=settings_lib.Settings(
            num_states=2, num_candidates=None, num_next=0, max_executed=40
        ),
    )
    cls.builder = builder_lib.Builder(config=config, data_dir=cls.folder)
    cls.builder.download_and_prepare(file_format="array_record")

  def test_reads_back_what_was_executed(self):
    examples = reading.load_examples(
        "code_repair/fixture", "train", self.folder, _VOCABULARY
    )
    self.assertNotEmpty(examples)
    for example in examples:
      meta = json.loads(example["meta"])
      record = records.Record.from_json(meta)
      self.assertEqual(record.package, "one-1.0")
      fixed = example["outcomes"]["signals"][:, 0]
      statuses = [
          e.status == "passed"
          for i, e in enumerate(record.executions)
          if i not in meta["tried"]
      ]
      self.assertEqual(list(fixed[: len(statuses)]), statuses)
      fix = record.fix - sum(i < record.fix for i in meta["tried"])
      self.assertEqual(example["next_action"][0], fix)
      tokens = record.function(record.broken).tokens
      self.assertGreater(example["obs_t"]["mask"].sum(), len(tokens))

  def test_splits_by_package(self):
    for split, origin in (("train", b"one-1.0"), ("validation", b"two-1.0")):
      examples = self.builder.as_data_source(split=split)
      origins = {x["origin"] for x in examples}
      self.assertEqual({_to_bytes(o) for o in origins}, {origin})

  def test_no_function_is_in_both_splits(self):
    found = {}
    for split in ("train", "validation"):
      for example in self.builder.as_data_source(split=split):
        record = records.Record.from_json(json.loads(example["meta"]))
        found.setdefault(split, set()).add(record.target.qualname)
    self.assertEqual(found["validation"], {"clamp"})
    self.assertContainsSubset({"total", "Stack.push"}, found["train"])
    self.assertNotIn("clamp", found["train"])  # It was executed, too.

  def test_evaluation_holds_every_candidate(self):
    found = list(
        evaluation.load_records("code_repair/fixture", self.folder)
    )
    self.assertNotEmpty(found)
    for record in found:
      self.assertEqual(record.package, "two-1.0")
      self.assertLen(record.executions, len(record.candidates))
      self.assertGreater(len(record.candidates), 24)

  def test_windows_tell_of_pairs_and_join_with_what_has_none(self):
    config = builder_lib.CodeRepairConfig(
        name="of_two",
        packages=("one", "two"),
        windows=settings_lib.Settings(num_states=12, num_candidates=12),
        evaluation_settings=self.builder.builder_config.evaluation_settings,
    )
    builder_lib.Builder(
        config=config, data_dir=self.folder
    ).download_and_prepare(file_format="array_record")
    name = "code_repair/fixture+code_repair/of_two"
    examples = reading.load_examples(name, "train", self.folder, _VOCABULARY)
    has_pairs = ["pairs" in x for x in examples]
    self.assertEqual(has_pairs, sorted(has_pairs))
    self.assertLen(set(has_pairs), 2)
    for example in (x for x in examples if "pairs" in x):
      pairs, outcomes = example["pairs"], example["outcomes"]
      self.assertEqual(outcomes["signals"][:, 0].sum(), 0)
      passed = pairs["signals"][:, :, 0] > 0.5
      self.assertTrue((passed & pairs["mask"]).any())
      # An edit is in its own way.
      for row, first in zip(pairs["mask"], example["next_action"]):
        self.assertFalse(row[first])
    opened = reading.open_builder(name, self.folder)
    self.assertEqual(opened.builder_config.name, "fixture")

  def test_needs_no_tensorflow(self):
    self.assertNotIn("tensorflow", sys.modules)


def _to_bytes(text):
  return text if isinstance(text, bytes) else text.encode()


if __name__ == "__main__":
  absltest.main()
