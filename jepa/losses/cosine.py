"""Cosine similarity whose gradient is finite at the zero vector."""

import chex
from jax import lax
import jax.numpy as jnp

# Squared norms much below this count as zero; latents have about `D`. The
# gradient is at most its inverse root.
_EPSILON = 1e-6


def unit(x: chex.Array) -> chex.Array:
  """Scales vectors, shape `[..., D]`, to norm one; zero stays zero."""
  return x * lax.rsqrt(jnp.sum(x**2, axis=-1, keepdims=True) + _EPSILON)


def similarity(x: chex.Array, y: chex.Array) -> chex.Array:
  """Cosine of the angle between vectors, `[..., D]` twice to `[...]`."""
  chex.assert_equal_shape([x, y])
  return jnp.sum(unit(x) * unit(y), axis=-1)
