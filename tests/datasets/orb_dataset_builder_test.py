"""Tests of the Orb builder, on a stand-in for the compiler."""

import json
import os
import pathlib
import sys
import tempfile
from unittest import mock

from absl.testing import absltest
from jepa.datasets import reading
from jepa.datasets.orb import orb_dataset_builder as builder_lib
from jepa.domains.orb import actions
from jepa.domains.orb import compiler
from jepa.domains.orb import traced
from jepa.domains.orb import verdict
from jepa.domains.orb import vocabulary
from jepa.domains.orb import walk
from jepa.traces import log
from tests.domains.orb import fake
from tests.domains.orb import samples

_VOCABULARY = vocabulary.VOCABULARY
_HABITS = walk.Habits(num_candidates=8, max_length=2)


def _prepare(config, folder):
  builder = builder_lib.Builder(config=config, data_dir=folder)
  builder.builder_config.num_workers = 1
  builder.builder_config.habits = _HABITS
  builder.download_and_prepare(file_format="array_record")
  return builder


class BuilderTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
    cli = fake.write(cls.folder)
    cls.enterClassContext(
        mock.patch.dict(os.environ, {compiler.ENVIRONMENT: cli})
    )

  def test_generated(self):
    config = builder_lib.OrbConfig(
        name="fixture", num_walks={"train": 2, "test": 1}
    )
    builder = _prepare(config, self.folder)
    self.assertCountEqual(builder.info.splits, ["train", "test"])
    examples = reading.load_examples(
        "orb/fixture", "train", self.folder, _VOCABULARY
    )
    self.assertNotEmpty(examples)
    for x in examples:
      meta = json.loads(x["meta"])
      self.assertEqual(x["actions"]["mask"].sum(), len(meta["actions"]))
      self.assertStartsWith(_text(x["origin"]), "train/")
      signals = x["outcomes"]["signals"]
      self.assertEqual(signals.shape[-1], len(_VOCABULARY.signals))
      # Valid is what the other four together are.
      parts = signals[:, 1] * signals[:, 2] * signals[:, 3] * signals[:, 4]
      self.assertEqual(list(signals[:, 0]), list(parts))
      self.assertGreater(x["obs_next"]["mask"].sum(axis=-1).min(), 0)
    self.assertNotIn("tensorflow", sys.modules)

  def test_public(self):
    programs = pathlib.Path(self.folder, "programs")
    programs.mkdir()
    for i in range(3):
      program = samples.generated_plan(i).target
      (programs / f"{i}.orb").write_text(json.dumps(program))
    config = builder_lib.make_config("public", str(programs))
    self.assertNotEqual(
        config.name, builder_lib.make_config("public", self.folder).name
    )
    config.num_walks = 1
    builder = _prepare(config, self.folder)
    origins = {
        split: {_text(x["origin"]) for x in builder.as_data_source(split=split)}
        for split in builder.info.splits
    }
    self.assertContainsSubset(
        set().union(*origins.values()), {"0.orb", "1.orb", "2.orb"}
    )
    self.assertLen(
        set().union(*origins.values()), sum(map(len, origins.values()))
    )
    split = next(iter(origins))
    named = reading.load_examples(
        f"orb/{config.name}", split, self.folder, _VOCABULARY
    )
    by_folder = reading.load_examples(
        f"orb/public:{programs}", split, self.folder, _VOCABULARY
    )
    self.assertLen(by_folder, len(named))

  def test_traces(self):
    path = pathlib.Path(self.folder, "steps.log")
    action = samples.step(
        "add_field", "orbitals", 0, slots=("n", "number", None, None)
    )
    valid = verdict.Verdict(compiles=True)
    with log.TraceLog(path, sync=False) as traces:
      for origin in "abc":
        record = traced.to_record(
            samples.wired(), action, valid, origin=origin
        )
        traces.append(world="orb", **record)
        traces.append(world="code_repair", **record)
      traces.append(
          world="orb", state=1, action="?", next_state=2, signals=None
      )
    builder = _prepare(f"traces:{path}", self.folder)
    total = 0
    for split in builder.info.splits:
      for x in builder.as_data_source(split=split):
        total += 1
        first = json.loads(x["meta"])["actions"][0]
        self.assertEqual(actions.Action.from_json(first), action)
        self.assertEqual(x["outcomes"]["signals"][0, 0], 1.0)
        self.assertEqual(x["actions"]["mask"].sum(), 8)
    self.assertEqual(total, 3)

  def test_refuses_unknown_sources(self):
    with self.assertRaisesRegex(ValueError, "public:FOLDER"):
      builder_lib.Builder(config="private:x", data_dir=self.folder)


def _text(value):
  return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
  absltest.main()
