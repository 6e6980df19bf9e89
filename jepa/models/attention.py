"""Self-attention over a program's nodes."""

import chex
from flax import linen as nn
import jax
import jax.numpy as jnp

_FAR = 32  # Distances from here on share one bias.
DISTANCES = 2 * _FAR + 1


def clip_distance(distance: chex.Array) -> chex.Array:
  """Returns signed distances as indices below `DISTANCES`."""
  return jnp.clip(distance, -_FAR, _FAR) + _FAR


def near_first(key: chex.PRNGKey, shape: tuple[int, int]) -> chex.Array:
  """Biases that fall off with distance, the steeper the later the head."""
  del key
  num_heads, _ = shape
  # Typed, because a weak type would make the second step compile again.
  slope = jnp.linspace(0.0, 0.4, num_heads, dtype=jnp.float32)
  distance = jnp.abs(jnp.arange(DISTANCES) - _FAR)
  return -slope[:, None] * distance[None, :]


def attend(
    q: chex.Array,
    k: chex.Array,
    v: chex.Array,
    gate: chex.Array,
    is_same: chex.Array,
    mask: chex.Array,
    bias: chex.Array,
) -> chex.Array:
  """Returns what nodes attend to, shape `[B, N, H, D / H]`.

  Args:
    q, k, v: shape `[B, N, H, D / H]`.
    gate: weight of `is_same` for each node, shape `[B, H, N, 1]`.
    is_same: shape `[B, N, N]`.
    mask: false where a node is padding, shape `[B, N]`.
    bias: of each pair of places, shape `[H, N, N]`.
  """
  scores = jnp.einsum("bnhd,bmhd->bhnm", q * q.shape[-1] ** -0.5, k)
  scores += bias[None] + gate * is_same[:, None].astype(q.dtype)
  scores += jnp.where(mask, 0.0, -1e9)[:, None, None, :]
  return jnp.einsum("bhnm,bmhd->bnhd", jax.nn.softmax(scores), v)


def attend_one_by_one(*batched: chex.Array, bias: chex.Array) -> chex.Array:
  """Is `attend`, one program at a time: twice as fast on a CPU.

  Scores of one program stay in the cache, and are computed again for the
  gradient instead of being kept.
  """

  @jax.checkpoint
  def one(arrays):
    return attend(*(x[None] for x in arrays), bias=bias)[0]

  return jax.lax.map(one, batched)


def _is_cached() -> bool:
  # Over several devices the batch is sharded, and a loop would gather it.
  return jax.default_backend() == "cpu" and jax.device_count() == 1


def dense(features: int, x: chex.Array, **kwargs) -> chex.Array:
  """Is `nn.Dense(features)(x)`, over rows of a matrix.

  On a CPU the gradient of the product by a batch of matrices costs 1.7 times
  as much.
  """
  rows = nn.Dense(features, **kwargs)(x.reshape(-1, x.shape[-1]))
  return rows.reshape(*x.shape[:-1], features)


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
    q, k, v = (
        part.reshape(batch_size, num_nodes, self.num_heads, -1)
        for part in jnp.split(dense(3 * width, x), 3, axis=-1)
    )
    near = self.param("distance", near_first, (self.num_heads, DISTANCES))
    place = jnp.arange(num_nodes)
    bias = near[:, clip_distance(place[None, :] - place[:, None])]  # [H, N, N]
    gate = dense(
        self.num_heads,
        x,
        kernel_init=nn.initializers.zeros,
        bias_init=nn.initializers.ones,
    )  # [B, N, H]
    gate = jnp.moveaxis(gate, -1, 1)[..., None]  # [B, H, N, 1]
    one_or_all = attend_one_by_one if _is_cached() else attend
    attended = one_or_all(q, k, v, gate, is_same, mask, bias=bias)
    attended = attended.reshape(batch_size, num_nodes, width)
    return dense(width, attended, kernel_init=nn.initializers.zeros)


class Block(nn.Module):
  """Pre-norm attention and MLP; the identity at initialisation."""
  num_heads: int
  widening: int = 3

  @nn.compact
  def __call__(self, x, mask, is_same):
    """Maps `[B, N, D]` to `[B, N, D]`; arguments as in `Attention`."""
    width = x.shape[-1]
    x += Attention(self.num_heads)(nn.LayerNorm()(x), mask, is_same)
    # On a CPU, relu costs half of what gelu does in this place.
    h = nn.relu(dense(self.widening * width, nn.LayerNorm()(x)))
    return x + dense(width, h, kernel_init=nn.initializers.zeros)
