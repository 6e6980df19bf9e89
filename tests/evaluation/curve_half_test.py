"""Tests for `jepa/evaluation/curve_half.py`."""

from absl.testing import absltest
from jepa.evaluation import curve
from jepa.evaluation import curve_half
import numpy as np
from tests.evaluation.curve_test import make_run

_SIZES = [curve.Size(n, 32 * n) for n in (4, 16, 64)]


class CurveHalfTest(absltest.TestCase):

  def test_averages_cases_over_the_smaller_sizes(self):
    runs = [
        make_run("jepa", _SIZES[0], 0, [8, 2], [0.5, 0.7], rank_ratio=0.25),
        make_run("jepa", _SIZES[1], 0, [2, 2], [0.7, 0.9], rank_ratio=0.5),
        make_run("jepa", _SIZES[2], 0, [1, 1], [1.0, 1.0], rank_ratio=1.0),
        make_run("linear", _SIZES[0], 0, [9, 4]),
        make_run("linear", _SIZES[1], 0, [4, 9]),
        make_run("linear", _SIZES[2], 0, [1, 1]),
    ]
    jepa, linear = curve_half.merge_low(runs)
    self.assertEqual((jepa.arm, jepa.size), ("jepa", _SIZES[1]))
    np.testing.assert_allclose(jepa.executions, [4, 2])
    np.testing.assert_allclose(jepa.aucs, [0.6, 0.8])
    self.assertEqual(jepa.health, {"rank_ratio": 0.375})
    np.testing.assert_allclose(linear.executions, [6, 6])
    self.assertIsNone(linear.aucs)

  def test_leaves_out_what_was_not_measured_at_every_small_size(self):
    runs = [
        make_run("jepa", _SIZES[0], 0, [8, 2]),
        make_run("jepa", _SIZES[0], 1, [8, 2]),
        make_run("jepa", _SIZES[1], 1, [2, 2]),
        make_run("jepa", _SIZES[2], 0, [1, 1]),
    ]
    (merged,) = curve_half.merge_low(runs)
    self.assertEqual(merged.seed, 1)


if __name__ == "__main__":
  absltest.main()
