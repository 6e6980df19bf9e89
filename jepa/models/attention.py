"""Self-attention over a program's nodes."""

import chex
from flax import linen as nn
import jax
import jax.numpy as jnp

_FAR = 32  # Distances from here on share one bias.


def relative_positions(num_nodes: int) -> chex.Array:
  """Returns clipped, shifted distances in `[0, 2 * _FAR]`, shape `[N, N]`."""
  position = jnp.arange(num_nodes)
  distance = position[None, :] - position[:, None]
  return jnp.clip(distance, -_FAR, _FAR) + _FAR


def _near_first(key, shape):
  """Biases that fall off with distance, the steeper the later the head."""
  del key
  num_heads, _ = shape
  # Typed, because a weak type would make the second step compile again.
  slope = jnp.linspace(0.0, 0.4, num_heads, dtype=jnp.float32)
  distance = jnp.abs(jnp.arange(2 * _FAR + 1) - _FAR)
  return -slope[:, None] * distance[None, :]


class Attention(nn.Module):
  """Multi-head attention that knows distance and sameness.

  Each head has a bias for every clipped distance (so programs of any length
  will do), and a gated bias for pairs of nodes with the same symbol, which is
  how the uses of one name find each other.
  """
  num_heads: int

  @nn.compact
  def __call__(
      self, x: chex.Array, mask: chex.Array, is_same: chex.Array
  ) -> chex.Array:
    """Returns what each node attends to, shape `[B, N, D]`.

    Args:
      x: nodes, shape `[B, N, D]`.
      mask: false where a node is padding, shape `[B, N]`.
      is_same: whether two nodes have the same symbol, shape `[B, N, N]`.
    """
    batch_size, num_nodes, width = x.shape
    heads = (batch_size, num_nodes, 3, self.num_heads, -1)
    q, k, v = jnp.moveaxis(nn.Dense(3 * width)(x).reshape(heads), 2, 0)
    bias = self.param(
        "distance", _near_first, (self.num_heads, 2 * _FAR + 1)
    )[:, relative_positions(num_nodes)]  # [H, N, N]
    gate = nn.Dense(
        self.num_heads,
        kernel_init=nn.initializers.zeros,
        bias_init=nn.initializers.ones,
    )(x)  # [B, N, H]
    gate = jnp.moveaxis(gate, -1, 1)[..., None]  # [B, H, N, 1]
    scores = jnp.einsum("bnhd,bmhd->bhnm", q, k) / jnp.sqrt(q.shape[-1])
    scores += bias[None] + gate * is_same[:, None]
    scores = jnp.where(mask[:, None, None, :], scores, -1e9)
    attended = jnp.einsum("bhnm,bmhd->bnhd", jax.nn.softmax(scores), v)
    attended = attended.reshape(batch_size, num_nodes, width)
    return nn.Dense(width, kernel_init=nn.initializers.zeros)(attended)


class Block(nn.Module):
  """Pre-norm attention and MLP; the identity at initialisation."""
  num_heads: int
  widening: int = 3

  @nn.compact
  def __call__(self, x, mask, is_same):
    """Maps `[B, N, D]` to `[B, N, D]`; arguments as in `Attention`."""
    width = x.shape[-1]
    x += Attention(self.num_heads)(nn.LayerNorm()(x), mask, is_same)
    h = nn.gelu(nn.Dense(self.widening * width)(nn.LayerNorm()(x)))
    return x + nn.Dense(width, kernel_init=nn.initializers.zeros)(h)
