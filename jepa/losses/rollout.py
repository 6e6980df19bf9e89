"""Whether two actions are judged rightly in the latents predicted after one.

All functions take what was executed of pairs:

  signals: what the verifier said of both actions together, against the state
    before them, in [0, 1], shape `[B, J, K, S]`; signal 0 is success.
  mask: shape `[B, J, K]` bool, false where a pair was not executed.
"""

import chex
import jax.numpy as jnp
from jepa.losses import outcome


def pair_signal_loss(
    logits: chex.Array, signals: chex.Array, mask: chex.Array
) -> chex.Array:
  """Is `outcome.signal_loss` of second actions, after each first one.

  Args:
    logits: of the signals of second actions, shape `[B, J, K, S]`.
    signals, mask: see above.

  Returns:
    The mean over pairs, shape `[]`; zero if there is none.
  """
  chex.assert_rank(logits, 4)
  return outcome.signal_loss(*map(_each_first, (logits, signals, mask)))


def pair_ranking_loss(
    first: chex.Array, logits: chex.Array, signals: chex.Array, mask: chex.Array
) -> chex.Array:
  """Is `outcome.ranking_loss` of all pairs of a state, in one list.

  Pairs are ranked as they are searched: by the sum of what is said of the first
  action in the state, and of the second one in the latents predicted after it.

  Args:
    first: logit of success of each first action, shape `[B, J]`.
    logits: of the signals of second actions, shape `[B, J, K, S]`.
    signals, mask: see above.

  Returns:
    The mean over states with a pair that succeeds and one that fails, shape
    `[]`; zero if there is none.
  """
  chex.assert_rank([first, logits], [2, 4])
  logits = jnp.asarray(logits).at[..., 0].add(first[..., None])
  return outcome.ranking_loss(*map(_one_list, (logits, signals, mask)))


def _each_first(x: chex.Array) -> chex.Array:
  """Joins the axes of states and first actions: `[B * J, K, ...]`."""
  return x.reshape(-1, *x.shape[2:])


def _one_list(x: chex.Array) -> chex.Array:
  """Joins the axes of first and second actions: `[B, J * K, ...]`."""
  return x.reshape(x.shape[0], -1, *x.shape[3:])
