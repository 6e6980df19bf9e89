"""Means and choices over what is there, when some of it is padding."""

import chex
import jax.numpy as jnp

# Finite, so that a softmax over nothing but padding has a gradient.
FAR_BELOW = -1e30


def masked_mean(values: chex.Array, mask: chex.Array) -> chex.Array:
  """Mean of `values` where `mask` holds, shape `[]`; zero if nowhere.

  Under `jax.jit` this is the mean over the global batch: a device with more
  padding weighs less, which the mean of the devices' means would get wrong.

  Args:
    values: any shape.
    mask: bool, the same shape.
  """
  chex.assert_equal_shape([values, mask])
  total = jnp.sum(jnp.where(mask, values, 0))
  return total / jnp.maximum(jnp.sum(mask), 1)
