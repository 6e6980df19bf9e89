"""Tests for `jepa/stats.py`."""

import itertools
import math

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
from jepa import stats
import numpy as np

# Few distinct scores, so that ties are the rule.
_RESULTS = st.lists(
    st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=6
)


def unzip(results):
  return [score for score, _ in results], [label for _, label in results]


class AucTest(parameterized.TestCase):

  @hypothesis.given(_RESULTS)
  def test_counts_pairs(self, results):
    positives = [s for s, label in results if label]
    negatives = [s for s, label in results if not label]
    if not positives or not negatives:
      with self.assertRaisesRegex(ValueError, "both classes"):
        stats.auc(*unzip(results))
      return
    pairs = itertools.product(positives, negatives)
    wins = [(p > n) + 0.5 * (p == n) for p, n in pairs]
    self.assertAlmostEqual(stats.auc(*unzip(results)), np.mean(wins))

  def test_within_groups_is_blind_to_the_groups_themselves(self):
    """Tests a score that knows the state, and nothing of the action."""
    groups = ["easy"] * 4 + ["hard"] * 4 + ["none"] * 2
    labels = [1, 1, 1, 0, 1, 0, 0, 0, 0, 0]
    scores = [9, 9, 9, 9, 1, 1, 1, 1, 0, 0]
    self.assertGreater(stats.auc(scores, labels), 0.8)
    self.assertEqual(stats.group_auc(scores, labels, groups), (0.5, 2))

  @hypothesis.given(
      st.lists(
          st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 2)),
          min_size=1,
          max_size=12,
      )
  )
  def test_within_groups_averages_groups(self, results):
    areas = []
    for group in range(3):
      members = [(s, label) for s, label, g in results if g == group]
      if len({label for _, label in members}) == 2:
        areas.append(stats.auc(*unzip(members)))
    scores, labels, groups = zip(*results)
    if not areas:
      with self.assertRaisesRegex(ValueError, "groups has both"):
        stats.group_auc(scores, labels, groups)
      return
    actual = stats.group_auc(scores, labels, groups)
    self.assertAlmostEqual(actual.auc, np.mean(areas))
    self.assertEqual(actual.num_groups, len(areas))


class ExpectedExecutionsTest(parameterized.TestCase):

  @hypothesis.settings(deadline=None)
  @hypothesis.given(_RESULTS)
  def test_is_the_mean_over_all_orders_of_ties(self, results):
    if not any(label for _, label in results):
      with self.assertRaisesRegex(ValueError, "None of the"):
        stats.expected_executions(*unzip(results))
      return
    positions = []
    for order in itertools.permutations(results):
      # A stable sort of every order breaks ties in every way, equally often.
      ranked = sorted(order, key=lambda result: -result[0])
      positions.append(1 + [label for _, label in ranked].index(True))
    self.assertAlmostEqual(
        stats.expected_executions(*unzip(results)), np.mean(positions)
    )

  @parameterized.parameters((1, 1, 1), (5, 1, 3), (9, 4, 2))
  def test_at_random(self, num_candidates, num_successes, expected):
    self.assertEqual(
        stats.expected_executions_at_random(num_candidates, num_successes),
        expected,
    )
    labels = np.arange(num_candidates) < num_successes
    self.assertEqual(
        stats.expected_executions(np.zeros(num_candidates), labels), expected
    )

  @parameterized.parameters((3, 0), (3, 4))
  def test_at_random_rejects_impossible_counts(self, num_all, num_successes):
    with self.assertRaisesRegex(ValueError, f"{num_successes} successes"):
      stats.expected_executions_at_random(num_all, num_successes)


class MeansTest(parameterized.TestCase):

  @hypothesis.given(st.lists(st.floats(0.01, 100), min_size=1, max_size=8))
  def test_geometric_mean(self, values):
    expected = math.prod(values) ** (1 / len(values))
    self.assertAlmostEqual(
        stats.geometric_mean(values) / expected, 1.0, places=9
    )

  def test_geometric_mean_rejects_zero(self):
    with self.assertRaisesRegex(ValueError, "least is 0.0"):
      stats.geometric_mean([1.0, 0.0])

  @parameterized.parameters([[]], [[[1.0]]])
  def test_rejects_what_is_no_vector(self, values):
    with self.assertRaisesRegex(ValueError, "non-empty vector"):
      stats.geometric_mean(values)


