"""Tests of how pairs of edits are ordered in held-out windows."""

from absl.testing import absltest
from jepa import checkpoint
from jepa.evaluation import windows
import numpy as np
from tests import toy
from tests.planning import rank_test


class WindowsTest(absltest.TestCase):

  def test_counts_pairs_until_one_passes(self):
    success = np.array([[0, 0, 1], [0, 1, 1]], bool)
    mask = np.array([[1, 1, 1], [1, 0, 1]], bool)
    best = np.where(success, 1.0, 0.0)
    worst = np.array([[3.0, 2, 1], [2, 99, 0]])
    state = {"best": best, "worst": worst}, success, mask
    nothing = {"best": best, "worst": worst}, success & False, mask
    rows = windows.summarize([state, nothing])
    np.testing.assert_allclose(rows["best"].executions, [1.0])
    np.testing.assert_allclose(rows["worst"].executions, [4.0])
    self.assertEqual((rows["best"].auc, rows["worst"].auc), (1.0, 0.0))
    self.assertEqual(
        windows.to_json(rows)["worst"], {"executions": [4.0], "auc": 0.0}
    )
    self.assertIn("4.00", windows.format_rows(rows))
    with self.assertRaisesRegex(ValueError, "No state"):
      windows.summarize([nothing])

  def test_measures_a_model_on_all_states(self):
    model: checkpoint.Exported = rank_test.make_model(0)
    examples = toy.examples(19, has_pairs=True)
    passes = lambda x: x["outcomes"]["signals"][:, 0]
    rows = windows.measure(model, examples, passes)
    names = {windows.NO_ROLLOUT, windows.ROLLOUT, windows.RANDOM}
    self.assertSetEqual(set(rows), {*names, windows.PRIOR})
    self.assertSetEqual(set(windows.measure(model, examples)), names)
    self.assertAlmostEqual(rows[windows.RANDOM].auc, 0.5)
    for row in rows.values():
      self.assertEqual(row.executions.shape, (19,))
      self.assertBetween(row.auc, 0.0, 1.0)
    # Both orders differ in the second edit alone.
    self.assertFalse(np.allclose(
        rows[windows.ROLLOUT].executions, rows[windows.NO_ROLLOUT].executions
    ))


if __name__ == "__main__":
  absltest.main()
