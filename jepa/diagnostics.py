"""Is the latent space alive, and does the predictor use the action?

Low losses do not say so. Copying the state predicts well when states hardly
change; a collapsed encoder predicts perfectly; lift over copying was .69 in a
published run whose latents had effective rank 2 of 128. So these are reported
together, for the encoder *and* for the predictor, and `alarms` reads them.

Axes here: M, latents gathered over many batches; the others as in `types.py`.
"""

from collections.abc import Mapping, Sequence
import math
from typing import Any, NamedTuple

import chex
import jax
from jax import lax
import jax.numpy as jnp
from jepa.losses import cosine
from jepa.losses import masking
from jepa.losses import sigreg
import numpy as np

_TINY = 1e-12  # Keeps 0 / 0 at zero.
_SAMPLE = 128  # Latents that SIGReg is taken of.
_QUERIES = 256  # Queries at a time: a gallery of 10k needs 10 MB a chunk.


def effective_rank(z: chex.Array, mask: chex.Array | None = None) -> chex.Array:
  """RankMe (Garrido et al., 2023, arXiv 2210.02885) of centred latents.

  The exponential of the entropy of the singular values. Centred, because a
  common offset is one large singular value that says nothing. Blind to scale:
  read it beside `latent_std`.

  Args:
    z: latents, shape `[M, D]`.
    mask: shape `[M]` bool, false where a row is padding; none if absent.

  Returns:
    Between 1 and `D`, shape `[]`; zero if all latents are equal.
  """
  values = jnp.linalg.svd(_centred(z, mask), compute_uv=False)
  p = values / jnp.maximum(jnp.sum(values), _TINY)
  entropy = -jnp.sum(jnp.where(p > 0, p * jnp.log(jnp.maximum(p, _TINY)), 0))
  return jnp.where(values[0] > 0, jnp.exp(entropy), 0.0)


def latent_std(z: chex.Array, mask: chex.Array | None = None) -> chex.Array:
  """Root of the variance averaged over dimensions, `[M, D]` to `[]`."""
  count = z.shape[0] if mask is None else jnp.maximum(jnp.sum(mask), 1)
  return jnp.sqrt(jnp.sum(_centred(z, mask) ** 2) / (count * z.shape[1]))


def sigreg_over_floor(
    z: chex.Array,
    key: chex.PRNGKey,
    *,
    mask: chex.Array | None = None,
    num_slices: int = 1024,
) -> chex.Array:
  """SIGReg in units of what Gaussian latents would give, `[M, D]` to `[]`.

  The statistic of latents that are not Gaussian grows with their number. So
  that sets of any size can be compared, it is the mean over random samples of
  128, where there are so many: one is Gaussian, `0.382 * 128` a point. Of fewer
  it is that of all. Consumes `key`.
  """
  of = lambda z, mask: sigreg.sliced_sigreg(
      z, key, num_slices=num_slices, mask=mask
  )
  z = jnp.asarray(z)
  mask = jnp.ones(len(z), bool) if mask is None else jnp.asarray(mask)
  count = len(z) // _SAMPLE
  if count < 2:
    return of(z, mask) / sigreg.NULL_FLOOR
  order = jax.random.permutation(jax.random.fold_in(key, 1), len(z))
  rows = order[: count * _SAMPLE].reshape(count, _SAMPLE)
  return jnp.mean(lax.map(lambda i: of(z[i], mask[i]), rows)) / (
      sigreg.NULL_FLOOR
  )


class CopyLift(NamedTuple):
  """Cosines to the next latent: of the prediction, of the state, their gap."""
  predicted: chex.Array
  copied: chex.Array
  lift: chex.Array


