"""Outcomes that nobody told, read off the states that followed.

A state after an action shows whether tests still fail. A head that learned to
read this from few labelled states labels the followed actions of all others, in
the manner of pseudo-labels (Lee, 2013) with a threshold (FixMatch, Sohn et al.,
2020).
"""

import chex
import jax
import jax.numpy as jnp
from jepa import types

# A chance of success nearer than this to neither 0 nor 1 is not believed.
_DOUBT = 0.1


def believed_outcomes(
    outcomes: types.Outcome,
    read: chex.Array,
    next_action: chex.Array,
    next_mask: chex.Array,
) -> types.Outcome:
  """Adds what is read off next states to what the verifier said.

  Args:
    outcomes: what was told; it is never changed.
    read: logits of the signals of each next state, shape `[B, J, S]`.
    next_action: which candidate led to it, shape `[B, J]` int.
    next_mask: shape `[B, J]` bool, false where there is no such state.

  Returns:
    Outcomes whose mask holds where something was told, or success or failure
    was read with confidence. No gradient passes.
  """
  chance = jax.lax.stop_gradient(jax.nn.sigmoid(read))
  success = chance[..., 0]
  is_sure = next_mask & ((success < _DOUBT) | (success > 1 - _DOUBT))
  num_actions = outcomes.mask.shape[1]
  leads = jax.nn.one_hot(next_action, num_actions) * is_sure[..., None]
  signals = jnp.einsum("bjk,bjs->bks", leads, chance)
  told = outcomes.mask
  return types.Outcome(
      jnp.where(told[..., None], outcomes.signals, jnp.clip(signals, 0, 1)),
      told | (leads.sum(axis=1) > 0),
  )
