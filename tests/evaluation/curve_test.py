"""Tests for `jepa/evaluation/curve.py`."""

from absl.testing import absltest
from jepa import stats
from jepa.evaluation import curve
import numpy as np
from tests import toy

_SMALL, _LARGE = curve.Size(4, 24), curve.Size(9, 54)


def make_run(arm, size, seed, executions, aucs=None, **health):
  aucs = None if aucs is None else np.array(aucs)
  return curve.Run(arm, size, seed, np.array(executions, float), aucs, health)


class CurveTest(absltest.TestCase):

  def test_averages_seeds_before_it_compares_cases(self):
    runs = [
        make_run("jepa", _SMALL, 0, [1, 8, 2], [0.5, 0.9], rank_ratio=0.25),
        make_run("jepa", _SMALL, 1, [4, 2, 2], [0.7, 0.9], rank_ratio=0.5),
        make_run("plain", _SMALL, 0, [4, 8, 6], [0.5, 0.5]),
        make_run("plain", _SMALL, 1, [4, 8, 6], [0.5, 0.7]),
    ]
    jepa, plain = curve.summarize(runs, "plain")
    own, other = np.array([2, 4, 2]), np.array([4, 8, 6])
    self.assertAlmostEqual(jepa.geometric_mean, 16 ** (1 / 3))
    self.assertAlmostEqual(jepa.least, 16 ** (1 / 3))
    np.testing.assert_allclose(jepa.ratio, stats.paired_ratio(own, other))
    self.assertAlmostEqual(jepa.auc, 0.75)
    np.testing.assert_allclose(
        jepa.auc_gain, stats.paired_difference([0.6, 0.9], [0.5, 0.6])
    )
    self.assertEqual((jepa.num_seeds, plain.num_seeds), (2, 2))
    self.assertIsNone(plain.ratio)
    self.assertIsNone(plain.auc_gain)
    self.assertEqual((jepa.health, plain.health), ({"rank_ratio": 0.375}, {}))
    self.assertIn(" 0.38 ", curve.format_curve([jepa, plain], "plain"))

  def test_goes_by_size_and_compares_within_one(self):
    runs = [
        make_run("jepa", _LARGE, 0, [1, 1]),
        make_run("linear", _SMALL, 0, [2, 2]),
        make_run("plain", _LARGE, 0, [3, 3]),
        make_run("jepa", _SMALL, 0, [4, 4]),
    ]
    points = curve.summarize(runs, "plain")
    self.assertEqual(
        [(p.size, p.arm) for p in points],
        [(_SMALL, "jepa"), (_SMALL, "linear"), (_LARGE, "jepa"),
         (_LARGE, "plain")],
    )
    self.assertIsNone(points[0].ratio)
    self.assertAlmostEqual(points[2].ratio.estimate, 1 / 3)
    text = curve.format_curve(points, "plain")
    self.assertLen(text.splitlines(), 3 + len(points))
    found = curve.to_json(points)
    self.assertEqual(found[0]["size"], {"num_states": 4, "num_branches": 24})
    self.assertAlmostEqual(found[2]["ratio"]["estimate"], 1 / 3)
    self.assertIsNone(found[0]["auc"])

  def test_refuses_other_cases(self):
    runs = [
        make_run("jepa", _SMALL, 0, [1, 1]),
        make_run("plain", _SMALL, 0, [1, 1, 1]),
    ]
    with self.assertRaisesRegex(ValueError, "of one length"):
      curve.summarize(runs, "plain")

  def test_counts_what_was_executed(self):
    self.assertEqual(
        curve.count(toy.examples(5)), curve.Size(5, 5 * toy.NUM_BINS)
    )


if __name__ == "__main__":
  absltest.main()
