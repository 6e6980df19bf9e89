"""Heads: what is read off latents. None of them sees a program."""

import chex
from flax import linen as nn
import jax.numpy as jnp
from jepa.models import embedding

_HINT_SCALE = 8.0  # Its weights have further to go than those of a network.


class Pair(nn.Module):
  """A dense layer on a state, each state after it, and what has changed."""
  features: int

  @nn.compact
  def __call__(self, z_t: chex.Array, z_tp1: chex.Array) -> chex.Array:
    """Is `Dense([z_t, z_tp1, z_tp1 - z_t])`, shape `[B, K, features]`."""
    chex.assert_rank([z_t, z_tp1], [2, 3])
    shape = (3 * z_t.shape[-1], self.features)
    kernel = self.param("kernel", nn.initializers.lecun_normal(), shape)
    bias = self.param("bias", nn.initializers.zeros, (self.features,))
    before, after, change = jnp.split(kernel, 3)
    # By linearity: a third of the work, and no joined array.
    at_t = z_t @ (before - change) + bias[None, :]  # [B, features]
    return at_t[:, None, :] + z_tp1 @ (after + change)


class OutcomeHead(nn.Module):
  """What the verifier will say of each next state."""
  num_signals: int
  hidden: int

  @nn.compact
  def __call__(self, z_t: chex.Array, z_tp1: chex.Array) -> chex.Array:
    """Returns logits, shape `[B, K, S]`, of `z_tp1`, shape `[B, K, D]`."""
    h = nn.gelu(Pair(self.hidden)(z_t, z_tp1))
    return nn.Dense(self.num_signals)(h)


class HintHead(nn.Module):
  """What the hints of an action add to the logit of its success.

  A linear model beside the deep one (Cheng et al. 2016, "wide and deep").
  """
  num_hints: int

  @nn.compact
  def __call__(self, hints: chex.Array) -> chex.Array:
    """Maps hints `[B, K, H]` to logits `[B, K]`; hint 0 pads."""
    weight = embedding.SetEmbedding(
        self.num_hints, 1, nn.initializers.zeros
    )
    return _HINT_SCALE * weight(hints)[..., 0]


class InverseHead(nn.Module):
  """Which kind of action links a state with the next (inverse dynamics)."""
  num_kinds: int
  hidden: int

  @nn.compact
  def __call__(self, z_t: chex.Array, z_tp1: chex.Array) -> chex.Array:
    """Returns logits of the kinds, shape `[B, K, num_kinds]`."""
    h = nn.gelu(Pair(self.hidden)(z_t, z_tp1))
    return nn.Dense(self.num_kinds)(h)
