"""Statistics of results: intervals, areas, expected executions. NumPy only."""

from typing import NamedTuple

import numpy as np
from numpy import typing as npt


class Interval(NamedTuple):
  """An estimate and the two-sided interval around it."""
  estimate: float
  low: float
  high: float


def geometric_mean(values: npt.ArrayLike) -> float:
  """Geometric mean; raises ValueError unless every value is positive."""
  return float(np.exp(np.mean(_log(values))))


def paired_ratio(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    level: float = 0.95,
    num_resamples: int = 2000,
    seed: int = 0,
) -> Interval:
  """Bootstrap of the geometric mean of `x` over that of `y`.

  Args:
    x: positive results, one a problem, shape `[n]`.
    y: the other method's results on the same problems, shape `[n]`.
    level: share of resamples inside the interval.
    num_resamples: how often the problems are drawn anew.
    seed: of the draws; the same data give the same interval.

  Raises:
    ValueError: if the results are not paired or not positive.
  """
  difference = _paired_difference(_log(x), _log(y))
  interval = _bootstrap_mean(difference, level, num_resamples, seed)
  return Interval(*(float(np.exp(value)) for value in interval))


def paired_difference(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    level: float = 0.95,
    num_resamples: int = 2000,
    seed: int = 0,
) -> Interval:
  """Bootstrap of the mean of `x - y`; arguments as of `paired_ratio`."""
  difference = _paired_difference(x, y)
  return _bootstrap_mean(difference, level, num_resamples, seed)


def clustered_mean(
    values: npt.ArrayLike,
    clusters: npt.ArrayLike,
    *,
    level: float = 0.95,
    num_resamples: int = 2000,
    seed: int = 0,
) -> Interval:
  """Mean of values, and a bootstrap that draws whole clusters.

  What comes from one program is alike: drawing single values would promise
  more than there is. A single cluster says nothing of others, and its interval
  is infinite.

  Args:
    values: shape `[n]`.
    clusters: what each comes from, shape `[n]`.
    level, num_resamples, seed: as of `paired_ratio`.
  """
  values = _vector(values)
  _require_equal_length(values=values, clusters=np.asarray(clusters))
  _, index = np.unique(clusters, return_inverse=True)
  sums, counts = np.bincount(index, weights=values), np.bincount(index)
  mean = float(values.mean())
  if len(counts) == 1:
    return Interval(mean, -np.inf, np.inf)
  rng = np.random.default_rng(seed)
  draws = rng.integers(len(counts), size=(num_resamples, len(counts)))
  means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)
  low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
  return Interval(mean, float(low), float(high))


