"""Whether the places and kinds that are proposed are those that succeed."""

import chex
import jax
import jax.numpy as jnp
from jepa.losses import masking


def proposal_loss(
    log_p: chex.Array, signals: chex.Array, mask: chex.Array
) -> chex.Array:
  """Mean of `-log p(place, kind)` over the successes of each branch.

  The probabilities are over all places and kinds of the state, not only over
  those of its executed actions: see `models.proposal`.

  Args:
    log_p: of each action, shape `[B, K]`.
    signals: shape `[B, K, S]`; signal 0 is success.
    mask: shape `[B, K]` bool, false where an action was not executed.

  Returns:
    The mean over branches with a success, shape `[]`; zero if there is none.
  """
  chex.assert_equal_shape([log_p, mask])
  is_success = mask & (signals[..., 0] > 0.5)
  count = is_success.sum(axis=-1)  # [B]
  # Of several successes one is enough: the mean of p, not of log p.
  best = jax.nn.logsumexp(
      jnp.where(is_success, log_p, masking.FAR_BELOW), axis=-1
  ) - jnp.log(jnp.maximum(count, 1))
  return masking.masked_mean(-best, count > 0)
