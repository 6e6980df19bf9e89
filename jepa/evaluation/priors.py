"""What can be foretold without a model, from the arrays of executed branches.

Action-only priors know how often actions of a kind, or of a kind with these
arguments, did what each signal says. They are fitted on the *other* programs
of the very set that is evaluated, so they know its habits, which a model that
was trained elsewhere does not. The state-only oracle is told the share of
successes of each state: no scorer that ignores the action does better.
"""

from jepa import types
import numpy as np

_KIND_WEIGHT = 2.0  # Actions that a kind's rate counts for beside its texts.


def by_kind(batch: types.Branch, origins: np.ndarray) -> np.ndarray:
  """Returns the rate of each signal by kind, shape `[B, K, S]`.

  Args:
    batch: executed branches.
    origins: which program each branch is from, shape `[B]`; the programs' own
      branches do not count in their rates.
  """
  return _spread(batch, _of_kind(batch, origins)[0])


def by_kind_and_texts(batch: types.Branch, origins: np.ndarray) -> np.ndarray:
  """As `by_kind`, but by kind and arguments where they were seen together."""
  rate, rows = _of_kind(batch, origins)
  args = np.take_along_axis(
      batch.obs_t.symbols,
      batch.actions.args.reshape(len(origins), -1, 1),
      axis=1,
  ).reshape(*batch.actions.args.shape[:2], -1)  # [B, K, A * G]
  texts = np.concatenate([batch.actions.kind[..., None], args], axis=-1)
  total, count = _others(texts[batch.outcomes.mask], *rows)
  rate = (total + _KIND_WEIGHT * rate) / (count + _KIND_WEIGHT)[:, None]
  return _spread(batch, rate)


def of_state(batch: types.Branch) -> np.ndarray:
  """Returns the share of successes of each state, shape `[B, K]`."""
  mask = batch.outcomes.mask
  success = (batch.outcomes.signals[..., 0] > 0.5) & mask
  rate = success.sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
  return np.broadcast_to(rate[:, None], mask.shape)


def _of_kind(batch, origins):
  """Returns rates `[n, S]` of the executed actions; their origins, signals."""
  mask = batch.outcomes.mask
  owner = np.broadcast_to(origins[:, None], mask.shape)[mask]
  signals = batch.outcomes.signals[mask].astype(np.float64)
  overall, count = _others(np.zeros((len(owner), 1), int), owner, signals)
  overall = (overall + 0.5) / (count + 1.0)[:, None]
  total, count = _others(
      batch.actions.kind[mask][:, None], owner, signals
  )
  return (total + overall) / (count + 1.0)[:, None], (owner, signals)


def _others(keys, owner, signals):
  """Returns sums `[n, S]` and counts `[n]` over rows of equal key.

  Rows of the same owner are left out.

  Args:
    keys: shape `[n, any]` int.
    owner: shape `[n]` int.
    signals: shape `[n, S]`.
  """
  values = np.concatenate([signals, np.ones((len(owner), 1))], axis=1)
  same_key = _sums(keys, values)
  own = _sums(np.concatenate([keys, owner[:, None]], axis=1), values)
  rest = same_key - own
  return rest[:, :-1], rest[:, -1]


def _sums(keys, values):
  """Returns, for each row, the sum of the values of rows with its key."""
  _, index = np.unique(keys, axis=0, return_inverse=True)
  index = index.reshape(-1)
  totals = np.zeros((index.max() + 1, values.shape[1]))
  np.add.at(totals, index, values)
  return totals[index]


def _spread(batch, rows):
  """Puts rows of executed actions in their places, shape `[B, K, S]`."""
  placed = np.zeros((*batch.outcomes.mask.shape, rows.shape[1]))
  placed[batch.outcomes.mask] = rows
  return placed
