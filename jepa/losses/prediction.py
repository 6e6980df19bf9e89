"""Distance between the latents predicted and the latents observed."""

from collections.abc import Callable, Mapping
import types

import chex
import jax.numpy as jnp
from jepa.losses import cosine
from jepa.losses import masking
import optax

# Each takes `[B, J, D]` twice to `[B, J]`. Means over `D`, not sums, so that
# the balance against SIGReg, which does not grow with the width, stays put.
DISTANCES: Mapping[str, Callable[[chex.Array, chex.Array], chex.Array]] = (
    types.MappingProxyType({
        "squared": lambda x, y: jnp.mean((x - y) ** 2, axis=-1),
        "smooth_l1": lambda x, y: jnp.mean(optax.huber_loss(x, y), axis=-1),
        "cosine": lambda x, y: 1 - cosine.similarity(x, y),
    })
)


def prediction_loss(
    z_tp1_hat: chex.Array,
    z_tp1: chex.Array,
    mask: chex.Array,
    *,
    distance: str = "squared",
) -> chex.Array:
  """Mean distance of predicted from observed next latents.

  Whether the target is trained too is the caller's choice: gradients are not
  stopped here.

  Args:
    z_tp1_hat: predicted latents, shape `[B, J, D]`.
    z_tp1: observed latents, shape `[B, J, D]`.
    mask: shape `[B, J]` bool, false where no next state was observed.
    distance: one of `DISTANCES`.

  Returns:
    The scalar loss, shape `[]`; zero if nothing was observed.

  Raises:
    ValueError: if `distance` is not known.
  """
  chex.assert_rank(z_tp1_hat, 3)
  chex.assert_equal_shape([z_tp1_hat, z_tp1])
  chex.assert_shape(mask, z_tp1.shape[:2])
  if distance not in DISTANCES:
    raise ValueError(
        f"Unknown distance {distance!r}: choose one of {sorted(DISTANCES)}."
    )
  return masking.masked_mean(DISTANCES[distance](z_tp1_hat, z_tp1), mask)
