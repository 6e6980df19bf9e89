"""Makes the records of packages in parallel, resumably.

Each task is a part of a package's functions and writes one shard, a gzipped
file of JSON lines, whole or not at all. A run that was killed finds the shards
it had finished; what was in work is done again.
"""

from collections.abc import Callable, Iterator, Sequence
import concurrent.futures
import dataclasses
import functools
import gzip
import hashlib
import json
import multiprocessing
import os
import pathlib
import signal
import threading
import time

from jepa.domains.code_repair import branches
from jepa.domains.code_repair import bugs
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import windows

_CLEANING_SECONDS = 5.0
_TYPICAL_CANDIDATES = 400  # Mean number of edits of a function.
_EXECUTIONS_PER_SHARD = 9900  # About what a kill may lose.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
  """A package and what to make of it.

  has_windows: whether its functions are broken twice; see `windows`.
  """
  checkout: settings_lib.Checkout
  settings: settings_lib.Settings
  has_windows: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Task:
  """One shard to be made: a part of a package's functions."""
  job: Job
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
    jobs: Sequence[Job],
    cache: pathlib.Path,
    *,
    num_workers: int | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> dict[Job, list[pathlib.Path]]:
  """Makes the records of every job; what is in `cache` is not made again.

  Workers are spawned, so that the caller may have initialised JAX.

  Args:
    jobs: what to make.
    cache: folder of the shards.
    num_workers: processes that execute; None for one on each core.
    report: called after each shard.

  Returns:
    The shards of each job, in order.

  Raises:
    executor.ExecutorError: a package's tests cannot be run; the shards of the
      others are made nevertheless.
  """
  tasks = {job: list(_tasks(job, cache)) for job in jobs}
  everything = [t for ts in tasks.values() for t in ts]
  missing = [t for t in everything if not t.shard.exists()]
  num_workers = num_workers or os.cpu_count() or 1
  start, num_records, num_executions = time.monotonic(), 0, 0
  for i, (task, counts) in enumerate(_run(missing, num_workers), 1):
    num_records += counts[0]
    num_executions += counts[1]
    report(
        Progress(
            shard=task.shard.name,
            num_done=len(everything) - len(missing) + i,
            num_shards=len(everything),
            num_records=num_records,
            num_executions=num_executions,
            seconds=time.monotonic() - start,
        )
    )
  return {job: [t.shard for t in ts] for job, ts in tasks.items()}


def read_shard(shard: pathlib.Path) -> Iterator[records.Record]:
  """Yields the records of a shard, or of several shards joined."""
  with gzip.open(shard, "rt") as lines:
    for line in lines:
      yield records.Record.from_json(json.loads(line))


def _tasks(job: Job, cache: pathlib.Path) -> Iterator[_Task]:
  settings = job.settings
  per_state = settings.num_candidates or min(
      settings.max_executed, _TYPICAL_CANDIDATES
  )
  num_parts = -(-settings.num_states * per_state // _EXECUTIONS_PER_SHARD)
  for part in range(num_parts):
    name = (
        f"{job.checkout.name}-{part:03d}-of-{num_parts:03d}-"
        f"{_key(job)}.jsonl.gz"
    )
    yield _Task(job=job, part=part, num_parts=num_parts, shard=cache / name)


def _key(job: Job) -> str:
  """A hash of what decides a shard's content, beside the package itself."""
  versions = [branches.VERSION, records.VERSION]
  content = [dataclasses.asdict(job.settings), versions, edits.KINDS]
  if job.has_windows:
    content.append(["windows", windows.VERSION])
  text = json.dumps(content, sort_keys=True)
  return hashlib.sha256(text.encode()).hexdigest()[:12]


def _run(
    tasks: Sequence[_Task], num_workers: int
) -> Iterator[tuple[_Task, tuple[int, int]]]:
  """Yields each task as it is done, with what `_make_shard` returned."""
  if not tasks:
    return
  # Forking a process that has threads, as JAX's has, may hang.
  context = multiprocessing.get_context("spawn")
  with concurrent.futures.ProcessPoolExecutor(
      min(num_workers, len(tasks)),
      mp_context=context,
      initializer=_end_with_parent,
  ) as pool:
    futures = {pool.submit(_make_shard, task): task for task in tasks}
    errors = []
    try:
      for future in concurrent.futures.as_completed(futures):
        error = future.exception()
        if isinstance(error, executor_lib.ExecutorError):
          errors.append(error)  # Of one package: the others go on.
        else:
          yield futures[future], future.result()
    finally:
      pool.shutdown(wait=True, cancel_futures=True)
    if errors:
      raise errors[0]


def _end_with_parent() -> None:
  """Makes this process end when the one that started it was killed."""

  def watch():
    multiprocessing.parent_process().join()
    os.kill(os.getpid(), signal.SIGINT)  # Lets the executor clean up.
    time.sleep(_CLEANING_SECONDS)
    os._exit(1)

  threading.Thread(target=watch, daemon=True).start()


def _maker(job: Job) -> Callable[..., Iterator[records.Record]]:
  if job.checkout.bugs:
    return bugs.make_records
  if job.has_windows:
    return functools.partial(branches.make_records, make=windows.make_records)
  return branches.make_records


def _make_shard(task: _Task) -> tuple[int, int]:
  """Writes one shard; returns how many records and executions it holds."""
  task.shard.parent.mkdir(parents=True, exist_ok=True)
  scratch = task.shard.with_name(f"{task.shard.name}.{os.getpid()}.tmp")
  num_records = num_executions = 0
  make_records = _maker(task.job)
  try:
    # Without a name and a time, equal records make equal bytes.
    with (
        open(scratch, "wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as out,
    ):
      for record in make_records(
          task.job.checkout, task.job.settings,
          part=task.part, num_parts=task.num_parts,
      ):
        out.write(json.dumps(record.to_json()).encode() + b"\n")
        num_records += 1
        num_executions += len(record.candidates)
    os.replace(scratch, task.shard)
  finally:
    scratch.unlink(missing_ok=True)
  return num_records, num_executions
