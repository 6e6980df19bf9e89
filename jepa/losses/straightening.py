"""Temporal straightening: latent paths that bend little are easy to plan on."""

import chex
import jax.numpy as jnp
from jepa.losses import cosine
from jepa.losses import masking


def straightening_loss(z: chex.Array, mask: chex.Array) -> chex.Array:
  """Mean bend of latent paths, as in arXiv 2603.12231.

  `1 - cos(z_{t+1} - z_t, z_{t+2} - z_{t+1})`: zero on a straight line, two on a
  path that turns back. A path that stands still counts one: collapse would
  otherwise be the straightest path of all.

  Args:
    z: latents of consecutive states, shape `[B, T, D]`, `T >= 3`.
    mask: shape `[B, T]` bool, false where a state is padding.

  Returns:
    The mean over three states in a row, shape `[]`; zero if there are none.
  """
  chex.assert_rank(z, 3)
  chex.assert_axis_dimension_gteq(z, 1, 3)
  chex.assert_shape(mask, z.shape[:2])
  step = jnp.diff(z, axis=1)  # [B, T - 1, D]
  bend = 1 - cosine.similarity(step[:, :-1], step[:, 1:])  # [B, T - 2]
  is_there = mask[:, :-2] & mask[:, 1:-1] & mask[:, 2:]
  return masking.masked_mean(bend, is_there)
