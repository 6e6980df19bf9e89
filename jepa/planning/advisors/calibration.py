"""Calibration: from an advisor's scores to probabilities, and when to abstain.

Fitted on programs that the advisor itself was not fitted on. Two numbers of
Platt's (Probabilistic outputs for support vector machines, 1999), because a
validation split has tens of programs, not thousands.
"""

from typing import NamedTuple

import numpy as np
from numpy import typing as npt

_NEVER = 1.01  # A threshold that no probability reaches.
_FEWEST = 10  # Answers on which a share of right ones is worth quoting.


class Calibration(NamedTuple):
  """P(right) = sigmoid(slope * score + offset); abstain below `threshold`."""
  slope: float
  offset: float
  threshold: float

  def confidence(self, score: npt.ArrayLike) -> np.ndarray:
    """Returns the probability that an answer with this score is right."""
    logit = self.slope * np.asarray(score, np.float64) + self.offset
    return 1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0)))


def fit(
    scores: npt.ArrayLike, is_right: npt.ArrayLike, *, wanted: float = 0.9
) -> Calibration:
  """Fits the probabilities, and the threshold that keeps enough of them right.

  Args:
    scores: of the first answer to each question, shape `[n]`.
    is_right: whether that answer was right, shape `[n]`.
    wanted: the share of right answers among those that are given. The
      threshold is the lowest that has it; if none has, it is out of reach.
  """
  scores = np.asarray(scores, np.float64)
  is_right = np.asarray(is_right, bool)
  slope, offset = _fit_logistic(scores, is_right)
  found = Calibration(slope, offset, _NEVER)
  confidence = found.confidence(scores)
  return found._replace(threshold=_threshold(confidence, is_right, wanted))


def _fit_logistic(scores, is_right) -> tuple[float, float]:
  """Newton's method on Platt's smoothed targets, which keep it finite."""
  num_right = is_right.sum()
  high = (num_right + 1.0) / (num_right + 2.0)
  low = 1.0 / (len(is_right) - num_right + 2.0)
  target = np.where(is_right, high, low)
  mean, scale = scores.mean(), max(scores.std(), 1e-6)
  x = np.stack([(scores - mean) / scale, np.ones_like(scores)], axis=1)
  w = np.zeros(2)
  for _ in range(50):
    p = 1.0 / (1.0 + np.exp(-np.clip(x @ w, -30.0, 30.0)))
    hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
    w = w + np.linalg.solve(hessian, x.T @ (target - p) - 1e-3 * w)
  # A score that says nothing, or the contrary, must not turn advice around.
  slope = max(float(w[0]) / scale, 0.0)
  if slope == 0.0:
    return 0.0, float(np.log(target.mean() / (1.0 - target.mean())))
  return slope, float(w[1] - w[0] * mean / scale)


def _threshold(confidence, is_right, wanted: float) -> float:
  order = np.argsort(-confidence, kind="stable")
  share = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
  enough = np.flatnonzero(share >= wanted)
  enough = enough[enough >= min(_FEWEST, len(order)) - 1]
  return float(confidence[order[enough[-1]]]) if len(enough) else _NEVER


class Selective(NamedTuple):
  """How answers fare.

  coverage: share of questions answered; accuracy: of the answers given.
  overall: accuracy if every question were answered.
  error: expected calibration error over all answers, given or not.
  """
  coverage: float
  accuracy: float
  overall: float
  error: float


def assess(
    confidence: npt.ArrayLike, is_right: npt.ArrayLike, threshold: npt.ArrayLike
) -> Selective:
  """Returns how answers fare on questions that nothing was fitted on.

  `threshold` may be one number, or one for each answer.
  """
  confidence = np.asarray(confidence, np.float64)
  is_right = np.asarray(is_right, bool)
  given = confidence >= threshold
  return Selective(
      coverage=float(given.mean()),
      accuracy=float(is_right[given].mean()) if given.any() else float("nan"),
      overall=float(is_right.mean()),
      error=_calibration_error(confidence, is_right),
  )


def _calibration_error(confidence, is_right, num_bins: int = 10) -> float:
  """Mean distance of confidence and frequency over bins of equal count."""
  order = np.argsort(confidence, kind="stable")
  bins = np.array_split(order, min(num_bins, len(order)))
  gaps = [
      len(b) * abs(confidence[b].mean() - is_right[b].mean()) for b in bins
  ]
  return float(sum(gaps) / len(order))