def auc(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float:
  """Probability that a positive scores above a negative; a tie counts half.

  Args:
    scores: shape `[n]`; higher should mean positive.
    labels: shape `[n]`, true for positives.

  Raises:
    ValueError: if there is no positive or no negative.
  """
  scores, labels = _scores_and_labels(scores, labels)
  num_positive = int(labels.sum())
  num_negative = len(labels) - num_positive
  if not num_positive or not num_negative:
    raise ValueError(
        "AUC needs both classes; it was given "
        f"{num_positive} positives and {num_negative} negatives."
    )
  # Mann and Whitney's count from ranks, where ties share their mean rank.
  _, level, counts = np.unique(scores, return_inverse=True, return_counts=True)
  ranks = (np.cumsum(counts) - (counts - 1) / 2)[level]
  wins = ranks[labels].sum() - num_positive * (num_positive + 1) / 2
  return float(wins / (num_positive * num_negative))


def average_precision(
    scores: npt.ArrayLike, labels: npt.ArrayLike
) -> float:
  """Mean precision over the positives, each at its own threshold.

  Equal scores share the precision behind the last of them. A score that says
  nothing has about the share of positives.

  Args:
    scores: shape `[n]`; higher should mean positive.
    labels: shape `[n]`, true for positives.

  Raises:
    ValueError: if there is no positive.
  """
  scores, labels = _scores_and_labels(scores, labels)
  if not labels.any():
    raise ValueError(f"None of the {len(labels)} labels is positive.")
  _, level = np.unique(-scores, return_inverse=True)
  found = np.cumsum(np.bincount(level, weights=labels))
  seen = np.cumsum(np.bincount(level))
  return float((found / seen)[level[labels]].mean())


class GroupAuc(NamedTuple):
  """The mean of the groups' areas, and how many groups had both classes."""
  auc: float
  num_groups: int


def group_auc(
    scores: npt.ArrayLike, labels: npt.ArrayLike, groups: npt.ArrayLike
) -> GroupAuc:
  """AUC within each group, averaged over the groups that have both classes.

  Across branches, the state alone can tell success from failure; within one,
  only the action can.

  Args:
    scores: shape `[n]`.
    labels: shape `[n]`, true for positives.
    groups: which branch each belongs to, shape `[n]`.

  Raises:
    ValueError: if no group has both classes.
  """
  scores, labels = _scores_and_labels(scores, labels)
  groups = np.asarray(groups)
  _require_equal_length(scores=scores, groups=groups)
  order = np.argsort(groups, kind="stable")
  _, first = np.unique(groups[order], return_index=True)
  members = np.split(order, first[1:])
  areas = [
      auc(scores[m], labels[m])
      for m in members
      if labels[m].any() and not labels[m].all()
  ]
  if not areas:
    raise ValueError(
        f"None of the {len(members)} groups has both positives and negatives."
    )
  return GroupAuc(float(np.mean(areas)), len(areas))


def expected_executions(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float:
  """Expected executions, best score first, up to and with the first success.

  Ties are broken at random, which has an exact expectation: of the first score
  that any success has, with `n` candidates and `m` successes, a random order
  meets the first success at `(n + 1) / (m + 1)`.

  Args:
    scores: shape `[n]`; the highest is executed first.
    labels: shape `[n]`, true for successes.

  Raises:
    ValueError: if there is no success to find.
  """
  scores, labels = _scores_and_labels(scores, labels)
  if not labels.any():
    raise ValueError(f"None of the {len(labels)} candidates is a success.")
  best = scores[labels].max()
  is_tied = scores == best
  before = int(np.sum(scores > best))
  return before + expected_executions_at_random(
      int(is_tied.sum()), int(labels[is_tied].sum())
  )


def expected_executions_at_random(
    num_candidates: int, num_successes: int
) -> float:
  """Expected executions to the first success in random order."""
  if not 1 <= num_successes <= num_candidates:
    raise ValueError(
        f"{num_successes} successes among {num_candidates} candidates: there "
        "must be at least one and no more than candidates."
    )
  return (num_candidates + 1) / (num_successes + 1)


class Summary(NamedTuple):
  """What several seeds gave: the figures, and a 95% interval of their mean."""
  mean: float
  median: float
  min: float
  max: float
  low: float
  high: float
  num_seeds: int


# Student's t at 97.5% for 1 to 30 degrees of freedom. With three seeds a
# bootstrap has ten distinct resamples and is far too narrow.
_T_975 = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622,
    2.2281, 2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009,
    2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518,
    2.0484, 2.0452, 2.0423,
)  # fmt: skip


def summarize_seeds(values: npt.ArrayLike) -> Summary:
  """Summarises one figure over seeds, shape `[n]`.

  The interval is Student's, for normal errors; of a single seed it is
  infinite, which is what one seed says.
  """
  values = _vector(values)
  num = len(values)
  half_width = np.inf
  if num > 1:
    # Beyond the table, the last entry: wide rather than narrow.
    t = _T_975[min(num - 1, len(_T_975)) - 1]
    half_width = t * values.std(ddof=1) / np.sqrt(num)
  mean = float(values.mean())
  return Summary(
      mean=mean,
      median=float(np.median(values)),
      min=float(values.min()),
      max=float(values.max()),
      low=float(mean - half_width),
      high=float(mean + half_width),
      num_seeds=num,
  )


def _bootstrap_mean(values, level, num_resamples, seed):
  """Percentile bootstrap of the mean of `values`, shape `[n]`."""
  if not 0 < level < 1:
    raise ValueError(f"level must be between 0 and 1, not {level}.")
  rng = np.random.default_rng(seed)
  means = [
      values[rng.integers(len(values), size=len(values))].mean()
      for _ in range(num_resamples)
  ]
  low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
  return Interval(float(values.mean()), float(low), float(high))


def _paired_difference(x, y):
  x, y = _vector(x), _vector(y)
  _require_equal_length(x=x, y=y)
  return x - y


def _log(values):
  values = _vector(values)
  if not np.all(values > 0):
    raise ValueError(
        f"A geometric mean needs positive values; the least is {values.min()}."
    )
  return np.log(values)


def _scores_and_labels(scores, labels):
  scores, labels = _vector(scores), np.asarray(labels, dtype=bool)
  _require_equal_length(scores=scores, labels=labels)
  if np.isnan(scores).any():
    raise ValueError(f"{int(np.isnan(scores).sum())} scores are NaN.")
  return scores, labels


def _vector(values):
  values = np.asarray(values, dtype=np.float64)
  if values.ndim != 1 or not len(values):
    raise ValueError(f"Expected a non-empty vector, not shape {values.shape}.")
  return values


def _require_equal_length(**vectors):
  shapes = {name: vector.shape for name, vector in vectors.items()}
  if len(set(shapes.values())) > 1:
    raise ValueError(f"Expected vectors of one length, not {shapes}.")
