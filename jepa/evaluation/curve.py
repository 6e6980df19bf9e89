"""The learning curve: what each arm makes of so many executed branches.

A point is one arm at one size, over seeds. Arms are compared with a reference
on the very same cases and branches, seeds being averaged first, so the interval
says what other cases would have given; the spread over seeds stands beside it.
"""

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import types
from typing import Any, NamedTuple

from jepa import checkpoint
from jepa import stats
from jepa.evaluation import branches
from jepa.evaluation import inference
from jepa.evaluation import table
import numpy as np

# Diagnostics that stand in the table, and how they are called there.
_SHOWN = {
    "rank_ratio": "rank/D",
    "predictor_rank_ratio": "predicted",
    "copy_lift": "copy lift",
}


class Size(NamedTuple):
  """How much was learned from: states, and edits executed in them."""
  num_states: int
  num_branches: int


class Run(NamedTuple):
  """One trained ranker, measured.

  arm, size, seed: of its training.
  executions: to the first success of each case, shape `[cases]`.
  aucs: within each held-out branch, shape `[branches]`; None where the ranker
    is of another kind than a world model.
  health: diagnostics of its latents there by name; see `branches`.
  """
  arm: str
  size: Size
  seed: int
  executions: np.ndarray
  aucs: np.ndarray | None
  health: Mapping[str, float] = types.MappingProxyType({})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Point:
  """One arm at one size, over its seeds.

  reference: the arm that it is compared with.
  geometric_mean: of executions to the first success, seeds averaged.
  least, most: the same, of the best and the worst seed.
  ratio: to the reference's executions, with a paired 95 % interval over cases:
    below one is better. None for the reference, or without it.
  auc: within held-out branches, seeds averaged; None where not measured.
  auc_gain: what is added to the reference's, with its interval over branches.
  health: diagnostics of its latents by name, seeds averaged.
  """
  arm: str
  size: Size
  reference: str
  num_seeds: int
  geometric_mean: float
  least: float
  most: float
  ratio: stats.Interval | None
  auc: float | None
  auc_gain: stats.Interval | None
  health: Mapping[str, float]


def count(examples: Sequence[Mapping[str, Any]]) -> Size:
  """Counts the executed edits of states as `reading.load_examples` has them."""
  masks = (examples[i]["outcomes"]["mask"] for i in range(len(examples)))
  return Size(len(examples), int(sum(mask.sum() for mask in masks)))


def executions(
    rankers: Mapping[str, table.Ranker],
    cases: Sequence[table.Case],
    on_case: Callable[[int], None] = lambda i: None,
) -> dict[str, np.ndarray]:
  """Returns each ranker's executions to the first success of each case.

  Cases without a success are left out. Every case is passed once, with all the
  rankers: models that share their work encode it once.

  Args:
    rankers: by name.
    cases: executed.
    on_case: called with the number of each case that is done.
  """
  found = {name: [] for name in rankers}
  for i, case in enumerate(cases):
    if case.success.any():
      for name, ranker in rankers.items():
        found[name].append(
            stats.expected_executions(ranker(case), case.success)
        )
    on_case(i + 1)
  return {name: np.array(counts) for name, counts in found.items()}


def measure(
    exported: checkpoint.Exported, examples: Sequence[Any]
) -> tuple[np.ndarray, dict[str, float]]:
  """Returns AUCs and health of a model on held-out branches: see `Run`."""
  batch, encoded, _ = inference.run(exported, examples)
  return _branch_aucs(encoded, batch), branches.measure_health(encoded, batch)


def _branch_aucs(encoded, batch) -> np.ndarray:
  """Returns AUC of each branch that has a success and a failure."""
  logits, success = encoded.logits["none"], batch.outcomes.signals > 0.5
  found = []
  for score, passed, mask in zip(logits, success, batch.outcomes.mask):
    labels = passed[mask, 0]
    if labels.any() and not labels.all():
      found.append(stats.auc(score[mask, 0], labels))
  return np.array(found)


def summarize(runs: Sequence[Run], reference: str) -> list[Point]:
  """Returns the points of the curve, by size and then as arms first come.

  Raises:
    ValueError: runs were measured on different cases.
  """
  groups: dict[tuple[Size, str], list[Run]] = {}
  for run in runs:
    groups.setdefault((run.size, run.arm), []).append(run)
  order = {arm: i for i, arm in enumerate(dict.fromkeys(r.arm for r in runs))}
  keys = sorted(groups, key=lambda key: (key[0], order[key[1]]))
  return [
      _point(
          arm, size, groups[size, arm], reference, groups.get((size, reference))
      )
      for size, arm in keys
  ]


def _point(arm, size, group, reference, other) -> Point:
  own = _mean_log(group)
  of_seeds = [stats.geometric_mean(run.executions) for run in group]
  other = arm != reference and other
  aucs, other_aucs = _mean_auc(group), other and _mean_auc(other)
  return Point(
      arm=arm,
      size=size,
      reference=reference,
      num_seeds=len(group),
      geometric_mean=float(np.exp(own.mean())),
      least=min(of_seeds),
      most=max(of_seeds),
      ratio=(
          stats.paired_ratio(np.exp(own), np.exp(_mean_log(other)))
          if other else None
      ),
      auc=None if aucs is None else float(aucs.mean()),
      auc_gain=(
          stats.paired_difference(aucs, other_aucs)
          if other and aucs is not None and other_aucs is not None else None
      ),
      health={
          name: float(np.mean([run.health[name] for run in group]))
          for name in group[0].health
      },
  )


def _mean_log(group: Sequence[Run]) -> np.ndarray:
  return np.mean([np.log(run.executions) for run in group], axis=0)


def _mean_auc(group: Sequence[Run]) -> np.ndarray | None:
  if any(run.aucs is None for run in group):
    return None
  return np.mean([run.aucs for run in group], axis=0)


def format_curve(points: Sequence[Point], reference: str) -> str:
  """Returns the curve as text, one point a line."""
  lines = [
      f"executions to the first success, and AUC within branches; beside "
      f"{reference!r} of the same size,",
      "with paired 95 % intervals over cases and branches",
      f"{'branches':>8} {'states':>6} {'arm':14} {'seeds':>5} {'geo.mean':>8} "
      f"{'(seeds)':>15} {'ratio':>19} {'AUC':>6} {'gain':>22} "
      + " ".join(title.rjust(9) for title in _SHOWN.values()),
  ]
  for p in points:
    lines.append(
        f"{p.size.num_branches:8} {p.size.num_states:6} {p.arm:14} "
        f"{p.num_seeds:5} {p.geometric_mean:8.1f} "
        f"{f'({p.least:.1f} - {p.most:.1f})':>15} "
        f"{_interval(p.ratio, '.2f'):>19} "
        f"{'' if p.auc is None else f'{p.auc:.3f}':>6} "
        f"{_interval(p.auc_gain, '+.3f'):>22} "
        + " ".join(_cell(p.health, name).rjust(9) for name in _SHOWN)
    )
  return "\n".join(lines)


def _cell(health: Mapping[str, float], name: str) -> str:
  return f"{health[name]:.2f}" if name in health else ""


def _interval(x: stats.Interval | None, spec: str) -> str:
  if x is None:
    return ""
  return f"{x.estimate:{spec}} [{x.low:{spec}}, {x.high:{spec}}]"


def to_json(points: Sequence[Point]) -> list[dict[str, Any]]:
  """Returns the curve for machines."""
  named = lambda x: x._asdict() if isinstance(x, tuple) else x
  return [
      {f.name: named(getattr(p, f.name)) for f in dataclasses.fields(p)}
      for p in points
  ]
