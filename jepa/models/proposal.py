"""Proposal: where in a program to act, and how, before any action is seen.

The score of an action factors into p(place, kind) p(action | place, kind). The
first factor is read off every node at once, so that all places of a program
compete, also those whose actions were never executed.
"""

import chex
from flax import linen as nn
import jax
import jax.numpy as jnp
from jepa import types

_NOWHERE = -1e9


class ProposalHead(nn.Module):
  """What kind of action each node calls for."""
  num_kinds: int
  hidden: int

  @nn.compact
  def __call__(self, latents: types.Latents) -> chex.Array:
    """Returns log p(place, kind), shape `[B, N, num_kinds]`.

    A place is the node that an action touches first, or stands before.
    """
    z = jnp.broadcast_to(latents.z[:, None, :], latents.nodes.shape)
    h = nn.Dense(self.hidden)(jnp.concatenate([latents.nodes, z], axis=-1))
    # Zero-initialised: at first every place is as good as another.
    logits = nn.Dense(self.num_kinds, kernel_init=nn.initializers.zeros)(
        nn.gelu(h)
    )
    logits = jnp.where(latents.mask[..., None], logits, _NOWHERE)
    flat = logits.reshape(logits.shape[0], -1)
    return jax.nn.log_softmax(flat, axis=-1).reshape(logits.shape)


def of_actions(proposed: chex.Array, actions: types.Action) -> chex.Array:
  """Looks up log p(place, kind) of actions, shape `[B, K]`."""
  num_nodes, num_kinds = proposed.shape[1:]
  place = jnp.clip(actions.site[..., 0], 0, num_nodes - 1)
  flat = proposed.reshape(proposed.shape[0], -1)
  return jnp.take_along_axis(flat, place * num_kinds + actions.kind, axis=1)
