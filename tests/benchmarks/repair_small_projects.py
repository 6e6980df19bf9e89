"""Repairs every small project of the tests and prints what it took.

  python -m tests.benchmarks.repair_small_projects [--checkpoint=PATH]

Measured with the static prior alone, before second edits and what is called
progress were looked at: 19 of 23 repaired, executions in geometric mean 18.3,
median 13. On 2026-11-26, tests running beside it, with the model that ships and
60 s each: 21 of 23, geometric mean 29.9, median 26; not "endless loop", whose
test hangs with nearly every candidate, and not "generator".
"""

import pathlib
import tempfile

from absl import app
from absl import flags
from jepa.planning import repair
import numpy as np
from tests.planning.repair import projects

_CHECKPOINT = flags.DEFINE_string("checkpoint", "none", "As of the app.")
_ONLY = flags.DEFINE_string("only", "", "Part of the names to run.")
_MAX_EXECUTIONS = flags.DEFINE_integer("max_executions", 5000, "Of a bug.")
_MAX_SECONDS = flags.DEFINE_float("max_seconds", 120.0, "Of a bug.")


def main(_):
  counts = []
  for bug in projects.BUGS:
    if _ONLY.value in bug.name:
      counts.append(_repair(bug))
  found = [c for c in counts if c is not None]
  print(
      f"{len(found)} of {len(counts)} repaired; executions: geometric mean "
      f"{np.exp(np.mean(np.log(found))):.1f}, median {np.median(found):.1f}"
  )


def _repair(bug: projects.Bug) -> int | None:
  with tempfile.TemporaryDirectory() as folder:
    request = repair.Request(
        root=bug.write(pathlib.Path(folder)),
        test_command=bug.test_command,
        checkpoint=_CHECKPOINT.value,
        budget=repair.Budget(
            executions=_MAX_EXECUTIONS.value, seconds=_MAX_SECONDS.value
        ),
    )
    try:
      report = repair.repair(request)
    except repair.RepairError as error:
      print(f"{bug.name:20} {error}", flush=True)
      return None
  found = report.patches[0].description if report.patches else ""
  print(
      f"{bug.name:20} {report.status:10} {report.executions:5} of "
      f"{report.candidates:5} {report.seconds:6.1f} s  {found}", flush=True,
  )
  return report.executions if report.patches else None


if __name__ == "__main__":
  app.run(main)
