"""Sliced SIGReg: how far a batch of latents is from an isotropic Gaussian.

The statistic is that of LeJEPA (Balestriero and LeCun, 2025, arXiv 2511.08544):
along random directions, the Epps-Pulley distance between the empirical
characteristic function of the projected batch and that of N(0, 1). With knots
`t_k = k * bound / (K - 1)` and `theta` the projections scaled by the spacing,

  T = B * sum_k w_k [(mean cos(k theta) - phi_k)^2 + (mean sin(k theta))^2]

Three observations make it cheap. The knots are equispaced, so Chebyshev's
recurrence gives every cos(k theta) and sin(k theta) from one pair. The gradient
with respect to `theta` is a trigonometric polynomial whose coefficients are the
means, so Clenshaw's recurrence evaluates it and nothing of size `[B, M, K]` is
ever kept. And slices are independent, so they are taken a chunk at a time,
small enough to stay in the processor's cache.
"""

from collections.abc import Callable
import functools
from typing import NamedTuple

import chex
import jax
from jax import lax
import jax.numpy as jnp
import numpy as np

_CHUNK = 64  # Slices at a time: [1024, 64] floats fit a 1 MB cache.
_UNROLL = 4  # Knots to a loop body; more only compiles slower.


class _Quadrature(NamedTuple):
  """Trapezoid rule over `[-bound, bound]`, folded on its positive half.

  Knot 0 is left out: both characteristic functions are 1 there.

  knots, gaussian, weights: `[K - 1]` float32.
  spacing: the distance between knots.
  """
  knots: np.ndarray
  gaussian: np.ndarray
  weights: np.ndarray
  spacing: float


def _make_quadrature(num_knots: int, bound: float) -> _Quadrature:
  if num_knots < 2 or bound <= 0:
    raise ValueError(
        f"SIGReg needs num_knots >= 2 and bound > 0, not {num_knots}, {bound}."
    )
  knots = np.linspace(0.0, bound, num_knots)[1:]
  spacing = bound / (num_knots - 1)
  gaussian = np.exp(-0.5 * knots**2)
  weights = 2 * spacing * gaussian
  weights[-1] /= 2
  as_float32 = [x.astype(np.float32) for x in (knots, gaussian, weights)]
  return _Quadrature(*as_float32, spacing)


def null_floor(num_knots: int = 17, bound: float = 3.0) -> float:
  """Returns the statistic's expectation for Gaussian latents, of any shape."""
  quadrature = _make_quadrature(num_knots, bound)
  return float(np.sum(quadrature.weights * (1 - quadrature.gaussian**2)))


def collapse_value(num_knots: int = 17, bound: float = 3.0) -> float:
  """Returns the statistic over `B` when every latent is zero."""
  quadrature = _make_quadrature(num_knots, bound)
  return float(np.sum(quadrature.weights * (1 - quadrature.gaussian) ** 2))


NULL_FLOOR = null_floor()  # 1.0525
COLLAPSE_VALUE = collapse_value()  # 0.4020


def unit_directions(
    key: chex.PRNGKey, num_slices: int, width: int
) -> chex.Array:
  """Draws directions uniformly from the sphere, shape `[M, D]` float32."""
  normal = jax.random.normal(key, (num_slices, width), jnp.float32)
  return normal / jnp.linalg.norm(normal, axis=1, keepdims=True)


def sliced_sigreg(
    z: chex.Array,
    key: chex.PRNGKey,
    *,
    num_slices: int = 256,
    num_knots: int = 17,
    bound: float = 3.0,
    mask: chex.Array | None = None,
) -> chex.Array:
  """Sliced Epps-Pulley distance of `z` from an isotropic Gaussian.

  Computed in float32 whatever the type of `z`: the sums lose digits in
  bfloat16. Means are over the global array, so under `jax.jit` with a sharded
  `z` this is the statistic of the whole batch, not of one device's part of it.
  Reverse-mode differentiation only, and once.

  Args:
    z: latents, shape `[B, D]`.
    key: draws the directions; consumed.
    num_slices: number of directions, `M`.
    num_knots: number of quadrature points on `[0, bound]`, `K`.
    bound: the integral runs over `[-bound, bound]`.
    mask: shape `[B]` bool, false where a row is padding and counts neither in
      the means nor in `B`; every row counts if absent.

  Returns:
    The statistic averaged over slices, shape `[]`. It is `NULL_FLOOR` on
    average for Gaussian latents and `COLLAPSE_VALUE * B` if all are zero.
  """
  chex.assert_rank(z, 2)
  mask = jnp.ones(z.shape[:1], bool) if mask is None else mask
  chex.assert_shape(mask, z.shape[:1])
  # Selected, not multiplied: padding may hold anything, NaN included.
  z = jnp.where(mask[:, None], z.astype(jnp.float32), 0.0)
  directions = unit_directions(key, num_slices, z.shape[1])
  return _statistic(
      z, mask.astype(jnp.float32), directions, num_knots, bound
  )


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def _statistic(z, rows, directions, num_knots, bound):
  """Statistic of `z` `[B, D]`; `rows` `[B]` is 1 where a row counts, else 0."""
  quadrature = _make_quadrature(num_knots, bound)

  def of_chunk(chunk):
    gap_cos, gap_sin, _ = _gaps(z, rows, chunk, quadrature)
    return _weigh(gap_cos, gap_sin, quadrature)

  total = _sum_over_chunks(of_chunk, directions)
  return rows.sum() * total / len(directions)


