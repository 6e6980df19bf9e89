"""Tests for `jepa/evaluation/branches.py`, on a model trained on the toy."""

import json

from absl.testing import absltest
import jax
from jepa import checkpoint
from jepa.evaluation import branch_tables
from jepa.evaluation import branches
from tests import step_test
from tests import toy


def _trained():
  config, _, state, batch, step = step_test.compiled()
  for _ in range(150):
    state, _ = step(state, batch, jax.random.key(1))
  manifest = {"config": json.loads(config.to_json_best_effort())}
  return checkpoint.Exported(state.params, toy.VOCABULARY, manifest)


def _examples(count, num_programs):
  examples = toy.examples(count, seed=1)
  for i, example in enumerate(examples):
    example["origin"] = f"program {i % num_programs}"
  return examples


class BranchesTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.exported = _trained()

  def test_a_model_that_uses_the_action_loses_to_no_control(self):
    report = branches.make_report(self.exported, _examples(64, 8))
    self.assertEqual((report.num_branches, report.num_programs), (64, 8))
    self.assertEqual(report.num_actions, 64 * toy.NUM_BINS)
    self.assertEqual(report.mixed, 1.0)
    auc = {name: row.auc.estimate for name, row in report.rows.items()}
    self.assertGreater(auc[branches.MODEL], 0.95)
    for name in ("no_action", branches.STATE_ONLY):
      self.assertEqual(auc[name], 0.5)
    for name in ("shuffled_action", branches.KIND_ONLY, branches.ACTION_ONLY):
      self.assertAlmostEqual(auc[name], 0.5, delta=0.2)
    # Of six bins one holds the ball: the best constant is never to expect it.
    accuracy = report.rows[branches.STATE_ONLY].accuracy
    self.assertAlmostEqual(accuracy, 5 / 6, places=6)
    fixed = report.signals["fixed"]
    self.assertEqual(fixed.count, 64)
    self.assertGreater(fixed.precision, 0.9)
    self.assertGreater(fixed.auc, 0.95)
    self.assertGreater(fixed.within, 0.95)

  def test_what_was_trained_blind_is_judged_blind(self):
    config = {**self.exported.manifest["config"], "control": "no_action"}
    blind = self.exported._replace(manifest={"config": config})
    report = branches.make_report(blind, _examples(16, 2))
    self.assertEqual(report.rows[branches.MODEL].auc.estimate, 0.5)

  def test_reports_what_came_true(self):
    report = branches.make_report(self.exported, _examples(32, 2))
    bins = report.calibration["bins"]
    self.assertEqual(sum(b["count"] for b in bins), report.num_actions)
    self.assertAlmostEqual(
        sum(b["count"] * b["frequency"] for b in bins), 32, places=3
    )
    self.assertAlmostEqual(report.calibration["ece"], report.health["ece"])
    self.assertIn("came true", branch_tables.format_health(report))

  def test_the_last_batch_need_not_be_whole(self):
    """Tests that no branch is dropped, and none counted twice."""
    few = branches.make_report(self.exported, _examples(19, 3))
    self.assertEqual(few.num_branches, 19)
    self.assertEqual(few.num_actions, 19 * toy.NUM_BINS)

  def test_one_program_has_no_interval_and_no_prior(self):
    report = branches.make_report(self.exported, _examples(5, 1))
    self.assertNotIn(branches.KIND_ONLY, report.rows)
    self.assertIn("one program", branch_tables.format_all("toy", report))
    record = json.dumps(branch_tables.to_json(report), allow_nan=False)
    auc = json.loads(record)["rows"][branches.MODEL]["auc"]
    self.assertIsNone(auc["low"])

  def test_tables_name_what_they_show(self):
    report = branches.make_report(self.exported, _examples(24, 4))
    text = branch_tables.format_all("toy", report)
    for name in ("model", "no_action", "fixed", "rank_ratio", "copy_lift"):
      self.assertIn(name, text)
    several = branch_tables.compare(
        {"a": report, "b": report}, {"a": "jepa", "b": "jepa"}
    )
    self.assertIn("jepa, 2 seeds", several)

  def test_needs_something_to_tell_apart(self):
    with self.assertRaisesRegex(ValueError, "no branch"):
      branches.make_report(self.exported, [])
    examples = _examples(4, 2)
    for example in examples:
      example["outcomes"]["signals"][:] = 0.0
    with self.assertRaisesRegex(ValueError, "both a success and a failure"):
      branches.make_report(self.exported, examples)


if __name__ == "__main__":
  absltest.main()
