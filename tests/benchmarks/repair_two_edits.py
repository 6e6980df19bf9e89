"""Repairs small projects with two bugs in one function, neither visible alone.

  python -m tests.benchmarks.repair_two_edits [--checkpoint=PATH]

The baseline beside it is the search for single edits: it finds none of these.
"""

import pathlib
import tempfile
from unittest import mock

from absl import app
from absl import flags
from jepa.planning import repair
from jepa.planning.repair import queue
from tests.planning.repair import projects

_CHECKPOINT = flags.DEFINE_string("checkpoint", "none", "As of the app.")
_MAX_EXECUTIONS = flags.DEFINE_integer("max_executions", 5000, "Of a bug.")
_ONLY = flags.DEFINE_string("only", "", "Part of the names to run.")
_BASELINE = flags.DEFINE_bool("baseline", False, "Try single edits only.")


def main(_):
  count = 0
  for bug in projects.DOUBLE_BUGS:
    if _ONLY.value in bug.name:
      count += _repair(bug)
  print(f"{count} repaired")


def _repair(bug: projects.Bug) -> bool:
  with tempfile.TemporaryDirectory() as folder:
    request = repair.Request(
        root=bug.write(pathlib.Path(folder)),
        test_command=bug.test_command,
        checkpoint=_CHECKPOINT.value,
        budget=repair.Budget(executions=_MAX_EXECUTIONS.value, seconds=1000),
    )
    num_first = 0 if _BASELINE.value else queue.MAX_FIRST_EDITS
    with mock.patch.object(queue, "MAX_FIRST_EDITS", num_first):
      report = repair.repair(request)
  found = report.patches[0].description if report.patches else ""
  print(
      f"{bug.name:20} {report.status:10} {report.executions:5} of "
      f"{report.candidates:6} {report.seconds:6.1f} s  {found}", flush=True,
  )
  return report.status == "fixed"


if __name__ == "__main__":
  app.run(main)
