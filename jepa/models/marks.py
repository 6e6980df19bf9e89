"""Marks: where an action took place, told to the nodes of the state before it.

What is predicted after an action is one latent, and the nodes stay those of the
state before. With marks they also say how far they are from what was changed.
"""

import chex
from flax import linen as nn
import jax.numpy as jnp
from jepa.models import attention


class Marks(nn.Module):
  """Adds to each node what its distance to an action's site says."""

  @nn.compact
  def __call__(self, nodes: chex.Array, site: chex.Array) -> chex.Array:
    """Marks `nodes`, shape `[B, N, D]`, by sites, shape `[B, 2]`."""
    chex.assert_rank([nodes, site], [3, 2])
    # Zero-initialised: at first nodes are what they were.
    table = self.param(
        "distance", nn.initializers.zeros,
        (attention.DISTANCES, nodes.shape[-1]),
    )
    start, end = site[:, :1], site[:, 1:]
    return nodes + jnp.asarray(table)[attention.clip_distance(
        signed_distance(jnp.arange(nodes.shape[1])[None], start, end)
    )]


def signed_distance(
    place: chex.Array, start: chex.Array, end: chex.Array
) -> chex.Array:
  """Distance of places to spans `[start, end)`: 0 within, negative before.

  A span that is empty has the place after it at 1 and the one before at -1.
  """
  return jnp.maximum(place - end + 1, 0) - jnp.maximum(start - place, 0)
