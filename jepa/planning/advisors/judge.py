"""A judge: the small network that turns an advisor's features into a score.

Judging takes NumPy only, so that advice starts at once; `judge_training` fits
the same network with JAX.
"""

from typing import Any, NamedTuple

import numpy as np


class Judge(NamedTuple):
  """The network and what it was trained on.

  params: of the network.
  mean, scale: of each feature, shape `[F]`; the scale of one that never varied
    is infinite, for nothing was learnt of it.
  """
  params: Any
  mean: np.ndarray
  scale: np.ndarray


def score_choice(judge: Judge, features: np.ndarray) -> np.ndarray:
  """Returns scores `[n, C]` of features `[n, C, F]`."""
  return _score(judge.params, standardise(judge, features))


def score_binary(judge: Judge, features: np.ndarray) -> np.ndarray:
  """Returns log-odds `[n]` of "yes" for features `[n, F]`."""
  return _score(judge.params, standardise(judge, features))


def standardise(judge: Judge, features: np.ndarray) -> np.ndarray:
  """Returns features as the network takes them, within what it has seen."""
  x = (features - judge.mean) / judge.scale
  return np.clip(x, -_FARTHEST, _FARTHEST).astype(np.float32)


_FARTHEST = 5.0  # Standard deviations.


def _score(params, x: np.ndarray) -> np.ndarray:
  """Returns scores `[...]` of features `[..., F]`."""
  hidden = _gelu(x @ params["in"] + params["shift"])
  return hidden @ params["out"] + x @ params["linear"] + params["bias"]


def _gelu(x: np.ndarray) -> np.ndarray:
  """The approximation by a tangent, which is what `jax.nn.gelu` takes."""
  return 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))
