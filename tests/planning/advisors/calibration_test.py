"""Tests of how sure advisors may be."""

from absl.testing import absltest
from absl.testing import parameterized
from jepa.planning.advisors import calibration
import numpy as np


def _answers(count, seed=0):
  """Returns scores and whether each answer is right: a known sigmoid."""
  rng = np.random.default_rng(seed)
  scores = rng.normal(size=count) * 3
  return scores, rng.random(count) < 1 / (1 + np.exp(-(2 * scores - 1)))


class CalibrationTest(parameterized.TestCase):

  def test_finds_the_sigmoid_that_made_the_answers(self):
    found = calibration.fit(*_answers(4000))
    self.assertAlmostEqual(found.slope, 2.0, delta=0.2)
    self.assertAlmostEqual(found.offset, -1.0, delta=0.2)

  @parameterized.parameters(0.8, 0.9, 0.97)
  def test_keeps_what_it_promises(self, wanted):
    found = calibration.fit(*_answers(2000), wanted=wanted)
    scores, is_right = _answers(4000, seed=1)
    kept = calibration.assess(
        found.confidence(scores), is_right, found.threshold
    )
    self.assertGreater(kept.accuracy, wanted - 0.03)
    self.assertBetween(kept.coverage, 0.2, 0.9)
    self.assertGreater(kept.accuracy, kept.overall)
    self.assertLess(kept.error, 0.03)

  def test_never_answers_where_scores_say_nothing(self):
    rng = np.random.default_rng(0)
    found = calibration.fit(rng.normal(size=200), rng.random(200) < 0.4)
    confidence = found.confidence([-3.0, 3.0])
    self.assertTrue((confidence < found.threshold).all())

  def test_scores_that_mislead_are_not_turned_around(self):
    scores, is_right = _answers(400)
    found = calibration.fit(-scores, is_right)
    self.assertEqual(found.slope, 0.0)
    low, high = found.confidence([-5.0, 5.0])
    self.assertEqual(low, high)

  def test_answers_that_are_all_right_stay_finite(self):
    found = calibration.fit(np.linspace(0, 1, 20), np.ones(20, bool))
    self.assertBetween(found.confidence(0.5), 0.8, 0.999)


if __name__ == "__main__":
  absltest.main()
