"""Evaluation: how many executions each ranker spends until one succeeds.

Every candidate of every case has been executed beforehand, so all rankers are
compared on the same facts, and ties are resolved by expectation, not by luck.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
import dataclasses
import types
from typing import Any, NamedTuple

from jepa import diagnostics
from jepa import stats
from jepa.domains import base
from jepa.planning import rank
import numpy as np

WITHIN = (1, 5, 10, 50, 100)
_TRAINED_ON = 28  # Candidates of a training state: 24 or 32.


class Case(NamedTuple):
  """One state with all of its candidates executed.

  state, candidates: as the model sees them.
  success: whether each candidate satisfied the verifier, shape `[K]` bool.
  static: scores `[K]` of the world's rankers that learn nothing, by name.
  origin: package or program: what was held out.
  after: what the model sees once the candidates of some indices were tried;
    None where the world does not show that.
  """
  state: base.Observation
  candidates: Sequence[base.Candidate]
  success: np.ndarray
  static: Mapping[str, np.ndarray]
  origin: str
  after: (
      Callable[
          [Sequence[int]], tuple[base.Observation, Sequence[base.Candidate]]
      ]
      | None
  ) = None


# Scores every candidate of a case, shape `[K]`; the highest is tried first.
Ranker = Callable[[Case], np.ndarray]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
  """One ranker's line of the table.

  geometric_mean, median, total: of the expected executions until the first
    success, over cases.
  ratio, low, high: geometric mean over that of the reference ranker, and a
    paired bootstrap interval (95 %) over cases.
  within: cases that succeed within so many expected executions.
  auc: of successes against failures of the same case.
  executions: until the first success of each case.
  calibration: whether its probabilities of success can be believed, see
    `at_large`; None where its scores are no logits.
  """
  name: str
  geometric_mean: float
  ratio: float
  low: float
  high: float
  median: float
  total: float
  within: Mapping[int, int]
  auc: float
  executions: tuple[float, ...]
  calibration: Mapping[str, Any] | None = None


def make_rankers(
    scorers: Mapping[str, rank.Scorer],
    static: Sequence[str],
    controlled: Collection[str] | None = None,
) -> dict[str, Ranker]:
  """Returns the rankers of the table, controls included.

  Args:
    scorers: trained models by name.
    static: which of the cases' static rankers to show.
    controlled: models that also run with outcomes seen, and without and with
      shuffled actions; by default the first.
  """
  rankers: dict[str, Ranker] = {"random": lambda c: np.zeros(len(c.success))}
  for name in static:
    rankers[name] = lambda c, name=name: c.static[name]
  for name, scorer in scorers.items():
    rankers[name] = _of_scorer(scorer)
  names = list(scorers)[:1] if controlled is None else controlled
  # One control after another: what sees the same is then encoded once.
  for control, spoil in _CONTROLS.items():
    for name in names:
      rankers[f"{name}, {control}"] = spoil(scorers[name])
  return rankers


def blind(scorer: rank.Scorer) -> rank.Scorer:
  """Returns a scorer to which all candidates look alike."""
  blank = base.Candidate(kind=0, start=0, end=0, args=())
  return lambda state, candidates: scorer(state, [blank] * len(candidates))


def _of_scorer(scorer: rank.Scorer) -> Ranker:
  return lambda case: scorer(case.state, case.candidates)[:, 0]


def _adaptive(scorer: rank.Scorer) -> Ranker:
  """Scores anew after 2, 4, 8... executions, which the model then sees."""

  def score(case):
    order: list[int] = []
    found = scorer(case.state, case.candidates)[:, 0]
    while case.after and not case.success[order].any():
      left = np.setdiff1d(np.arange(len(found)), order)
      if not len(left):
        break
      best = left[np.argsort(-found[left], kind="stable")]
      order.extend(best[: max(2, len(order))].tolist())
      found = scorer(*case.after(order))[:, 0]
    scores = found - found.max() - 1.0  # What was tried comes first.
    scores[order] = np.arange(len(order), 0, -1)
    return scores

  return score


def _shuffled(scorer: rank.Scorer) -> Ranker:
  def score(case):
    rng = np.random.default_rng(len(case.candidates))
    return rng.permutation(scorer(case.state, case.candidates)[:, 0])

  return score


_CONTROLS: Mapping[str, Callable[[rank.Scorer], Ranker]] = (
    types.MappingProxyType({
        "shuffled actions": _shuffled,
        "outcomes seen": _adaptive,
        "no action": lambda scorer: _of_scorer(blind(scorer)),
    })
)


def tabulate(
    cases: Sequence[Case],
    rankers: Mapping[str, Ranker],
    reference: str,
    on_case: Callable[[int], None] = lambda i: None,
    logits: Collection[str] = (),
) -> list[Row]:
  """Runs every ranker over every case that some candidate solves.

  Args:
    cases: executed cases.
    rankers: by name.
    reference: the ranker that ratios are taken to.
    on_case: called with the number of each case that is done.
    logits: rankers whose scores are logits of success.

  Raises:
    ValueError: no case has a success, so there is nothing to find.
  """
  cases = [c for c in cases if c.success.any()]
  if not cases:
    raise ValueError("No candidate of any case succeeds: nothing to rank.")
  executions = {name: [] for name in rankers}
  aucs = {name: [] for name in rankers}
  forecasts = {name: [] for name in logits}
  for i, case in enumerate(cases):
    for name, ranker in rankers.items():
      scores = ranker(case)
      if name in forecasts:
        forecasts[name].append(at_large(scores))
      executions[name].append(
          stats.expected_executions(scores, case.success)
      )
      if not case.success.all():
        aucs[name].append(stats.auc(scores, case.success))
    on_case(i + 1)
  base_executions = np.array(executions[reference])
  success = np.concatenate([case.success for case in cases])
  rows = [
      _row(name, np.array(executions[name]), base_executions, aucs[name])
      for name in rankers
  ]
  return [
      dataclasses.replace(
          row,
          calibration=diagnostics.reliability(
              np.concatenate(forecasts[row.name]), success
          ),
      ) if row.name in forecasts else row
      for row in rows
  ]


def at_large(logits: np.ndarray) -> np.ndarray:
  """Moves logits of success from training's prior to that of all candidates.

  A training state has few candidates, and the fix is among them; here it is
  among all there are, so that one is so many times less likely to be it
  (Elkan 2001). No order changes.

  Args:
    logits: of all candidates of one state, shape `[K]`.
  """
  return logits - np.log(max(len(logits) / _TRAINED_ON, 1.0))


def _row(name, executions, reference, aucs) -> Row:
  ratio = stats.paired_ratio(executions, reference)
  return Row(
      name=name,
      geometric_mean=stats.geometric_mean(executions),
      ratio=ratio.estimate,
      low=ratio.low,
      high=ratio.high,
      median=float(np.median(executions)),
      total=float(executions.sum()),
      within={n: int((executions <= n).sum()) for n in WITHIN},
      auc=float(np.mean(aucs)) if aucs else float("nan"),
      executions=tuple(executions.tolist()),
  )


def format_table(rows: Sequence[Row], num_cases: int, reference: str) -> str:
  """Returns the table as text, one ranker a line."""
  within = " ".join(f"<={n}".rjust(5) for n in WITHIN)
  lines = [
      f"executions to the first success, {num_cases} cases; ratio to "
      f"{reference!r} with a paired 95 % bootstrap interval",
      f"{'ranker':28} {'geo.mean':>8} {'ratio':>22} {'median':>7} "
      f"{'total':>8} {within} {'AUC':>6}",
  ]
  for r in rows:
    counts = " ".join(str(r.within[n]).rjust(5) for n in WITHIN)
    interval = f"{r.ratio:.2f} [{r.low:.2f}, {r.high:.2f}]"
    lines.append(
        f"{r.name:28} {r.geometric_mean:8.1f} {interval:>22} {r.median:7.1f} "
        f"{r.total:8.0f} {counts} {r.auc:6.3f}"
    )
  return "\n".join(lines)


def format_calibration(rows: Sequence[Row]) -> str:
  """Returns what was believed and what came true, one ranker a line."""
  lines = [
      "P(fixed) of all candidates: calibration error, then what was foretold: "
      "what came true (of so many)"
  ]
  for row in rows:
    if row.calibration is not None:
      lines.append(
          f"{row.name:28} {row.calibration['ece']:.4f}  "
          + diagnostics.format_bins(row.calibration["bins"])
      )
  return "\n".join(lines)


def to_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
  """Returns the table for machines."""
  return [dataclasses.asdict(r) for r in rows]
