"""Nearness: what the place of a first action says of a second one.

What is predicted after an action is one latent, in which places are hard to
tell apart, and the nodes stay those of the state before it.
"""

import chex
from flax import linen as nn
import jax.numpy as jnp
from jepa.models import attention

_SCALE = 8.0  # Its weights have further to go than those of a network.


class Nearness(nn.Module):
  """What is added to the logit of success of a second action, by distance."""

  @nn.compact
  def __call__(self, first: chex.Array, second: chex.Array) -> chex.Array:
    """Maps sites `[B, 2]` of first and `[B, K, 2]` of second actions: `[B, K]`.
    """
    chex.assert_rank([first, second], [2, 3])
    weight = self.param(
        "distance", nn.initializers.zeros, (attention.DISTANCES,)
    )
    distance = signed_distance(second[..., 0], first[:, :1], first[:, 1:])
    return _SCALE * jnp.asarray(weight)[attention.clip_distance(distance)]


def signed_distance(
    place: chex.Array, start: chex.Array, end: chex.Array
) -> chex.Array:
  """Distance of places to spans `[start, end)`: 0 within, negative before.

  A span that is empty has the place after it at 1 and the one before at -1.
  """
  return jnp.maximum(place - end + 1, 0) - jnp.maximum(start - place, 0)
