"""Candidates a second, side by side, on the tests that toolz ships.

  python -m tests.benchmarks.executor_benchmark --rounds=10

All methods judge edits of the same functions, in turns, in one run. CPU time
is that of the method's own processes; starting a worker is not part of it,
and printed apart. Left out for all methods are edits that do not compile,
edits that only a fresh import can run, edits no test reaches, and those that
hang, which cost any method its budget.

With mutmut beside them, which judges mutants of its own, of one file, and may
use one processor:

  python -m venv /tmp/mutmut && /tmp/mutmut/bin/pip install mutmut==3.8.1 pytest
  python -m tests.benchmarks.executor_benchmark --mutmut=/tmp/mutmut/bin/mutmut

On 2026-11-21, on two shared cores of an AMD EPYC at load 3.8, --rounds=2, a
second and a CPU second: pytest .2 and .5, referee .2 and .8, warm referee 1.3
and 5.6, fork and protocol 35 and 54, mutmut 4.5 and 13.4, hot swap 122 and 442,
streamed 154 and 475. On 2026-11-26 on one core at load 2.3, --rounds=1: pytest
.9 and .9, referee 1.4 and 1.4, warm referee 6.2 and 8.6, fork and protocol 76
and 80, hot swap 933 and 892, streamed 1,087 and 1,000.
"""

import collections
from collections.abc import Callable, Iterator
import contextlib
import dataclasses
import itertools
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

from absl import app
from absl import flags
from jepa.domains.code_repair import executor
from jepa.domains.code_repair.executor import exact
from jepa.domains.code_repair.executor import scratch
from tests.benchmarks import installed_project
from tests.benchmarks import mutmut_run

_ROUNDS = flags.DEFINE_integer("rounds", 10, "Turns of each method.")
_MUTMUT = flags.DEFINE_string("mutmut", "", "The program, version 3.")
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the order of candidates.")


@dataclasses.dataclass
class Method:
  """A way to judge candidates, and what it has cost so far.

  judge: takes candidates and returns a status for each.
  batch: candidates in one turn.
  pids: processes that do the work and outlive a turn.
  """
  name: str
  judge: Callable[[list], list[str]]
  batch: int
  pids: Callable[[], list[int]] = list
  start: float = 0.0
  count: int = 0
  wall: float = 0.0
  cpu: float = 0.0
  fell: int = 0

  def take_turn(self, candidates: Iterator) -> None:
    batch = [next(candidates) for _ in range(self.batch)]
    wall, cpu = time.perf_counter(), self._cpu()
    statuses = self.judge(batch)
    self.wall += time.perf_counter() - wall
    self.cpu += self._cpu() - cpu
    self.count += len(batch)
    self.fell += sum(status != "passed" for status in statuses)

  def _cpu(self) -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() + used.ru_utime + used.ru_stime
    return own + sum(map(_cpu_of, self.pids()))


def _cpu_of(pid: int) -> float:
  """CPU seconds of a process and of its children that have ended."""
  try:
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
  except FileNotFoundError:
    return 0.0
  fields = text.rpartition(")")[2].split()
  return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _by_subprocess(project: executor.Project, stack) -> Callable:
  """What most tools do: write the file, run pytest, write it back."""
  copy = stack.enter_context(scratch.Scratch(project.root))
  command = [sys.executable, "-B", "-m", "pytest", "-x", "-q",
             "-p", "no:cacheprovider", *project.tests]

  def judge(batch):
    statuses = []
    for patch in batch:
      for path, content in patch.items():
        file = copy.tree / path
        original = file.read_bytes()
        file.write_bytes(content)
        done = subprocess.run(
            command, cwd=copy.tree, capture_output=True, check=False
        )
        file.write_bytes(original)
      statuses.append("passed" if done.returncode == 0 else "failed")
    return statuses

  return judge


def _methods(project, stack) -> tuple[executor.FastExecutor, list[Method]]:
  def open_fast(**limits):
    start = time.perf_counter()
    fast = stack.enter_context(
        executor.FastExecutor(project, executor.Limits(**limits))
    )
    return fast, time.perf_counter() - start

  fast, fast_start = open_fast()
  forking, forking_start = open_fast(renew_every=1)
  # As other tools do it: each candidate in a fork, each test by the protocol.
  forking._connection.set_up({
      **forking._connection._setup,
      "protocol": list(range(len(forking.baseline.tests))),
  })
  start = time.perf_counter()
  warm = stack.enter_context(exact.WarmReferee(project))
  warm_start = time.perf_counter() - start
  subprocesses = _by_subprocess(project, stack)

  def patches(batch):
    return [fast.patch(target, text) for target, text in batch]

  def one_by_one(one):
    return lambda batch: [one.execute(*each).status for each in batch]

  def pids_of(one):
    connection = one._connection
    return [connection._process._popen.pid, connection._server]

  return fast, [
      Method("python -m pytest -x", lambda b: subprocesses(patches(b)), 1),
      Method("referee", lambda b: [
          exact.referee(project, p, stop=True).status for p in patches(b)
      ], 1),
      Method("warm referee", lambda b: [
          warm.run(p, stop=True).status for p in patches(b)
      ], 3, lambda: [warm._process._popen.pid], warm_start),
      Method("fork and protocol", one_by_one(forking), 20,
             lambda: pids_of(forking), forking_start),
      Method("hot swap", one_by_one(fast), 100,
             lambda: pids_of(fast), fast_start),
      Method("hot swap, streamed", _streaming(fast), 100,
             lambda: pids_of(fast), fast_start),
  ]


def _streaming(fast: executor.FastExecutor) -> Callable:
  """Candidates come by function, as in a search or a data set."""

  def judge(batch):
    by_target = collections.defaultdict(list)
    for target, text in batch:
      by_target[target].append(text)
    return [
        execution.status
        for target, texts in by_target.items()
        for execution in fast.execute_many(target, texts)
    ]

  return judge


def main(unused_argv):
  with contextlib.ExitStack() as stack:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    root = pathlib.Path(folder, "toolz")
    project = installed_project.copy("toolz", root)
    fast, methods = _methods(project, stack)
    candidates = [
        each for each in installed_project.candidates(
            project, installed_project.TOOLZ, _SEED.value
        )
        if (verdict := fast.execute(*each)).num_run
        and verdict.status in ("passed", "failed")
    ]
    print(f"{len(candidates)} candidates, "
          f"{len(fast.baseline.tests)} tests, load {os.getloadavg()[0]:.1f}")
    turns = {m.name: itertools.cycle(candidates) for m in methods}
    for _ in range(_ROUNDS.value):
      for method in methods:
        method.take_turn(turns[method.name])
    print(f"{'method':22}{'start s':>9}{'count':>7}{'fell':>6}"
          f"{'per s':>9}{'per CPU s':>11}")
    for m in methods:
      print(f"{m.name:22}{m.start:9.2f}{m.count:7}{m.fell / m.count:6.2f}"
            f"{m.count / m.wall:9.1f}{m.count / m.cpu:11.1f}")
    if _MUTMUT.value:
      m = mutmut_run.run(
          _MUTMUT.value, project.root / "toolz", "toolz/dicttoolz.py"
      )
      print(f"{'mutmut':22}{m.start:9.2f}{m.count:7}{m.fell / m.count:6.2f}"
            f"{m.count / m.wall:9.1f}{m.count / m.cpu:11.1f}")


if __name__ == "__main__":
  app.run(main)
