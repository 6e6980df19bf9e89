"""Tests for `jepa/train.py`: the whole road, on a toy."""

import json
import pathlib

from absl.testing import absltest
import chex
from configs import pretrain
import jax
from jepa import checkpoint
from jepa import train
from jepa.domains import base
from jepa.evaluation import probe
import numpy as np
from tests import toy


def small_config(arm="jepa"):
  config = pretrain.get_config(f"code_repair,{arm}")
  config.world = "toy"
  config.num_steps = 6
  config.batch_size = 8
  config.buckets = ()
  config.log_every = 1
  config.model.encoder.width = 16
  config.model.encoder.depth = min(1, config.model.encoder.depth)
  config.model.predictor.hidden = 32
  config.model.head.hidden = 32
  config.checkpoint.save_every = 2
  # Plain numbers: `decay_steps` otherwise is a reference to `num_steps`.
  config.optimizer.schedule = dict(
      peak_value=1e-3, warmup_steps=2, decay_steps=6
  )
  return config


class TrainTest(absltest.TestCase):

  def _train(self, config, workdir=None):
    workdir = workdir or self.create_tempdir().full_path
    return train.train(
        config,
        workdir,
        vocabulary=toy.VOCABULARY,
        examples=toy.examples(64),
    )

  def test_probes_at_intervals_and_at_the_end(self):
    config = small_config()
    config.probe.every = 4
    workdir = self.create_tempdir().full_path
    train.train(
        config,
        workdir,
        vocabulary=toy.VOCABULARY,
        examples=toy.examples(64),
        probe=probe.make_probe(
            config.model, toy.VOCABULARY, toy.examples(32)
        ),
    )
    rows = pathlib.Path(workdir, "metrics.jsonl").read_text().splitlines()
    found = [r for r in map(json.loads, rows) if "held_out/auc" in r]
    self.assertEqual([r["step"] for r in found], [3, 5])
    for row in found:
      self.assertBetween(row["held_out/auc"], 0.0, 1.0)
      self.assertIn("held_out/shuffled_action_gap", row)
      self.assertGreater(row["held_out/rank_ratio"], 0.0)
    self.assertNotEmpty(list(pathlib.Path(workdir, "tensorboard").iterdir()))

  def test_resuming_equals_not_stopping(self):
    """Tests it where batches are mixed of labelled and unlabelled states."""
    config = small_config("semi_read")
    config.labels.num_labelled = 16
    whole = self._train(config)

    workdir = self.create_tempdir().full_path
    config.num_steps = 4
    self._train(config, workdir)
    config.num_steps = 6
    resumed = self._train(config, workdir)

    self.assertEqual(int(resumed.step), 6)
    chex.assert_trees_all_equal(whole, resumed)
    rows = pathlib.Path(workdir, "metrics.jsonl").read_text().splitlines()
    self.assertEqual([json.loads(r)["step"] for r in rows], list(range(6)))

  def test_controls_take_steps(self):
    for arm in ("bag", "shuffled_action"):
      with self.subTest(arm):
        config = small_config(arm)
        config.num_steps = 2
        state = self._train(config)
        chex.assert_tree_all_finite(state.params)

  def test_finetunes_and_probes_what_was_trained_without_labels(self):
    before = self._train(small_config("unlabelled")).params
    for arm in ("probe", "finetuned"):
      with self.subTest(arm):
        workdir = self.create_tempdir().full_path
        after = train.train(
            small_config(arm), workdir, vocabulary=toy.VOCABULARY,
            examples=toy.examples(64), params=jax.device_get(before),
        ).params
        is_same = jax.tree.map(np.array_equal, before, after)
        self.assertEqual(
            all(jax.tree.leaves(is_same["encode"])), arm == "probe"
        )
        self.assertFalse(all(jax.tree.leaves(is_same["outcome"])))

  def test_refuses_to_freeze_what_was_never_trained(self):
    with self.assertRaisesRegex(ValueError, "config.start_from"):
      self._train(small_config("probe"))

  def test_exports_what_it_trained(self):
    workdir = self.create_tempdir().full_path
    config = small_config()
    config.num_steps = 2
    state = self._train(config, workdir)
    path = f"{workdir}/{checkpoint.MODEL_FILE}"
    with np.load(path) as arrays:
      names = set(arrays.files) - {"manifest.json"}
    self.assertLen(names, len(jax.tree.leaves(state.params)))

  def test_refuses_a_folder_of_another_vocabulary(self):
    workdir = self.create_tempdir().full_path
    config = small_config()
    config.num_steps = 1
    self._train(config, workdir)
    manifest = pathlib.Path(workdir, "manifest.json")
    text = manifest.read_text().replace(
        toy.VOCABULARY.fingerprint, "0" * 16
    )
    manifest.write_text(text)
    with self.assertRaisesRegex(base.VocabularyError, "another vocabulary"):
      self._train(config, workdir)


if __name__ == "__main__":
  absltest.main()