class IntervalTest(parameterized.TestCase):

  def test_covers_the_truth_as_often_as_it_says(self):
    rng = np.random.default_rng(0)
    hits = 0
    for trial in range(200):
      hard = rng.normal(size=40)  # Shared by both: why pairing helps.
      x, y = hard + 0.3 + 0.5 * rng.normal(size=40), hard
      interval = stats.paired_difference(x, y, num_resamples=200, seed=trial)
      hits += interval.low <= 0.3 <= interval.high
    self.assertBetween(hits / 200, 0.88, 0.99)

  def test_ratio_is_of_geometric_means(self):
    rng = np.random.default_rng(0)
    x, y = np.exp(rng.normal(size=(2, 30)))
    ratio = stats.paired_ratio(x, y)
    expected = stats.geometric_mean(x) / stats.geometric_mean(y)
    self.assertAlmostEqual(ratio.estimate, expected)
    difference = stats.paired_difference(np.log(x), np.log(y))
    np.testing.assert_allclose(np.log(ratio), difference, rtol=1e-9)
    self.assertLess(ratio.low, ratio.estimate)
    self.assertLess(ratio.estimate, ratio.high)

  def test_of_a_constant_ratio_is_a_point(self):
    y = np.arange(1.0, 9.0)
    np.testing.assert_allclose(stats.paired_ratio(3 * y, y), (3, 3, 3))

  def test_same_seed_gives_the_same_interval(self):
    x = np.random.default_rng(0).normal(size=20)
    zero = np.zeros(20)
    same = [stats.paired_difference(x, zero, seed=1) for _ in range(2)]
    self.assertEqual(*same)
    self.assertNotEqual(same[0], stats.paired_difference(x, zero, seed=2))

  def test_a_higher_level_is_wider(self):
    x = np.random.default_rng(0).normal(size=20)
    narrow, wide = (
        stats.paired_difference(x, np.zeros(20), level=level)
        for level in (0.5, 0.99)
    )
    self.assertLess(wide.low, narrow.low)
    self.assertGreater(wide.high, narrow.high)

  def test_rejects_what_is_not_paired(self):
    with self.assertRaisesRegex(ValueError, "one length"):
      stats.paired_difference([1.0], [1.0, 2.0])


class ClusteredMeanTest(parameterized.TestCase):

  def test_copies_within_a_cluster_promise_nothing(self):
    x = np.random.default_rng(0).normal(size=30)
    alone = stats.clustered_mean(x, np.arange(30))
    copied = stats.clustered_mean(np.repeat(x, 9), np.repeat(np.arange(30), 9))
    np.testing.assert_allclose(copied, alone)
    naive = stats.clustered_mean(np.repeat(x, 9), np.arange(270))
    self.assertLess(naive.high - naive.low, 0.5 * (alone.high - alone.low))

  def test_covers_the_truth_as_often_as_it_says(self):
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
      shared = np.repeat(rng.normal(size=40), 5)
      found = stats.clustered_mean(
          shared + rng.normal(size=200),
          np.repeat(np.arange(40), 5),
          num_resamples=200,
      )
      hits += found.low <= 0 <= found.high
    self.assertBetween(hits / 200, 0.88, 0.99)

  def test_one_cluster_says_nothing_of_the_next(self):
    self.assertEqual(
        stats.clustered_mean([1.0, 3.0], ["a", "a"]), (2.0, -np.inf, np.inf)
    )


class AveragePrecisionTest(parameterized.TestCase):

  @hypothesis.given(_RESULTS)
  def test_is_the_precision_at_each_positive(self, results):
    scores, labels = unzip(results)
    if not any(labels):
      with self.assertRaisesRegex(ValueError, "positive"):
        stats.average_precision(scores, labels)
      return
    precisions = []
    for threshold, label in results:
      if label:
        chosen = [l for s, l in results if s >= threshold]
        precisions.append(np.mean(chosen))
    self.assertAlmostEqual(
        stats.average_precision(scores, labels), np.mean(precisions)
    )

  def test_of_a_constant_is_the_share_of_positives(self):
    self.assertEqual(stats.average_precision([1] * 4, [1, 0, 0, 0]), 0.25)


class SummarizeSeedsTest(parameterized.TestCase):

  def test_of_three_seeds(self):
    summary = stats.summarize_seeds([1.0, 2.0, 6.0])
    self.assertEqual(summary[:4], (3.0, 2.0, 1.0, 6.0))
    # Student's t of two degrees of freedom has the quantile in closed form.
    t = math.sqrt(2 * 0.95**2 / (1 - 0.95**2))
    half_width = t * math.sqrt(7.0) / math.sqrt(3)
    self.assertAlmostEqual(summary.high - 3.0, half_width, places=3)
    self.assertAlmostEqual(3.0 - summary.low, half_width, places=3)

  def test_one_seed_says_nothing_of_the_next(self):
    summary = stats.summarize_seeds([0.7])
    self.assertEqual((summary.low, summary.high), (-np.inf, np.inf))
    self.assertEqual((summary.mean, summary.num_seeds), (0.7, 1))

  @parameterized.parameters(3, 10, 60)
  def test_covers_the_truth_as_often_as_it_says(self, num_seeds):
    rng = np.random.default_rng(0)
    summaries = [
        stats.summarize_seeds(rng.normal(size=num_seeds)) for _ in range(1000)
    ]
    hits = np.mean([s.low <= 0 <= s.high for s in summaries])
    self.assertBetween(hits, 0.93, 0.975)


if __name__ == "__main__":
  absltest.main()
