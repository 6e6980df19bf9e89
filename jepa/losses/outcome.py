"""What the verifier will say of each action, signal by signal and by rank.

All three functions take the same arrays:

  logits: predicted logit of each signal, shape `[B, K, S]`.
  signals: what the verifier said, in [0, 1], shape `[B, K, S]`; signal 0 is
    success.
  mask: shape `[B, K]` bool, false where an action was not executed.
"""

import chex
import jax
import jax.numpy as jnp
from jepa.losses import masking
import optax


def signal_loss(
    logits: chex.Array, signals: chex.Array, mask: chex.Array
) -> chex.Array:
  """Sigmoid cross-entropy, mean over signals and executed actions, `[]`."""
  _check(logits, signals, mask)
  loss = optax.sigmoid_binary_cross_entropy(logits, signals)
  return masking.masked_mean(loss.mean(axis=-1), mask)


def ranking_loss(
    logits: chex.Array, signals: chex.Array, mask: chex.Array
) -> chex.Array:
  """Listwise cross-entropy of success within each branch.

  `-log sum_{k succeeds} softmax(logits)_k`: the probability that the action
  drawn from the branch is one that works. It rewards putting one success
  first, which is what an engine that executes in order needs, and not the
  calibration that `signal_loss` is for.

  Returns:
    The mean over branches that have both a success and a failure, shape `[]`;
    zero if there is none.
  """
  _check(logits, signals, mask)
  is_success = mask & (signals[:, :, 0] > 0.5)  # [B, K]
  is_failure = mask & ~is_success
  log_sum = lambda where: jax.nn.logsumexp(
      jnp.where(where, logits[:, :, 0], masking.FAR_BELOW), axis=-1
  )
  has_both = is_success.any(axis=-1) & is_failure.any(axis=-1)
  return masking.masked_mean(log_sum(mask) - log_sum(is_success), has_both)


def brier_score(
    logits: chex.Array, signals: chex.Array, mask: chex.Array
) -> chex.Array:
  """Mean squared error of the probabilities, as Brier (1950), `[]`."""
  _check(logits, signals, mask)
  loss = (jax.nn.sigmoid(logits) - signals) ** 2
  return masking.masked_mean(loss.mean(axis=-1), mask)


def _check(logits, signals, mask):
  chex.assert_rank(logits, 3)
  chex.assert_equal_shape([logits, signals])
  chex.assert_shape(mask, logits.shape[:2])