def copy_lift(
    z_tp1_hat: chex.Array,
    z_tp1: chex.Array,
    z_t: chex.Array,
    mask: chex.Array | None = None,
) -> CopyLift:
  """How much closer than the state itself the prediction is to what follows.

  Args:
    z_tp1_hat: predicted latents, shape `[M, D]`.
    z_tp1: observed next latents, shape `[M, D]`.
    z_t: latents of the states before, shape `[M, D]`.
    mask: shape `[M]` bool, false where a row is padding; none if absent.

  Returns:
    `cos(z_tp1_hat, z_tp1)`, `cos(z_t, z_tp1)` and their difference, each `[]`.
  """
  chex.assert_rank(z_t, 2)
  chex.assert_equal_shape([z_tp1_hat, z_tp1, z_t])
  mask = _all_rows(z_t) if mask is None else mask
  predicted = masking.masked_mean(cosine.similarity(z_tp1_hat, z_tp1), mask)
  copied = masking.masked_mean(cosine.similarity(z_t, z_tp1), mask)
  return CopyLift(predicted, copied, predicted - copied)


def off_diagonal_cosine(
    x: chex.Array, y: chex.Array, mask: chex.Array | None = None
) -> chex.Array:
  """Mean cosine of `x[i]` and `y[j]` over `i != j`, both `[M, D]`, to `[]`.

  Near zero for latents that spread, near one for latents that all point one
  way. The diagonal means little unless it is far above this.
  """
  chex.assert_rank(x, 2)
  chex.assert_equal_shape([x, y])
  mask = _all_rows(x) if mask is None else mask
  x, y = (jnp.where(mask[:, None], cosine.unit(v), 0) for v in (x, y))
  count = jnp.sum(mask)
  pairs = jnp.maximum(count * (count - 1), 1)
  return (jnp.dot(x.sum(axis=0), y.sum(axis=0)) - jnp.sum(x * y)) / pairs


def action_sensitivity(
    z_hat: chex.Array,
    z_next: chex.Array,
    z_t: chex.Array,
    *,
    action_mask: chex.Array,
    next_mask: chex.Array,
) -> chex.Array:
  """How far actions drive predictions apart, in units of what really happens.

  The distance between the predictions for two actions of one state, over the
  distance from a state to the next, root mean squares both. Zero if the action
  is ignored; more than one if siblings differ more than they move.

  Args:
    z_hat: prediction for each action of the branch, shape `[B, K, D]`.
    z_next: observed next states, shape `[B, J, D]`.
    z_t: the state that the branch leaves, shape `[B, D]`.
    action_mask: shape `[B, K]` bool, false where an action is padding.
    next_mask: shape `[B, J]` bool, false where a next state is padding.

  Returns:
    The ratio, shape `[]`.
  """
  chex.assert_rank([z_hat, z_next], 3)
  chex.assert_shape(z_t, (z_hat.shape[0], z_hat.shape[2]))
  chex.assert_shape(action_mask, z_hat.shape[:2])
  chex.assert_shape(next_mask, z_next.shape[:2])
  # Squared distances over all pairs of n are 2n times those to their mean.
  rows = action_mask[:, :, None]
  num = jnp.sum(action_mask, axis=1)  # [B]
  total = jnp.sum(jnp.where(rows, z_hat, 0), axis=1)  # [B, D]
  mean = total / jnp.maximum(num, 1)[:, None]
  spread = jnp.where(rows, z_hat - mean[:, None, :], 0) ** 2
  of_pairs = jnp.sum(2 * num * jnp.sum(spread, axis=(1, 2)))
  apart = of_pairs / jnp.maximum(jnp.sum(num * (num - 1)), 1)
  moved = jnp.sum((z_next - z_t[:, None, :]) ** 2, axis=-1)  # [B, J]
  moved = masking.masked_mean(moved, next_mask)
  return jnp.sqrt(apart / jnp.maximum(moved, _TINY))


class Retrieval(NamedTuple):
  """Finding each next latent among all of them by its prediction.

  recall: for each k asked for, the share found among the first k.
  mrr: mean reciprocal rank.
  gallery_size: among how many; the others mean nothing without it.
  """
  recall: Mapping[int, chex.Array]
  mrr: chex.Array
  gallery_size: chex.Array


