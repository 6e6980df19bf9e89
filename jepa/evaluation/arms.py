"""Arms compared with each other, their seeds averaged.

Several models of an arm are seeds of one experiment. Their executions are
averaged case by case, as geometric means, before arms are compared: so the
paired interval says what other cases would have given, and the spread over
seeds stands beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from jepa import stats
from jepa.evaluation import table
import numpy as np


class Arm(NamedTuple):
  """One arm, over its seeds.

  name: of the arm; of the ranker, where it is no model.
  num_seeds: how many models were averaged.
  geometric_mean: of executions to the first success.
  least, most: the same, of the best and the worst seed.
  auc: of successes against failures of the same case.
  within: cases that succeed within so many executions, seeds averaged.
  ratios: to the executions of other arms by name, with a paired interval (95 %)
    over cases: below one is better.
  """
  name: str
  num_seeds: int
  geometric_mean: float
  least: float
  most: float
  auc: float
  within: Mapping[int, float]
  ratios: Mapping[str, stats.Interval]


# Settings in which seeds of one arm may differ.
_OF_SEEDS = ("seed", "start_from", "dataset.data_dir")


def name_arms(configs: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
  """Returns the arm of each model by the model's name.

  Where models of one arm were trained otherwise than by another seed, they are
  seeds of different arms, which are told apart by the first model of each.

  Args:
    configs: of the models' experiments, as in their manifests.
  """
  plain = {name: dict(_flatten(config)) for name, config in configs.items()}
  arms = {name: c.get("arm") or name for name, c in plain.items()}
  alike: dict[str, list[tuple[list[str], str]]] = {}
  named = {}
  for name, arm in arms.items():
    peers = [plain[other] for other in arms if arms[other] == arm]
    # What only some have is a setting that older versions did not know.
    common = sorted(set.intersection(*map(set, peers)) - {*_OF_SEEDS})
    settings = [str(plain[name][key]) for key in common]
    kinds = alike.setdefault(arm, [])
    if settings not in [known for known, _ in kinds]:
      kinds.append((settings, name))
    named[name] = next(first for known, first in kinds if known == settings)
  return {
      name: arms[name] if len(alike[arms[name]]) == 1
      else f"{arms[name]} as {first}"
      for name, first in named.items()
  }


def _flatten(
    config: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
  for key, value in config.items():
    if isinstance(value, Mapping):
      yield from _flatten(value, f"{prefix}{key}.")
    else:
      yield f"{prefix}{key}", value


def compare(
    rows: Sequence[table.Row],
    arms: Mapping[str, str],
    references: Sequence[str],
) -> list[Arm]:
  """Averages rows over the seeds of each arm and compares the arms.

  Args:
    rows: of one table, hence of the same cases.
    arms: the arm of each row by the row's name; rows that it lacks are left
      out, unless they are references.
    references: arms or rows to compare with; those that are missing are left
      out.
  """
  groups: dict[str, list[table.Row]] = {}
  for row in rows:
    if row.name in arms or row.name in references:
      groups.setdefault(arms.get(row.name, row.name), []).append(row)
  means = {
      name: mean_executions([row.executions for row in group])
      for name, group in groups.items()
  }
  return [_arm(n, g, means, references) for n, g in groups.items()]


def mean_executions(of_seeds: Sequence[Sequence[float]]) -> np.ndarray:
  """Returns the geometric mean over seeds of each case, shape `[cases]`."""
  return np.exp(np.mean(np.log(of_seeds), axis=0))


def _arm(name, group, means, references) -> Arm:
  each = [row.geometric_mean for row in group]
  return Arm(
      name=name,
      num_seeds=len(group),
      geometric_mean=stats.geometric_mean(means[name]),
      least=min(each),
      most=max(each),
      auc=float(np.mean([row.auc for row in group])),
      within={
          n: float(np.mean([row.within[n] for row in group]))
          for n in table.WITHIN
      },
      ratios={
          other: stats.paired_ratio(means[name], means[other])
          for other in references
          if other in means and other != name
      },
  )


def format_arms(arms: Sequence[Arm], references: Sequence[str]) -> str:
  """Returns the comparison as text, one arm a line."""
  shown = [r for r in references if any(r in arm.ratios for arm in arms)]
  within = " ".join(f"<={n}".rjust(6) for n in table.WITHIN)
  lines = [
      "arms, seeds averaged; executions over those of another arm with paired "
      "95 % intervals over cases",
      f"{'arm':20} {'seeds':>5} {'geo.mean':>8} {'(seeds)':>15} {within} "
      f"{'AUC':>6} " + " ".join(f"/ {name}".rjust(19) for name in shown),
  ]
  for arm in arms:
    counts = " ".join(f"{arm.within[n]:6.1f}" for n in table.WITHIN)
    ratios = " ".join(_ratio(arm, name).rjust(19) for name in shown)
    lines.append(
        f"{arm.name:20} {arm.num_seeds:5} {arm.geometric_mean:8.2f} "
        f"{f'({arm.least:.2f} - {arm.most:.2f})':>15} {counts} "
        f"{arm.auc:6.3f} {ratios}"
    )
  return "\n".join(lines)


def _ratio(arm: Arm, other: str) -> str:
  if other not in arm.ratios:
    return ""
  ratio = arm.ratios[other]
  return f"{ratio.estimate:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"


def to_json(arms: Sequence[Arm]) -> list[dict[str, Any]]:
  """Returns the comparison for machines."""
  return [
      arm._asdict()
      | {"ratios": {n: r._asdict() for n, r in arm.ratios.items()}}
      for arm in arms
  ]
