"""The half of a learning curve where labels are few, as one point an arm.

At any one size the interval over cases is wide. Sizes share their cases, so
what an arm spends on a case is averaged over the sizes first.
"""

from collections.abc import Sequence

from jepa.evaluation import arms
from jepa.evaluation import curve
import numpy as np


def merge_low(runs: Sequence[curve.Run]) -> list[curve.Run]:
  """Returns a run of each arm and seed: the mean over the smaller sizes.

  Of executions the geometric mean, case by case. The middle one of an odd
  number of sizes counts as small; the largest of the small ones names the
  result. Arms and seeds that lack one of them are left out.

  Args:
    runs: of all sizes, measured on the same cases.
  """
  sizes = sorted({run.size for run in runs})
  low = sizes[: (len(sizes) + 1) // 2]
  groups: dict[tuple[str, int], list[curve.Run]] = {}
  for run in runs:
    if run.size in low:
      groups.setdefault((run.arm, run.seed), []).append(run)
  return [
      _mean(group, low[-1])
      for group in groups.values()
      if len(group) == len(low)
  ]


def _mean(group: Sequence[curve.Run], size: curve.Size) -> curve.Run:
  first = group[0]
  return curve.Run(
      first.arm, size, first.seed,
      arms.mean_executions([run.executions for run in group]),
      (
          None if first.aucs is None
          else np.mean([run.aucs for run in group], axis=0)
      ),
      {
          name: float(np.mean([run.health[name] for run in group]))
          for name in first.health
      },
  )
