"""Runs walks in parallel and encodes what they found.

A job is one walk, or a few from the same program. Its seed decides all that
happens in it, so any set of machines that shares out the jobs makes the same
branches as one.
"""

import collections
from collections.abc import Iterable, Iterator
import concurrent.futures
import dataclasses
import itertools
import multiprocessing
import os
import random
from typing import Protocol

from jepa.domains import base
from jepa.domains.orb import branches
from jepa.domains.orb import cache as cache_lib
from jepa.domains.orb import compiler as compiler_lib
from jepa.domains.orb import corpus
from jepa.domains.orb import fragments
from jepa.domains.orb import intent as intent_lib
from jepa.domains.orb import walk as walk_lib


class Job(Protocol):
  """What a worker does: `key` names it, `forks` does it."""
  key: str

  def forks(self, verify: walk_lib.Verify) -> Iterator[walk_lib.Fork]:
    """Yields forks, the same ones each time."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class GeneratedJob:
  """One walk to a program of our own; `key` is its seed and its origin."""
  key: str
  habits: walk_lib.Habits = walk_lib.Habits()

  def forks(self, verify: walk_lib.Verify) -> Iterator[walk_lib.Fork]:
    rng = random.Random(self.key)
    intent = intent_lib.sample_intent(rng)
    task = walk_lib.Task(
        origin=self.key,
        intent=intent.words,
        plan=intent_lib.make_plan(intent, rng),
    )
    yield from walk_lib.walk(task, rng, verify, self.habits)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PublicJob:
  """Some walks that fill holes in parts of a public program."""
  entry: corpus.Entry
  num_walks: int
  habits: walk_lib.Habits = walk_lib.Habits()

  @property
  def key(self) -> str:
    return self.entry.name

  def forks(self, verify: walk_lib.Verify) -> Iterator[walk_lib.Fork]:
    rng = random.Random(self.key)
    tasks = fragments.sample_tasks(self.entry, rng, verify)
    for task in itertools.islice(tasks, self.num_walks):
      yield from walk_lib.walk(task, rng, verify, self.habits)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  """How jobs are run.

  cache: folder of verdicts, or None to keep none.
  cli: path of the compiler; found if None.
  num_workers: processes; None for one per core. With 1, there is no process
    but the caller's.
  """
  cache: str | None = None
  cli: str | None = None
  num_workers: int | None = None


def run(
    jobs: Iterable[Job], settings: Settings = Settings()
) -> Iterator[tuple[Job, list[base.Branch]]]:
  """Yields each job with its branches, in the order of the jobs.

  Workers are spawned, so that the caller may have initialised JAX.

  Raises:
    CompilerError: there is no verifier of the right version.
  """
  worker = _Worker(settings)  # Fails here and now if the compiler is missing.
  num_workers = settings.num_workers or os.cpu_count() or 1
  if num_workers == 1:
    for job in jobs:
      yield job, worker.run(job)
    return
  with concurrent.futures.ProcessPoolExecutor(
      num_workers,
      mp_context=multiprocessing.get_context("spawn"),
      initializer=_start_worker,
      initargs=(settings,),
  ) as pool:
    pending = collections.deque()
    try:
      for job in jobs:
        pending.append((job, pool.submit(_work, job)))
        # Enough ahead to keep workers busy, not so much as to fill memory.
        if len(pending) > 4 * num_workers:
          done, future = pending.popleft()
          yield done, future.result()
      for done, future in pending:
        yield done, future.result()
    finally:
      pool.shutdown(wait=True, cancel_futures=True)


class _Worker:
  """A compiler, and what is done with the forks of a job."""

  def __init__(self, settings: Settings):
    cache = settings.cache and cache_lib.VerdictCache(settings.cache)
    # Workers are as many as cores: each asks one question at a time.
    self._compiler = compiler_lib.Compiler(
        settings.cli, cache=cache, parallel=1
    )

  def run(self, job: Job) -> list[base.Branch]:
    return [branches.make_branch(f) for f in job.forks(self._compiler.verdicts)]


_workers: list[_Worker] = []  # Of this process: one, once it has started.


def _start_worker(settings: Settings) -> None:
  _workers[:] = [_Worker(settings)]


def _work(job: Job) -> list[base.Branch]:
  return _workers[0].run(job)
