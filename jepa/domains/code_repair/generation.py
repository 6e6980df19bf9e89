"""Runs `branches.make_records` over packages in parallel, resumably.

Each task is a part of a package's functions and writes one shard, a gzipped
file of JSON lines, whole or not at all. A run that was killed finds the shards
it had finished; what was in work is done again.
"""

from collections.abc import Callable, Iterator, Sequence
import concurrent.futures
import dataclasses
import gzip
import hashlib
import json
import multiprocessing
import os
import pathlib
import time

from jepa.domains.code_repair import branches
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import records

_STATES_PER_SHARD = 60


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
  """One shard to be made: a part of a package's functions."""
  checkout: branches.Checkout
  settings: branches.Settings
  part: int
  num_parts: int
  shard: pathlib.Path


@dataclasses.dataclass(frozen=True, kw_only=True)
class Progress:
  """How far a run is: shards, records, executed candidates, seconds."""
  shard: str
  num_done: int
  num_shards: int
  num_records: int
  num_executions: int
  seconds: float

  def __str__(self):
    rate = self.num_executions / max(self.seconds, 1e-9)
    return (
        f"executed {self.num_done}/{self.num_shards} shards, "
        f"{self.num_records} states, {self.num_executions} candidates, "
        f"{self.seconds:.0f}s ({rate:.0f}/s): {self.shard}"
    )


def generate(
    checkouts: Sequence[branches.Checkout],
    settings: branches.Settings,
    cache: pathlib.Path,
    *,
    num_workers: int = 2,
    report: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, list[pathlib.Path]]:
  """Makes the records of every package; what is in `cache` is not made again.

  Workers are spawned, so that the caller may have initialised JAX.

  Args:
    checkouts: the unpacked packages.
    settings: of each package.
    cache: folder of the shards.
    num_workers: processes that execute.
    report: called after each shard.

  Returns:
    The shards of each package, in order, by name.

  Raises:
    executor.ExecutorError: a package's tests cannot be run.
  """
  tasks = [t for c in checkouts for t in _tasks(c, settings, cache)]
  missing = [t for t in tasks if not t.shard.exists()]
  start, num_records, num_executions = time.monotonic(), 0, 0
  for i, (task, counts) in enumerate(_run(missing, num_workers), 1):
    num_records += counts[0]
    num_executions += counts[1]
    report(
        Progress(
            shard=task.shard.name,
            num_done=len(tasks) - len(missing) + i,
            num_shards=len(tasks),
            num_records=num_records,
            num_executions=num_executions,
            seconds=time.monotonic() - start,
        )
    )
  shards: dict[str, list[pathlib.Path]] = {}
  for task in tasks:
    shards.setdefault(task.checkout.name, []).append(task.shard)
  return shards


def read_shard(shard: pathlib.Path) -> Iterator[records.Record]:
  with gzip.open(shard, "rt") as lines:
    for line in lines:
      yield records.Record.from_json(json.loads(line))


def _tasks(checkout, settings, cache) -> Iterator[Task]:
  key = _key(settings)
  num_parts = max(1, -(-settings.num_states // _STATES_PER_SHARD))
  for part in range(num_parts):
    name = f"{checkout.name}-{part:03d}-of-{num_parts:03d}-{key}.jsonl.gz"
    yield Task(
        checkout=checkout, settings=settings, part=part, num_parts=num_parts,
        shard=cache / name,
    )


def _key(settings: branches.Settings) -> str:
  """A hash of what decides a shard's content, beside the package itself."""
  content = [dataclasses.asdict(settings), records.VERSION, edits.KINDS]
  text = json.dumps(content, sort_keys=True)
  return hashlib.sha256(text.encode()).hexdigest()[:12]


def _run(
    tasks: Sequence[Task], num_workers: int
) -> Iterator[tuple[Task, tuple[int, int]]]:
  """Yields each task as it is done, with what `_make_shard` returned."""
  if not tasks:
    return
  # Forking a process that has threads, as JAX's has, may hang.
  context = multiprocessing.get_context("spawn")
  with concurrent.futures.ProcessPoolExecutor(
      min(num_workers, len(tasks)), mp_context=context
  ) as pool:
    futures = {pool.submit(_make_shard, task): task for task in tasks}
    try:
      for future in concurrent.futures.as_completed(futures):
        yield futures[future], future.result()
    finally:
      pool.shutdown(wait=True, cancel_futures=True)


def _make_shard(task: Task) -> tuple[int, int]:
  """Writes one shard; returns how many records and executions it holds."""
  task.shard.parent.mkdir(parents=True, exist_ok=True)
  scratch = task.shard.with_name(f"{task.shard.name}.{os.getpid()}.tmp")
  num_records = num_executions = 0
  try:
    # Without a time of writing, equal records make equal bytes.
    with gzip.GzipFile(scratch, "wb", mtime=0) as out:
      for record in branches.make_records(
          task.checkout, task.settings,
          part=task.part, num_parts=task.num_parts,
      ):
        out.write(json.dumps(record.to_json()).encode() + b"\n")
        num_records += 1
        num_executions += len(record.candidates)
    os.replace(scratch, task.shard)
  finally:
    scratch.unlink(missing_ok=True)
  return num_records, num_executions
