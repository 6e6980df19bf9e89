"""Kills `jepa-repair` at random moments and looks at what is left.

  python -m tests.benchmarks.executor_kills --kills=200

A kill may change nothing in the user's tree, take nothing from the log of
traces but a line that was being written, and leave no process and no file
behind. Exits with 1 if one did.

On 2026-11-21, on two shared cores of an AMD EPYC: 200 kills within 3.2 s of the
start, 114 traces in the log, none unfinished; 0 faults.
"""

from collections.abc import Iterator, Sequence
import hashlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from absl import app
from absl import flags
from jepa.traces import log
from tests.planning.repair import projects

_KILLS = flags.DEFINE_integer("kills", 200, "How often to kill the tool.", 1)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the moments.")

_PATIENCE = 60.0  # Seconds by which everything must be tidy, at any load.


class Rig:
  """A project with a bug, a log, and a place for the tool's own files.

  Args:
    folder: empty; holds all three.
  """

  def __init__(self, folder: pathlib.Path):
    bug = projects.BUGS[0]
    self.root = bug.write(folder / "project")
    self.log = folder / "traces.log"
    self._tmp = folder / "tmp"
    self._tmp.mkdir()
    self._command = [
        sys.executable, "-m", "jepa.apps.repair", f"--repo={self.root}",
        f"--test_command={bug.test_command}", f"--python={sys.executable}",
        "--checkpoint=none", f"--traces={self.log}", "--max_executions=100",
    ]
    self._before = digest(self.root)

  def run(self, seconds: float | None = None) -> float:
    """Starts the tool, kills it after that time, and returns what it took."""
    start = time.monotonic()
    environment = {
        **os.environ,
        "TMPDIR": str(self._tmp),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    with subprocess.Popen(
        self._command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as tool:
      try:
        tool.wait(seconds)
      except subprocess.TimeoutExpired:
        tool.kill()
    return time.monotonic() - start

  def faults(self, log_before: bytes) -> Iterator[str]:
    """Yields what is not as it should be, after waiting for it.

    Args:
      log_before: what the log held before the last run.
    """
    if digest(self.root) != self._before:
      yield "the project has changed"
    if not self.read_log().startswith(log_before):
      yield "what was logged has changed"
    deadline = time.monotonic() + _PATIENCE
    while (left := [*self._processes(), *map(str, self._tmp.iterdir())]):
      if time.monotonic() > deadline:
        yield f"left behind: {left}"
        return
      time.sleep(0.02)

  def read_log(self) -> bytes:
    return self.log.read_bytes() if self.log.exists() else b""

  def _processes(self) -> Iterator[str]:
    """Yields processes that were started by the tool, directly or not."""
    mark = os.fsencode(self._tmp)
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
      try:
        if mark in (folder / "environ").read_bytes():
          yield (folder / "cmdline").read_bytes().decode(errors="replace")
      except OSError:
        continue  # It has ended.


def digest(root: pathlib.Path) -> str:
  """A hash of every name, mode, time and byte below `root`."""
  found = hashlib.sha256()
  for path in sorted(root.rglob("*")):
    state = path.lstat()
    found.update(f"{path} {state.st_mode} {state.st_mtime_ns}\n".encode())
    found.update(path.read_bytes() if path.is_file() else b"")
  return found.hexdigest()


def moments(
    kills: int, seconds: float, rng: random.Random
) -> Sequence[float]:
  """Returns times of which every part of a run gets its share."""
  spread = [(i + rng.random()) * seconds / kills for i in range(kills)]
  rng.shuffle(spread)
  return spread


def kill_often(
    folder: pathlib.Path, kills: int, seed: int
) -> Iterator[str]:
  """Yields the faults of all kills, and tells how they are spread."""
  rig = Rig(folder)
  whole = rig.run()
  yield from rig.faults(b"")
  for moment in moments(kills, whole, random.Random(seed)):
    before = rig.read_log()
    rig.run(moment)
    for fault in rig.faults(before):
      yield f"killed after {moment:.3f} s: {fault}"
  num_lines = len(rig.read_log().splitlines())
  num_whole = log.count(rig.log)
  if num_lines - num_whole > kills:
    yield f"{num_lines - num_whole} unfinished lines after {kills} kills"
  print(f"{kills} kills within {whole:.1f} s of the start; the log holds "
        f"{num_whole} traces and {num_lines - num_whole} unfinished lines")


def main(unused_argv):
  with tempfile.TemporaryDirectory() as folder:
    faults = 0
    for fault in kill_often(pathlib.Path(folder), _KILLS.value, _SEED.value):
      print(fault, flush=True)
      faults += 1
  print(f"{faults} faults")
  return 1 if faults else 0


if __name__ == "__main__":
  app.run(main)
