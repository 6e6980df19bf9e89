"""Few labels, many states: which states show what the verifier said of them.

The order of a prepared dataset hashes fixed, so its first states are a sample
of it, and a smaller one is part of every larger one. These show the outcomes of
all their actions. What the others are good for, `OTHERS` says.

An unlabelled state is not one that nobody executed: the states that followed
some of its actions were observed, and what was tried before stands in it. So
"executed" is what a model of labels alone can be told at the same price.
"""

from collections.abc import Callable, Sequence
import functools
from typing import Any

import numpy as np

OTHERS = (
    "absent",  # They are not looked at.
    "unlabelled",  # They show their next states, but no outcome.
    "executed",  # They show the outcomes of the actions that were followed.
)
_MATCHED_BATCHES = 8  # Halves are matched by length within so many batches.

# Which examples a step sees: `step -> [B]`.
Order = Callable[[int], np.ndarray]


class Budgeted(Sequence):
  """Examples of which only the first show all their outcomes."""

  def __init__(
      self, examples: Sequence[Any], num_labelled: int, others: str
  ):
    """Wraps examples as `jepa.datasets.features` describes them.

    Args:
      examples: random access; nothing is copied.
      num_labelled: how many show all their outcomes.
      others: what those after them show, one of `OTHERS`.

    Raises:
      ValueError: `others` is not known.
    """
    if others not in OTHERS:
      raise ValueError(f"labels.others={others!r} is none of {OTHERS}.")
    self._examples, self._others = examples, others
    self.num_labelled = min(num_labelled, len(examples))

  def __len__(self) -> int:
    is_all = self._others != "absent"
    return len(self._examples) if is_all else self.num_labelled

  def __getitem__(self, index: int) -> Any:
    if not 0 <= index < len(self):
      raise IndexError(f"No example {index}; there are {len(self)}.")
    example = self._examples[index]
    if index < self.num_labelled:
      return example
    outcomes = example["outcomes"]
    shown = np.zeros_like(outcomes["mask"])
    if self._others == "executed":
      shown[example["next_action"][example["next_mask"]]] = True
    mask = outcomes["mask"] & shown
    example = {k: v for k, v in example.items() if k != "pairs"}
    return {**example, "outcomes": {**outcomes, "mask": mask}}


def half_and_half(
    first: Order, second: Order, lengths: np.ndarray, seed: int
) -> Order:
  """Joins two orders into batches that are half of one, half of the other.

  Halves of like length meet, so that little of a batch is padding.

  Args:
    first, second: orders of half batches; like them, the result is a pure
      function of the step.
    lengths: of the examples that they index.
    seed: of the order in which matched batches come.
  """

  @functools.lru_cache(maxsize=2)
  def matched(chunk):
    start = chunk * _MATCHED_BATCHES
    halves = []
    for order in (first, second):
      some = [order(start + i) for i in range(_MATCHED_BATCHES)]
      halves.append(sorted(some, key=lambda ids: lengths[ids].max()))
    rng = np.random.default_rng((seed, chunk))
    return rng.permutation(np.concatenate(halves, axis=1))

  def indices(step: int) -> np.ndarray:
    return matched(step // _MATCHED_BATCHES)[step % _MATCHED_BATCHES]

  return indices
