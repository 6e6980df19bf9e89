"""Heads: what is read off latents. None of them sees a program."""

import chex
from flax import linen as nn
import jax.numpy as jnp

_HINT_SCALE = 8.0  # Its weights have further to go than those of a network.


def _pair(z_t: chex.Array, z_tp1: chex.Array) -> chex.Array:
  """Joins a state with each state after it, shape `[B, K, 3 * D]`."""
  chex.assert_rank([z_t, z_tp1], [2, 3])
  z_t = jnp.broadcast_to(z_t[:, None, :], z_tp1.shape)
  return jnp.concatenate([z_t, z_tp1, z_tp1 - z_t], axis=-1)


class OutcomeHead(nn.Module):
  """What the verifier will say of each next state."""
  num_signals: int
  hidden: int

  @nn.compact
  def __call__(self, z_t: chex.Array, z_tp1: chex.Array) -> chex.Array:
    """Returns logits, shape `[B, K, S]`, of `z_tp1`, shape `[B, K, D]`."""
    h = nn.gelu(nn.Dense(self.hidden)(_pair(z_t, z_tp1)))
    return nn.Dense(self.num_signals)(h)


class HintHead(nn.Module):
  """What the hints of an action add to the logit of its success.

  A linear model beside the deep one (Cheng et al. 2016, "wide and deep").
  """
  num_hints: int

  @nn.compact
  def __call__(self, hints: chex.Array) -> chex.Array:
    """Maps hints `[B, K, H]` to logits `[B, K]`; hint 0 pads."""
    weight = nn.Embed(
        self.num_hints, 1, embedding_init=nn.initializers.zeros
    )(hints)[..., 0]
    return _HINT_SCALE * (weight * (hints > 0)).sum(axis=-1)


class InverseHead(nn.Module):
  """Which kind of action links a state with the next (inverse dynamics)."""
  num_kinds: int
  hidden: int

  @nn.compact
  def __call__(self, z_t: chex.Array, z_tp1: chex.Array) -> chex.Array:
    """Returns logits of the kinds, shape `[B, K, num_kinds]`."""
    h = nn.gelu(nn.Dense(self.hidden)(_pair(z_t, z_tp1)))
    return nn.Dense(self.num_kinds)(h)
