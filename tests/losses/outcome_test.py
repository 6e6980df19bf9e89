"""Tests for `jepa/losses/outcome.py`."""

from absl.testing import absltest
from absl.testing import parameterized
import chex
import jax
from jepa.losses import outcome
import numpy as np

# Each gives the loss and its gradient.
_signal_loss, _ranking_loss, _brier_score = _LOSSES = tuple(
    jax.jit(jax.value_and_grad(f))
    for f in (outcome.signal_loss, outcome.ranking_loss, outcome.brier_score)
)


def make_batch(seed=0, size=16, num_actions=5, num_signals=3):
  rng = np.random.default_rng(seed)
  shape = (size, num_actions, num_signals)
  logits = np.float32(rng.normal(scale=2, size=shape))
  signals = np.float32(rng.random(shape))
  signals[:, :, 0] = rng.random((size, num_actions)) < 0.3
  return logits, signals, rng.random((size, num_actions)) < 0.7


def numpy_signal_loss(logits, signals, mask):
  """The definition: minus the log-likelihood, over executed actions."""
  p = 1 / (1 + np.exp(-np.float64(logits[mask])))
  y = signals[mask]
  return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def numpy_ranking_loss(logits, signals, mask):
  """The definition: one branch after another."""
  losses = []
  for x, y, m in zip(np.float64(logits[..., 0]), signals[..., 0], mask):
    x, y = x[m], y[m] == 1
    if y.any() and not y.all():
      losses.append(-np.log(np.exp(x[y]).sum() / np.exp(x).sum()))
  return np.mean(losses)


def numpy_brier_score(logits, signals, mask):
  p = 1 / (1 + np.exp(-np.float64(logits[mask])))
  return np.mean((p - signals[mask]) ** 2)


class OutcomeTest(parameterized.TestCase):

  @parameterized.parameters(
      (_signal_loss, numpy_signal_loss),
      (_ranking_loss, numpy_ranking_loss),
      (_brier_score, numpy_brier_score),
  )
  def test_matches_numpy(self, loss, definition):
    batch = make_batch()
    actual, _ = loss(*batch)
    np.testing.assert_allclose(actual, definition(*batch), rtol=1e-5)

  @parameterized.parameters(*_LOSSES)
  def test_padding_changes_nothing(self, loss):
    logits, signals, mask = make_batch()
    chex.assert_trees_all_close(
        loss(logits, signals, mask),
        loss(
            np.where(mask[..., None], logits, 1e4),
            np.where(mask[..., None], signals, 1.0),
            mask,
        ),
        rtol=1e-6,
    )

  @parameterized.parameters(*_LOSSES)
  def test_nothing_executed_is_zero(self, loss):
    logits, signals, mask = make_batch()
    value, gradient = loss(logits, signals, mask & False)
    self.assertEqual(value, 0.0)
    np.testing.assert_array_equal(gradient, np.zeros_like(logits))

  @parameterized.product(loss=_LOSSES, logit=[-1e3, 0.0, 1e3])
  def test_is_finite_for_certain_predictions(self, loss, logit):
    logits, signals, mask = make_batch()
    chex.assert_tree_all_finite(
        loss(np.full_like(logits, logit), signals, mask)
    )

  @parameterized.parameters(0.0, 1.0)
  def test_ranking_learns_nothing_from_branches_of_one_kind(self, success):
    logits, signals, mask = make_batch()
    signals[:, :, 0] = success
    value, gradient = _ranking_loss(logits, signals, mask)
    self.assertEqual(value, 0.0)
    np.testing.assert_array_equal(gradient, np.zeros_like(logits))

  def test_ranking_of_a_single_success_is_cross_entropy(self):
    logits, signals, mask = make_batch()
    signals[:, :, 0], mask[:] = np.eye(5)[2][None, :], True
    expected = -jax.nn.log_softmax(logits[:, :, 0])[:, 2].mean()
    actual, _ = _ranking_loss(logits, signals, mask)
    np.testing.assert_allclose(actual, expected, rtol=1e-6)

  def test_rejects_signals_without_their_axis(self):
    logits, signals, mask = make_batch()
    with self.assertRaises(AssertionError):
      outcome.signal_loss(logits[:, :, 0], signals[:, :, 0], mask)


if __name__ == "__main__":
  absltest.main()
