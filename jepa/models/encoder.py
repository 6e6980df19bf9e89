"""Encoder: from an observed program to its latents, once a state."""

from collections.abc import Sequence

import chex
from flax import linen as nn
import jax.numpy as jnp
from jepa import types
from jepa.models import attention
from jepa.models import embedding

_embedding_init = nn.initializers.normal(0.1)


class Readout(nn.Module):
  """Pools nodes into one latent through learned queries."""
  num_queries: int
  width: int

  @nn.compact
  def __call__(self, nodes: chex.Array, mask: chex.Array) -> chex.Array:
    """Maps nodes `[B, N, D]` and mask `[B, N]` to `z`, shape `[B, D]`."""
    scores = nn.Dense(self.num_queries)(nodes)  # [B, N, Q]
    scores = jnp.where(mask[..., None], scores, -1e9)
    pooled = jnp.einsum("bnq,bnd->bqd", nn.softmax(scores, axis=1), nodes)
    return nn.Dense(self.width)(pooled.reshape(nodes.shape[0], -1))


class Encoder(nn.Module):
  """Encodes programs; with `depth=0`, a bag of nodes.

  width: of every latent, `D`.
  depth, num_heads: of the transformer.
  num_queries: of the readout.
  num_hashes, feature_sizes: of the world's vocabulary.
  """
  width: int
  depth: int
  num_heads: int
  num_queries: int
  num_hashes: int
  feature_sizes: Sequence[int]

  @nn.compact
  def __call__(self, program: types.Program) -> types.Latents:
    """Returns the latents of `program`; see `types.Latents` for shapes."""
    chex.assert_rank(
        [program.symbols, program.nodes, program.mask], [3, 3, 2]
    )
    symbol, mask = program.nodes[..., 0], program.mask
    symbols = embedding.SetEmbedding(
        self.num_hashes, self.width, _embedding_init, name="symbols"
    )(program.symbols)  # [B, U, D]
    x = jnp.take_along_axis(symbols, symbol[..., None], axis=1)  # [B, N, D]
    for i, size in enumerate(self.feature_sizes):
      embed = nn.Embed(size, self.width, embedding_init=_embedding_init)
      x += embed(program.nodes[..., 1 + i])
    is_same = symbol[:, :, None] == symbol[:, None, :]  # [B, N, N]
    for _ in range(self.depth):
      x = attention.Block(self.num_heads)(x, mask, is_same)
    x = nn.LayerNorm()(x) * mask[..., None]
    return types.Latents(
        z=Readout(self.num_queries, self.width)(x, mask),
        nodes=x,
        rows=symbol,
        symbols=jnp.concatenate(
            [symbols, *_uses(x, symbol, mask, symbols.shape[1])], axis=-1
        ),
        mask=mask,
    )


def _uses(x, symbol, mask, num_symbols):
  """Averages nodes `[B, N, D]` by symbol.

  Returns:
    The means, shape `[B, U, D]`, zero for symbols that no node says; and
    whether a node says them, shape `[B, U, 1]`.
  """
  is_use = symbol[:, None, :] == jnp.arange(num_symbols)[None, :, None]
  is_use = (is_use & mask[:, None, :]).astype(x.dtype)  # [B, U, N]
  count = is_use.sum(axis=-1, keepdims=True)
  return (is_use @ x) / jnp.maximum(count, 1.0), jnp.minimum(count, 1.0)
