"""Seconds from the command to the first verified patch, as a user waits.

  python -m tests.benchmarks.repair_seconds --checkpoint=model.npz

The command is started anew each time, on small projects of the tests: by the
static prior, which loads no model; with a model whose programs are yet to be
compiled; and with those that the run before has kept. In turns, in one run.
CPU seconds are of the command and of all that it starts; on a busy machine
they say more than the clock.

Measured on 2026-11-26 on a core of an AMD EPYC: medians of CPU seconds .8 by
the static prior, 4.5 with a model the first time and 1.6 later; by the clock
.8, 4.6 and 1.6 (at most 1.8). In a slower hour of the day before, CPU seconds
were 2.1, 11.4 and 4.0. Of each, up to two are spent after the first verified
patch, looking for a plainer one.
"""

import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

from absl import app
from absl import flags
from tests.planning.repair import projects

_CHECKPOINT = flags.DEFINE_string("checkpoint", "", "As of the app.")
_PROJECTS = flags.DEFINE_list(
    "projects", ["boundary", "index", "swapped accounts"], "Names of bugs."
)


class Cost(NamedTuple):
  """Of one command, in seconds."""
  wall: float
  cpu: float


def _run(bug: projects.Bug, checkpoint: str, cache: str) -> Cost:
  with tempfile.TemporaryDirectory() as folder:
    command = [
        sys.executable, "-m", "jepa.apps.repair", "--json",
        f"--repo={bug.write(pathlib.Path(folder))}",
        f"--test_command={bug.test_command}", f"--checkpoint={checkpoint}",
    ]
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": cache,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    start, used = time.perf_counter(), _cpu()
    done = subprocess.run(command, env=environment, capture_output=True)
    wall = time.perf_counter() - start
  if done.returncode:
    raise RuntimeError(f"{bug.name}: {done.stderr.decode()}")
  return Cost(wall, _cpu() - used)


def _cpu() -> float:
  used = resource.getrusage(resource.RUSAGE_CHILDREN)
  return used.ru_utime + used.ru_stime


def main(_):
  costs: dict[str, list[Cost]] = {}
  print(f"load {os.getloadavg()[0]:.1f}")
  for bug in projects.BUGS:
    if bug.name not in _PROJECTS.value:
      continue
    with tempfile.TemporaryDirectory() as cache:
      for name, checkpoint in (
          ("static prior", "none"),
          ("model, first time", _CHECKPOINT.value),
          ("model, later", _CHECKPOINT.value),
      ):
        cost = _run(bug, checkpoint, cache)
        print(f"  {bug.name:20}{name:20}{cost.wall:7.1f}{cost.cpu:7.1f}",
              flush=True)
        costs.setdefault(name, []).append(cost)
  print(f"{'medians':22}{'':20}{'wall s':>7}{'CPU s':>7}")
  for name, known in costs.items():
    wall, cpu = map(statistics.median, zip(*known))
    print(f"{'':22}{name:20}{wall:7.1f}{cpu:7.1f}")


if __name__ == "__main__":
  app.run(main)
