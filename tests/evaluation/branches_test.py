"""Tests for `jepa/evaluation/branches.py`, on a model trained on the toy."""

import json

from absl.testing import absltest
import jax
from jepa import checkpoint
from jepa.evaluation import branches
from tests import step_test
from tests import toy


class BranchesTest(absltest.TestCase):

  def test_a_model_that_uses_the_action_loses_to_no_control(self):
    config, _, state, batch, step = step_test.compiled()
    for _ in range(150):
      state, _ = step(state, batch, jax.random.key(1))
    manifest = {"config": json.loads(config.to_json_best_effort())}
    exported = checkpoint.Exported(state.params, toy.VOCABULARY, manifest)

    report = branches.make_report(exported, toy.examples(64, seed=1))

    self.assertEqual(report.num_branches, 64)
    self.assertGreater(report.auc["none"], 0.95)
    self.assertEqual(report.auc["no_action"], 0.5)
    self.assertAlmostEqual(report.auc["shuffled_action"], 0.5, delta=0.2)
    self.assertGreater(report.signal_auc["fixed"], 0.95)
    text = branches.format_report(report)
    for name in ("model", "no_action", "rank_ratio", "copy_lift"):
      self.assertIn(name, text)

  def test_needs_a_batch_of_examples(self):
    exported = checkpoint.Exported({}, toy.VOCABULARY, {"config": {}})
    with self.assertRaisesRegex(ValueError, "less than a batch"):
      branches.make_report(exported, toy.examples(3))


if __name__ == "__main__":
  absltest.main()
