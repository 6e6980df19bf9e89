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
from jepa.models import attention

_NOWHERE = -1e9


class Joint(nn.Module):
  """A dense layer on each node beside the state that it is of."""
  features: int

  @nn.compact
  def __call__(self, nodes: chex.Array, z: chex.Array) -> chex.Array:
    """Is `Dense([nodes, z])`, shape `[B, N, features]`."""
    width = nodes.shape[-1]
    shape = (width + z.shape[-1], self.features)
    kernel = self.param("kernel", nn.initializers.lecun_normal(), shape)
    bias = self.param("bias", nn.initializers.zeros, (self.features,))
    # By linearity: half of the work, and no joined array.
    of_nodes = nodes.reshape(-1, width) @ kernel[:width]
    of_state = z @ kernel[width:] + bias[None, :]  # [B, features]
    return of_nodes.reshape(*nodes.shape[:2], -1) + of_state[:, None, :]


class ProposalHead(nn.Module):
  """What kind of action each node calls for."""
  num_kinds: int
  hidden: int

  @nn.compact
  def __call__(self, latents: types.Latents) -> chex.Array:
    """Returns log p(place, kind), shape `[B, N, num_kinds]`.

    A place is the node that an action touches first, or stands before.
    """
    h = nn.gelu(
        Joint(self.hidden, name="Dense_0")(latents.nodes, latents.z)
    )
    # Zero-initialised: at first every place is as good as another.
    logits = attention.dense(
        self.num_kinds, h, name="Dense_1", kernel_init=nn.initializers.zeros
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