def retrieval(
    z_tp1_hat: chex.Array,
    z_tp1: chex.Array,
    *,
    ks: Sequence[int] = (1, 5, 10),
    mask: chex.Array | None = None,
    tie: float = 1e-6,
) -> Retrieval:
  """Ranks every next latent by its cosine to each prediction.

  Equal cosines share their places: the figures are expectations over the order
  of ties, so latents that are all one score what chance scores.

  Args:
    z_tp1_hat: predicted latents, the queries, shape `[M, D]`.
    z_tp1: observed next latents, the gallery, shape `[M, D]`.
    ks: for which k to give the recall.
    mask: shape `[M]` bool, false where a row is padding; none if absent.
    tie: cosines this close are equal.
  """
  chex.assert_rank(z_tp1, 2)
  chex.assert_equal_shape([z_tp1_hat, z_tp1])
  mask = _all_rows(z_tp1) if mask is None else mask
  gallery = cosine.unit(z_tp1)

  def places(query_and_own):
    query, own = query_and_own
    cosines = gallery @ query
    gap = cosines - cosines[own]
    is_closer = mask & (gap > tie)
    is_tied = mask & (jnp.abs(gap) <= tie) & (jnp.arange(len(gap)) != own)
    return jnp.sum(is_closer), jnp.sum(is_tied)

  closer, tied = lax.map(
      places,
      (cosine.unit(z_tp1_hat), jnp.arange(len(gallery))),
      batch_size=_QUERIES,
  )  # [M] each
  # The own place is uniform over closer + 1 ... closer + tied + 1.
  recall = {k: jnp.clip((k - closer) / (tied + 1), 0, 1) for k in ks}
  harmonic = lambda n: jax.scipy.special.digamma(n + 1.0)
  reciprocal = (harmonic(closer + tied + 1) - harmonic(closer)) / (tied + 1)
  return Retrieval(
      {k: masking.masked_mean(v, mask) for k, v in recall.items()},
      masking.masked_mean(reciprocal, mask),
      jnp.sum(mask),
  )


class Calibration(NamedTuple):
  """Do events forecast with probability p happen p of the time?

  ece: expected calibration error, the mean over examples of their bin's gap.
  brier: mean squared error of the probabilities.
  confidence, frequency, count: the reliability table, shape `[bins]` each:
    mean probability, share of events and number of examples of each bin.
  """
  ece: chex.Array
  brier: chex.Array
  confidence: chex.Array
  frequency: chex.Array
  count: chex.Array


def calibration(
    probability: chex.Array,
    label: chex.Array,
    *,
    mask: chex.Array | None = None,
    num_bins: int = 15,
) -> Calibration:
  """Calibration over bins of equal width, as in Guo et al. (2017).

  Args:
    probability: of the event, in [0, 1], shape `[M]`.
    label: whether it happened, shape `[M]`.
    mask: shape `[M]` bool, false where a row is padding; none if absent.
    num_bins: number of bins; an empty bin's row is zero.
  """
  chex.assert_rank(probability, 1)
  chex.assert_equal_shape([probability, label])
  mask = _all_rows(probability) if mask is None else mask
  index = jnp.floor(probability * num_bins).astype(jnp.int32)
  index = jnp.clip(index, 0, num_bins - 1)
  total = lambda x: jax.ops.segment_sum(
      jnp.where(mask, x, 0.0), index, num_segments=num_bins
  )
  count = total(jnp.ones_like(probability))
  confidence = total(probability) / jnp.maximum(count, 1)
  frequency = total(label.astype(jnp.float32)) / jnp.maximum(count, 1)
  gap = jnp.sum(count * jnp.abs(confidence - frequency))
  return Calibration(
      ece=gap / jnp.maximum(jnp.sum(count), 1),
      brier=masking.masked_mean((probability - label) ** 2, mask),
      confidence=confidence,
      frequency=frequency,
      count=count,
  )


