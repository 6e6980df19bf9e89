"""What is measured of an advisor, and how it becomes a table.

Every figure is a mean over held-out programs, the unit of resampling; what is
trained is trained with several seeds, whose figures are averaged first.
"""

import collections
from collections.abc import Iterator
import dataclasses
import itertools
from typing import Any

from jepa import stats
from jepa.planning.advisors import calibration
import numpy as np

WITHOUT = "advisor, without the model"
WITH = "advisor"


class Measured:
  """Figures by question, method and program; and how sure answers were."""

  def __init__(self, advisor: str, metric: str, reference: str):
    """Starts without a figure.

    Args:
      advisor: its name.
      metric: what the figures are.
      reference: the method that the others are compared with.
    """
    self.advisor = advisor
    self.metric = metric
    self.reference = reference
    self._values = collections.defaultdict(
        lambda: collections.defaultdict(list)
    )
    self._answers = collections.defaultdict(list)

  def add(self, question: str, method: str, origin: str, value: float) -> None:
    """Notes one figure; several of one program and method are averaged."""
    self._values[question, method][origin].append(float(value))

  def answer(
      self, method: str, fitted: calibration.Calibration, scores, is_right
  ) -> None:
    """Notes how sure an advisor is of its first answers, and if rightly."""
    confidence = fitted.confidence(scores)
    self._answers[method] += [
        (float(c), bool(r), fitted.threshold)
        for c, r in zip(confidence, is_right)
    ]

  def rows(self) -> Iterator["Row"]:
    """Yields the lines of the table, questions and methods as first added."""
    methods = list(dict.fromkeys(method for _, method in self._values))
    questions = list(dict.fromkeys(question for question, _ in self._values))
    for question, method in itertools.product(questions, methods):
      by_origin = self._values.get((question, method), {})
      other = self._values.get((question, self.reference), {})
      origins = [o for o in by_origin if o in other]
      if not origins:
        continue
      ours = np.array([np.mean(by_origin[o]) for o in origins])
      theirs = np.array([np.mean(other[o]) for o in origins])
      yield Row(
          advisor=self.advisor,
          question=question,
          metric=self.metric,
          method=method,
          num_programs=len(origins),
          value=stats.paired_difference(ours, np.zeros_like(ours)),
          difference=stats.paired_difference(ours, theirs),
      )

  def selective(self) -> dict[str, calibration.Selective]:
    """Returns coverage, accuracy and calibration of the answers, by method."""
    return {
        method: calibration.assess(*zip(*answers))
        for method, answers in self._answers.items()
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
  """One line: what one method is worth on one question.

  value: mean over programs, and its bootstrap interval (95 %).
  difference: to the reference on the same programs, paired.
  """
  advisor: str
  question: str
  metric: str
  method: str
  num_programs: int
  value: stats.Interval
  difference: stats.Interval


def format_table(data: str, measured: Measured) -> str:
  """Returns the table of one advisor on one collection of programs."""
  lines = [
      f"{measured.advisor}, {data} programs: {measured.metric}, and the "
      f"difference to {measured.reference!r} (paired bootstrap, 95 %)",
      f"{'':24} {'':28} {'programs':>8} {measured.metric:>22} "
      f"{'difference':>25}",
  ]
  last = None
  for row in measured.rows():
    question = "" if row.question == last else row.question
    last = row.question
    lines.append(
        f"{question:24} {row.method:28} {row.num_programs:8} "
        f"{_show(row.value, ''):>22} {_show(row.difference, '+'):>25}"
    )
  for method, answers in measured.selective().items():
    lines.append(
        f"{method}: answers {100 * answers.coverage:.0f} % of the time, and "
        f"then {100 * answers.accuracy:.0f} % right (always: "
        f"{100 * answers.overall:.0f} %); calibration error {answers.error:.3f}"
    )
  return "\n".join(lines)


def _show(interval: stats.Interval, sign: str) -> str:
  estimate, low, high = interval
  return f"{estimate:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"


def to_json(data: str, measured: Measured) -> dict[str, Any]:
  """Returns the table for machines."""
  return {
      "data": data,
      "advisor": measured.advisor,
      "reference": measured.reference,
      "rows": [dataclasses.asdict(row) for row in measured.rows()],
      "selective": {
          method: answers._asdict()
          for method, answers in measured.selective().items()
      },
  }


def auc_against(
    scores: np.ndarray, positives: np.ndarray, negatives: np.ndarray
) -> float | None:
  """Returns the AUC of some against others; None if there are none of either.

  Args:
    scores: shape `[n]`.
    positives, negatives: which of them count, shape `[n]` bool.
  """
  if not positives.any() or not negatives.any():
    return None
  chosen = positives | negatives
  return stats.auc(scores[chosen], positives[chosen])
