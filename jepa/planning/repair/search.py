"""The search: execute candidates in order, referee those that pass."""

from collections.abc import Callable, Iterator, Sequence
import dataclasses
import itertools
import time

from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import queue as queue_lib

_FIRST_BATCH = 4
_LARGEST_BATCH = 32  # Outcomes change the order only between batches.
_PASSING = ("passed", "skipped")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Budget:
  """What a search may spend.

  executions: candidates executed.
  seconds: wall time, counted from the start of the repair.
  patches: verified patches after which to stop.
  """
  executions: int = 5000
  seconds: float = 300.0
  patches: int = 1


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
  """A candidate that was executed.

  number: how many had been executed with it, from 1.
  probability: what the ranker believed of it before anything was executed.
  is_exact: whether it ran in a clean process.
  """
  number: int
  proposal: queue_lib.Proposal
  probability: float
  execution: evidence_lib.Execution
  is_exact: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Verified:
  """A candidate that passed, and that a clean process has confirmed.

  fixed, remaining: node ids of the tests that failed before, by whether they
    pass now.
  """
  trial: Trial
  fixed: tuple[str, ...]
  remaining: tuple[str, ...]


def search(
    executor: executor_lib.FastExecutor,
    queue: queue_lib.Queue,
    budget: Budget,
    deadline: float,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> Iterator[Verified]:
  """Yields verified candidates until the budget or the queue is used up.

  Args:
    executor: of the project.
    queue: candidates; it learns from every outcome.
    budget: what may be spent; the caller counts patches.
    deadline: by `time.monotonic`.
    on_trial: told of each candidate executed.
  """
  for trial in _trials(executor, queue, budget, deadline):
    queue.learn(trial.proposal, trial.execution)
    on_trial(trial)
    if trial.execution.status == "passed":
      verified = verify(executor, trial)
      if verified is not None:
        yield verified


def _trials(executor, queue, budget, deadline) -> Iterator[Trial]:
  """Executes candidates, those that cannot be hot-swapped when it is fair.

  An exact execution costs a process, so it waits until the fast ones have
  taken as long as it will.
  """
  numbers = itertools.count(1)
  slow: list[queue_lib.Proposal] = []
  fast_seconds = slow_seconds = 0.0
  room = budget.executions
  size = _FIRST_BATCH

  def make(proposal, execution, is_exact=False):
    return Trial(
        number=next(numbers),
        proposal=proposal,
        probability=queue.probability(proposal),
        execution=execution,
        is_exact=is_exact,
    )

  while room > 0 and time.monotonic() < deadline:
    batch = _pop(queue, min(size, room)) if (
        not slow or fast_seconds <= slow_seconds) else []
    start = time.monotonic()
    for proposal, execution in _execute(executor, batch):
      if executor_lib.needs_clean_process(execution):
        slow.append(proposal)
        continue
      room -= 1
      yield make(proposal, execution)
      if time.monotonic() > deadline:
        return
    fast_seconds += time.monotonic() - start
    size = min(2 * size, _LARGEST_BATCH)
    if batch:
      continue
    if not slow:
      return
    start = time.monotonic()
    proposal = slow.pop(0)
    room -= 1
    yield make(proposal, _execute_exact(executor, proposal), is_exact=True)
    slow_seconds += time.monotonic() - start


def _pop(
    queue: queue_lib.Queue, count: int
) -> list[queue_lib.Proposal]:
  batch = []
  while len(batch) < count and (proposal := queue.pop()) is not None:
    batch.append(proposal)
  return batch


def _execute(
    executor: executor_lib.FastExecutor,
    batch: Sequence[queue_lib.Proposal],
) -> Iterator[tuple[queue_lib.Proposal, evidence_lib.Execution]]:
  """Executes a batch, function by function: the executor's stream is of one.
  """
  groups: dict[evidence_lib.Target, list[queue_lib.Proposal]] = {}
  for proposal in batch:
    groups.setdefault(proposal.suspect.target, []).append(proposal)
  for target, proposals in groups.items():
    texts = [p.suspect.text(p.edit) for p in proposals]
    yield from zip(proposals, executor.execute_many(target, texts))


def _execute_exact(executor, proposal) -> evidence_lib.Execution:
  suspect = proposal.suspect
  return executor.execute_exact(
      {suspect.function.path: suspect.edited(proposal.edit)}
  )


def verify(
    executor: executor_lib.FastExecutor, trial: Trial
) -> Verified | None:
  """Runs all tests on a candidate in a clean process.

  Returns:
    None where a test that passed before does not pass now, or one that fails
    still does so in another way, or none was fixed.
  """
  suspect, edit = trial.proposal.suspect, trial.proposal.edit
  report = executor_lib.referee(
      executor.project,
      {suspect.function.path: suspect.edited(edit)},
      limits=executor.limits,
  )
  after = {test.nodeid: test for test in report.tests}
  fixed, remaining = [], []
  for index, before in enumerate(executor.baseline.tests):
    now = after.get(before.nodeid)
    if index in executor.baseline.flaky:
      continue
    if now is not None and now.outcome in _PASSING:
      if before.outcome not in _PASSING:
        fixed.append(before.nodeid)
    elif now is not None and _fails_alike(before, now):
      remaining.append(before.nodeid)
    else:
      return None
  if not fixed:
    return None
  return Verified(
      trial=trial, fixed=tuple(fixed), remaining=tuple(remaining)
  )


def _fails_alike(
    before: evidence_lib.TestReport, now: evidence_lib.TestReport
) -> bool:
  return (before.outcome, before.exception) == (now.outcome, now.exception)