def _statistic_fwd(z, rows, directions, num_knots, bound):
  """Also returns the gradient: cheapest while a chunk is in the cache."""
  quadrature = _make_quadrature(num_knots, bound)
  # The statistic's B and the means' 1 / B cancel.
  slopes = (2 * quadrature.weights * quadrature.knots)[:, None]

  def of_chunk(chunk):
    gap_cos, gap_sin, theta = _gaps(z, rows, chunk, quadrature)
    slope = _trigonometric_sum(slopes * gap_sin, -slopes * gap_cos, *theta)
    dz = jnp.matmul(slope, chunk, precision=lax.Precision.HIGHEST)
    return _weigh(gap_cos, gap_sin, quadrature), dz

  total, dz = _sum_over_chunks(of_chunk, directions)
  scale = 1 / len(directions)
  return rows.sum() * total * scale, dz * rows[:, None] * scale


def _statistic_bwd(num_knots, bound, dz, cotangent):
  del num_knots, bound
  return cotangent * dz, None, None


_statistic.defvjp(_statistic_fwd, _statistic_bwd)


def _sum_over_chunks(
    f: Callable[[chex.Array], chex.ArrayTree], directions: chex.Array
) -> chex.ArrayTree:
  """Sums `f(chunk)` over chunks `[_CHUNK, D]` of the directions `[M, D]`."""
  num_slices, width = directions.shape
  rest = num_slices % _CHUNK
  # What does not fill a chunk comes first: empty or not, it begins the sum.
  init = f(directions[:rest])
  chunks = directions[rest:].reshape(num_slices // _CHUNK, _CHUNK, width)
  add = lambda total, chunk: (jax.tree.map(jnp.add, total, f(chunk)), None)
  return lax.scan(add, init, chunks)[0]


def _gaps(z, rows, directions, quadrature):
  """Gaps between the characteristic functions, and what they came from.

  Returns:
    Gap of the real parts and of the imaginary parts, shape `[K - 1, M]`, and
    the pair of the cosine and sine of `theta`, shape `[B, M]`.
  """
  projected = jnp.matmul(z, directions.T, precision=lax.Precision.HIGHEST)
  theta = quadrature.spacing * projected  # [B, M]
  cos, sin = jnp.cos(theta), jnp.sin(theta)
  twice = 2 * cos
  count = jnp.maximum(rows.sum(), 1.0)
  # The recurrences are linear, so a row that starts at zero stays there: the
  # mask costs nothing.
  rows = jnp.broadcast_to(rows[:, None], theta.shape)

  def advance(carry, _):
    cos_km1, cos_k, sin_km1, sin_k = carry
    sums = cos_k.sum(axis=0), sin_k.sum(axis=0)
    cos_kp1 = twice * cos_k - cos_km1
    sin_kp1 = twice * sin_k - sin_km1
    return (cos_k, cos_kp1, sin_k, sin_kp1), sums

  init = rows, rows * cos, jnp.zeros_like(theta), rows * sin
  num = len(quadrature.knots)
  _, (cos_sums, sin_sums) = lax.scan(
      advance, init, length=num, unroll=min(_UNROLL, num)
  )  # [K - 1, M]
  gap_cos = cos_sums / count - quadrature.gaussian[:, None]
  return gap_cos, sin_sums / count, (cos, sin)


def _weigh(gap_cos, gap_sin, quadrature):
  """Integrates the squared gaps `[K - 1, M]` and sums over slices, to `[]`."""
  return jnp.sum(quadrature.weights[:, None] * (gap_cos**2 + gap_sin**2))


def _trigonometric_sum(cos_coefs, sin_coefs, cos, sin):
  """Returns `sum_k a_k cos(k theta) + b_k sin(k theta)`, by Clenshaw.

  Args:
    cos_coefs: `a`, shape `[K - 1, M]`.
    sin_coefs: `b`, shape `[K - 1, M]`.
    cos: cosine of `theta`, shape `[B, M]`.
    sin: sine of `theta`, shape `[B, M]`.
  """
  twice = 2 * cos
  a_k = a_kp1 = b_k = b_kp1 = jnp.zeros_like(cos)
  for a, b in zip(cos_coefs[::-1], sin_coefs[::-1], strict=True):
    a_k, a_kp1 = a[None, :] + twice * a_k - a_kp1, a_k
    b_k, b_kp1 = b[None, :] + twice * b_k - b_kp1, b_k
  return a_k * cos - a_kp1 + b_k * sin
