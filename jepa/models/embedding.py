"""Embeddings of sets: what a symbol is made of, what an action's hints say."""

import chex
from flax import linen as nn
import jax.numpy as jnp


class SetEmbedding(nn.Module):
  """The sum of its members' embeddings; 0 pads.

  num_members: how many there may be, 0 among them.
  width: of an embedding, `D`.
  """
  num_members: int
  width: int
  embedding_init: nn.initializers.Initializer

  @nn.compact
  def __call__(self, members: chex.Array) -> chex.Array:
    """Maps members `[..., G]` to sums `[..., D]`."""
    shape = (self.num_members, self.width)
    table = self.param("embedding", self.embedding_init, shape)
    # Ten times as fast on a CPU as to mask what was looked up.
    return jnp.asarray(table).at[0].set(0.0)[members].sum(axis=-2)
