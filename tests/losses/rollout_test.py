"""Tests for `jepa/losses/rollout.py`."""

from absl.testing import absltest
import chex
import jax
from jepa.losses import rollout
import numpy as np
from tests.losses import outcome_test


def _make_batch():
  """Returns logits of first actions, and what is said of pairs."""
  batch = outcome_test.make_batch(size=12, num_actions=10)
  pairs = [x.reshape(12, 2, 5, *x.shape[2:]) for x in batch]
  first = np.random.default_rng(1).normal(size=(12, 2))
  return np.float32(first), *pairs


class RolloutTest(absltest.TestCase):

  def test_signals_are_those_of_every_pair(self):
    _, logits, signals, mask = _make_batch()
    np.testing.assert_allclose(
        rollout.pair_signal_loss(logits, signals, mask),
        outcome_test.numpy_signal_loss(logits, signals, mask), rtol=1e-5,
    )

  def test_ranks_all_pairs_of_a_state_by_the_sum_of_both_actions(self):
    first, logits, signals, mask = _make_batch()
    losses = []
    for f, x, y, m in zip(first, logits[..., 0], signals[..., 0], mask):
      scores = np.float64(f[:, None] + x)[m]
      success = y[m] == 1
      if success.any() and not success.all():
        p = np.exp(scores) / np.exp(scores).sum()
        losses.append(-np.log(p[success].sum()))
    np.testing.assert_allclose(
        rollout.pair_ranking_loss(first, logits, signals, mask),
        np.mean(losses), rtol=1e-5,
    )

  def test_is_zero_where_no_pair_was_executed(self):
    first, logits, signals, mask = _make_batch()

    def both(first, logits):
      return rollout.pair_signal_loss(
          logits, signals, mask & False
      ) + rollout.pair_ranking_loss(first, logits, signals, mask & False)

    value, gradients = jax.value_and_grad(both, argnums=(0, 1))(first, logits)
    self.assertEqual(value, 0.0)
    chex.assert_trees_all_equal(
        gradients, jax.tree.map(np.zeros_like, gradients)
    )

  def test_rejects_signals_of_single_actions(self):
    first, logits, signals, mask = _make_batch()
    with self.assertRaises(AssertionError):
      rollout.pair_signal_loss(logits[:, 0], signals[:, 0], mask[:, 0])
    with self.assertRaises(AssertionError):
      rollout.pair_ranking_loss(first[:, 0], logits, signals, mask)


if __name__ == "__main__":
  absltest.main()
