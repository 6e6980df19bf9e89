"""The search: execute candidates in order, referee those that pass."""

from collections.abc import Callable, Collection, Iterator, Sequence
import dataclasses
import time

from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import ledger as ledger_lib
from jepa.planning.repair import queue as queue_lib

_FIRST_BATCH = 4
_LARGEST_BATCH = 32  # Outcomes change the order only between batches.
_HEAD_START = 3.0  # Seconds of the fast path before the first exact one.
_BATCH_SECONDS = 2.0  # Verdicts are held back to the end of a batch.
_PASSING = ("passed", "skipped")


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
    allowance: ledger_lib.Allowance,
    ignored: Collection[int] = (),
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> Iterator[Verified]:
  """Yields verified candidates until allowance or queue are used up.

  Args:
    executor: of the project.
    queue: candidates; it learns from every outcome.
    allowance: executions; the caller may shrink it meanwhile.
    ignored: indices of failing tests that need not pass yet.
    on_trial: told of each candidate executed.
  """
  for trial in _trials(executor, queue, allowance, ignored):
    queue.learn(trial.proposal, trial.execution)
    on_trial(trial)
    if trial.execution.status == "passed":
      verified = verify(executor, trial)
      if verified is not None:
        yield verified


def _trials(executor, queue, allowance, ignored) -> Iterator[Trial]:
  """Executes candidates, those that cannot be hot-swapped when it is fair.

  An exact execution costs a process: each waits until the fast ones have taken
  as long as all exact ones before it, and some seconds at least.
  """
  slow: list[queue_lib.Proposal] = []
  seconds = {"fast": 0.0, "slow": _HEAD_START}
  size = _FIRST_BATCH

  def trial(proposal, execution, is_exact):
    return Trial(
        number=allowance.spend(),
        proposal=proposal,
        probability=queue.probability(proposal),
        execution=execution,
        is_exact=is_exact,
    )

  while allowance.room:
    start = time.monotonic()
    batch = []
    if not slow or seconds["fast"] <= seconds["slow"]:
      batch = _pop(queue, min(size, allowance.room))
    if batch:
      slow += [p for p in batch if p.suspect.statement]
      batch = [p for p in batch if not p.suspect.statement]
      for proposal, execution in _execute(executor, batch, ignored):
        if executor_lib.needs_clean_process(execution):
          slow.append(proposal)
        else:
          yield trial(proposal, execution, is_exact=False)
      spent = time.monotonic() - start
      seconds["fast"] += spent
      size = _next_size(max(1, len(batch)), spent)
    elif slow:
      proposal = slow.pop(0)
      execution = _execute_exact(executor, proposal, ignored)
      yield trial(proposal, execution, is_exact=True)
      seconds["slow"] += time.monotonic() - start
    else:
      return


def _next_size(size: int, seconds: float) -> int:
  """Batches grow, but not beyond what takes too long."""
  affordable = int(size * _BATCH_SECONDS / max(seconds, 1e-6))
  return max(1, min(2 * size, affordable, _LARGEST_BATCH))


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
    ignored: Collection[int],
) -> Iterator[tuple[queue_lib.Proposal, evidence_lib.Execution]]:
  """Executes a batch, function by function: the executor streams one's."""
  groups: dict[evidence_lib.Target, list[queue_lib.Proposal]] = {}
  for proposal in batch:
    groups.setdefault(proposal.suspect.target, []).append(proposal)
  for target, proposals in groups.items():
    texts = [p.suspect.text(p.edit) for p in proposals]
    tests = None  # Those that reach the edited lines.
    if ignored:
      tests = [i for i in executor.covering(target) if i not in ignored]
    yield from zip(proposals, executor.execute_many(target, texts, tests))


def _execute_exact(executor, proposal, ignored) -> evidence_lib.Execution:
  suspect = proposal.suspect
  flaky = executor.baseline.flaky
  return executor.execute_exact(
      {suspect.function.path: suspect.edited(proposal.edit)},
      [
          i for i in range(len(executor.baseline.tests))
          if i not in flaky and i not in ignored
      ],
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
    if index in executor.baseline.flaky:
      continue
    now = after.get(before.nodeid)
    if now is None:
      return None
    if before.outcome in _PASSING:
      if now.outcome not in _PASSING:
        return None
    elif now.outcome == "passed":
      fixed.append(before.nodeid)
    elif (before.outcome, before.exception) == (now.outcome, now.exception):
      remaining.append(before.nodeid)
    else:
      return None
  if not fixed:
    return None
  return Verified(
      trial=trial, fixed=tuple(fixed), remaining=tuple(remaining)
  )