def reliability(logits: np.ndarray, label: np.ndarray) -> dict[str, Any]:
  """Returns the calibration of logits as plain numbers.

  Args:
    logits: of the event, shape `[M]`.
    label: whether it happened, shape `[M]`.

  Returns:
    "ece", "brier", and "bins": "confidence", "frequency" and "count" of each
    bin that is not empty; see `Calibration`.
  """
  chance = 1 / (1 + np.exp(-np.asarray(logits, np.float64)))
  found = calibration(
      jnp.asarray(chance, jnp.float32), jnp.asarray(label, jnp.float32)
  )
  table = zip(found.confidence, found.frequency, found.count)
  return {
      "ece": float(found.ece),
      "brier": float(found.brier),
      "bins": [
          {"confidence": float(p), "frequency": float(f), "count": int(n)}
          for p, f, n in table
          if n
      ],
  }


def format_bins(bins: Sequence[Mapping[str, float]]) -> str:
  """Returns the bins of `reliability` as text."""
  return " ".join(
      f"{b['confidence']:.2f}:{b['frequency']:.2f}({b['count']})" for b in bins
  )


# Metric, when it rings, and what that means, most basic first. The thresholds
# told published runs that worked from runs that did not; none is sharp.
_ALARMS = (
    ("rank_ratio", "below", 0.2, "the encoder collapsed to few directions"),
    ("predictor_rank_ratio", "below", 0.2, "the predictor did so"),
    ("latent_std", "below", 0.1, "the latents shrank to where SIGReg is flat"),
    ("sigreg_over_floor", "above", 10.0, "the latents are far from Gaussian"),
    ("off_diagonal_cosine", "above", 0.8, "all latents point the same way"),
    ("copy_lift", "below", 0.0, "the state itself predicts the next better"),
    ("action_sensitivity", "below", 0.1, "the predictor ignores the action"),
    ("ece", "above", 0.15, "its probabilities cannot be believed"),
)


def alarms(metrics: Mapping[str, float]) -> list[str]:
  """Says in words what is wrong, most basic first; an empty list if nothing.

  Args:
    metrics: scalars by name. Those that ring: `rank_ratio` and
      `predictor_rank_ratio` (effective rank over `D`), `latent_std`,
      `sigreg_over_floor`, `off_diagonal_cosine`, `copy_lift`,
      `action_sensitivity`, `ece`; and any that is not finite. Others are
      ignored.
  """
  values = {name: float(value) for name, value in metrics.items()}
  diverged = [
      f"{name} is {value}: the run has diverged"
      for name, value in values.items()
      if not math.isfinite(value)
  ]
  return diverged + [
      f"{name} is {values[name]:.3g}, {side} {bound:g}: {meaning}"
      for name, side, bound, meaning in _ALARMS
      if name in values and _is_beyond(values[name], side, bound)
  ]


def bound(name: str) -> float | None:
  """Returns the value at which a diagnostic rings, None if it never does."""
  return next((bound for n, _, bound, _ in _ALARMS if n == name), None)


def _is_beyond(value, side, bound):
  return value < bound if side == "below" else value > bound


def _all_rows(x):
  return jnp.ones(x.shape[:1], bool)


def _centred(z, mask):
  """Latents `[M, D]` less their mean, in float32; padding is zero."""
  chex.assert_rank(z, 2)
  z = z.astype(jnp.float32)
  mask = _all_rows(z) if mask is None else mask
  chex.assert_shape(mask, z.shape[:1])
  rows = mask[:, None]
  total = jnp.sum(jnp.where(rows, z, 0), axis=0, keepdims=True)
  mean = total / jnp.maximum(jnp.sum(mask), 1)
  return jnp.where(rows, z - mean, 0)
