r"""Labelled construction steps per minute, beside what the bare CLI allows.

  python -m tests.benchmarks.orb_throughput_benchmark --num_walks=40

The bare CLI is asked about the very same programs, by as many threads as there
are workers, with nothing else done: no choice of actions, no encoding. Runs
alternate, because other loads on the machine come and go; CPU seconds, of this
process and all its children, are less moved by them than wall time.
"""

import concurrent.futures
import json
import os
import resource
import subprocess
import time

from absl import app
from absl import flags
from jepa.datasets import features
from jepa.domains.orb import compiler as compiler_lib
from jepa.domains.orb import generation
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import vocabulary

_NUM_WALKS = flags.DEFINE_integer("num_walks", 40, "Walks of a run.")
_REPEATS = flags.DEFINE_integer("repeats", 3, "Runs of each kind.")
_NUM_WORKERS = flags.DEFINE_integer(
    "num_workers", len(os.sched_getaffinity(0)), "Processes, or threads."
)

_SIZES = features.Sizes(
    num_nodes=256, num_symbols=192, num_candidates=12, num_next=2
)


def _jobs():
  return [
      generation.GeneratedJob(key=f"benchmark/{i}")
      for i in range(_NUM_WALKS.value)
  ]


def _record_programs() -> tuple[list[bytes], int]:
  """Returns the programs of all steps, and how many more are judged."""
  compiler = compiler_lib.Compiler()
  texts = []
  for job in _jobs():
    for fork in job.forks(compiler.verdicts):
      texts += [program_lib.canonical(p).encode() for p in fork.programs]
  return texts, compiler.num_runs - len(texts)


def _run_pipeline() -> int:
  """Walks, judges and encodes; returns the number of labelled steps."""
  count = 0
  settings = generation.Settings(num_workers=_NUM_WORKERS.value)
  for _, branches in generation.run(_jobs(), settings):
    for branch in branches:
      features.encode_branch(branch, vocabulary.VOCABULARY, _SIZES, "{}")
      count += len(branch.candidates)
  return count


def _run_bare(texts: list[bytes]) -> int:
  """Asks the CLI what `Compiler` asks, in the plainest way."""
  cli = compiler_lib.find()

  def label(text):
    commands = (
        ["validate", "--json", "/dev/stdin"],
        ["test", "--execute", "--report", "json", "/dev/stdin"],
    )
    validated, _ = (
        subprocess.run([cli, *c], input=text, capture_output=True, env={})
        for c in commands
    )
    return json.loads(validated.stdout)["valid"]

  with concurrent.futures.ThreadPoolExecutor(_NUM_WORKERS.value) as pool:
    return len(list(pool.map(label, texts)))


def _cpu_seconds() -> float:
  usages = map(
      resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
  )
  return sum(u.ru_utime + u.ru_stime for u in usages)


def _measure(run, *args) -> tuple[int, float, float]:
  """Returns steps, wall seconds and CPU seconds."""
  wall, cpu = time.perf_counter(), _cpu_seconds()
  count = run(*args)
  return count, time.perf_counter() - wall, _cpu_seconds() - cpu


def main(_):
  texts, extra = _record_programs()
  print(f"{len(texts)} steps, {extra} other programs judged on the way")
  totals = {"pipeline": [0, 0.0, 0.0], "bare CLI": [0, 0.0, 0.0]}
  for _ in range(_REPEATS.value):
    for name, run, args in (
        ("pipeline", _run_pipeline, ()),
        ("bare CLI", _run_bare, (texts,)),
    ):
      found = _measure(run, *args)
      totals[name] = [a + b for a, b in zip(totals[name], found)]
      count, wall, cpu = found
      print(f"{name}: {60 * count / wall:.0f}/min, {1e3 * cpu / count:.2f} "
            "CPU ms a step")
  rates = {
      name: (count / wall, count / cpu)
      for name, (count, wall, cpu) in totals.items()
  }
  ours, bare = rates["pipeline"], rates["bare CLI"]
  print(f"pipeline / bare CLI: {ours[0] / bare[0]:.3f} by wall time, "
        f"{ours[1] / bare[1]:.3f} by CPU time")


if __name__ == "__main__":
  app.run(main)
