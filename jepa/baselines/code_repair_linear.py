"""A linear ranker of edits on hand features: what learning without a network
gives, at equal data.

The pairwise perceptron of earlier work in our own words: of the edits that
were executed in one state, those that passed shall score above the others. The
loss is the listwise logistic one, `-log sum_{k passed} softmax(scores)_k`, the
very one that `losses.outcome.ranking_loss` gives to models. A few seconds of
NumPy.
"""

from collections.abc import Callable, Iterable, Sequence
import dataclasses
from typing import NamedTuple

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import hints as hints_lib
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import records
import numpy as np

_MIN_COUNT = 3  # States that know a feature, or else it has no weight.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  """How to fit.

  seeds: the orders of states; the weights are averaged over them.
  num_epochs: over all states.
  learning_rate: of AdaGrad.
  decay: pulls weights to zero, per state.
  """
  seeds: tuple[int, ...] = (0, 1, 2)
  num_epochs: int = 8
  learning_rate: float = 0.1
  decay: float = 1e-4


class _List(NamedTuple):
  """The executed edits of one state, as a sparse matrix `[K, C]`.

  columns: numbers of the features that some edit has, ascending, shape `[C]`.
  column, row, value: of each entry, shape `[E]`; `column` indexes `columns`.
  is_success: shape `[K]` bool.
  """
  columns: np.ndarray
  column: np.ndarray
  row: np.ndarray
  value: np.ndarray
  is_success: np.ndarray


class LinearRanker(NamedTuple):
  """A fitted ranker.

  weights: by the name of the feature.
  num_states: that it was fitted on.
  """
  weights: dict[str, float]
  num_states: int

  def __call__(
      self, state: observation.State, edits: Sequence[edits_lib.Edit]
  ) -> list[float]:
    """Scores edits, as `baselines.Ranker` does."""
    extract = hints_lib.make_extractor(state)
    known = self.weights
    return [
        sum(known.get(name, 0.0) * x for name, x in extract(edit).items())
        for edit in edits
    ]


def fit(
    executed: Iterable[records.Record],
    settings: Settings = Settings(),
    on_state: Callable[[int], None] = lambda i: None,
) -> LinearRanker:
  """Fits a ranker to executed states.

  Args:
    executed: of the packages that are trained on.
    settings: see there.
    on_state: called with the number of states read so far.

  Raises:
    ValueError: in no state did one edit pass and another fail.
  """
  numbers: dict[str, int] = {}
  lists = []
  for i, record in enumerate(executed):
    item = _make_list(record, numbers)
    if item.is_success.any() and not item.is_success.all():
      lists.append(item)
    on_state(i + 1)
  if not lists:
    raise ValueError("No state has an edit that passed and one that failed.")
  known = np.bincount(
      np.concatenate([item.columns for item in lists]), minlength=len(numbers)
  )
  weights = np.mean(
      [_fit_once(lists, len(numbers), settings, s) for s in settings.seeds],
      axis=0,
  )
  return LinearRanker(
      weights={
          name: float(weights[i])
          for name, i in numbers.items()
          if known[i] >= _MIN_COUNT
      },
      num_states=len(lists),
  )


def _make_list(record: records.Record, numbers: dict[str, int]) -> _List:
  """Reads a record; features that are new get the next numbers."""
  extract = hints_lib.make_extractor(record.state(record.broken))
  number, row, value = [], [], []
  for k, edit in enumerate(record.candidates):
    for name, x in extract(edit).items():
      number.append(numbers.setdefault(name, len(numbers)))
      row.append(k)
      value.append(x)
  columns, column = np.unique(np.array(number, int), return_inverse=True)
  return _List(
      columns=columns,
      column=column.astype(np.int32),
      row=np.array(row, np.int32),
      value=np.array(value, np.float32),
      is_success=np.array([e.status == "passed" for e in record.executions]),
  )


def _fit_once(lists, num_features, settings, seed) -> np.ndarray:
  """Returns weights `[num_features]`: the mean over the later epochs' ends."""
  rng = np.random.default_rng(seed)
  weights, squares = np.zeros(num_features), np.full(num_features, 1e-6)
  ends = []
  for _ in range(settings.num_epochs):
    for i in rng.permutation(len(lists)):
      columns = lists[i].columns
      gradient = _gradient(lists[i], weights[columns])
      gradient += settings.decay * weights[columns]
      squares[columns] += gradient**2
      weights[columns] -= (
          settings.learning_rate * gradient / np.sqrt(squares[columns])
      )
    ends.append(weights.copy())
  return np.mean(ends[len(ends) // 2 :], axis=0)


def _gradient(item: _List, weights: np.ndarray) -> np.ndarray:
  """Returns the gradient of one state's loss by its weights, `[C]`."""
  scores = np.bincount(
      item.row, item.value * weights[item.column], len(item.is_success)
  )
  chance = _softmax(scores)
  wanted = _softmax(np.where(item.is_success, scores, -np.inf))
  return np.bincount(
      item.column, item.value * (chance - wanted)[item.row], len(weights)
  )


def _softmax(scores: np.ndarray) -> np.ndarray:
  waves = np.exp(scores - scores.max())
  return waves / waves.sum()
