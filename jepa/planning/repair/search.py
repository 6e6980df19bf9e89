"""The search: execute candidates in order, referee those that pass."""

import collections
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
import dataclasses
import time
from typing import NamedTuple

from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import beliefs as beliefs_lib
from jepa.planning.repair import findings
from jepa.planning.repair import ledger as ledger_lib
from jepa.planning.repair import progress as progress_lib
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import suspects as suspects_lib

# Outcomes change the order only between batches, of as many candidates as were
# executed before: 2, 2, 4, 8...
_FIRST_BATCH = 2
_LARGEST_BATCH = 32
_HEAD_START = 3.0  # Seconds of the fast path before the first exact one.
_PASSING = ("passed", "skipped")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
  """A candidate that was executed.

  number: how many had been executed with it, from 1.
  probability: what the ranker believed of it before anything was executed.
  shift: by how many nats outcomes before it had changed that belief.
  is_exact: whether it ran in a clean process.
  """
  number: int
  proposal: beliefs_lib.Proposal
  probability: float
  execution: evidence_lib.Execution
  shift: float = 0.0
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


class First(NamedTuple):
  """An edit that made progress, perhaps the first of two.

  merit: the greater, the more it promises.
  """
  trial: Trial
  merit: tuple[int, float]


class Search:
  """A search for edits after which some failing tests pass.

  Args:
    executor: of the project.
    queue: candidates; it learns from every outcome.
    ignored: node ids of failing tests that need not pass yet.
    culprits: for candidates, by file content, a test that fails with them;
      searches with other goals share it.
    on_trial: told of each candidate executed.
  """

  def __init__(
      self,
      executor: executor_lib.FastExecutor,
      queue: queue_lib.Queue,
      ignored: Collection[str] = (),
      culprits: dict[bytes, str] | None = None,
      on_trial: Callable[[Trial], None] = lambda trial: None,
  ):
    self.queue = queue
    self.is_exhausted = False
    self._executor = executor
    self._ignored = ignored
    self._culprits = {} if culprits is None else culprits
    self._on_trial = on_trial
    self._firsts: list[First] = []
    self._slow: list[beliefs_lib.Proposal] = []
    self._batch: collections.deque[beliefs_lib.Proposal] = collections.deque()
    self._seconds = {"fast": 0.0, "slow": _HEAD_START}
    self._count = 0  # Executed since a process died.

  def run(self, allowance: ledger_lib.Allowance) -> Iterator[Verified]:
    """Yields verified candidates until allowance or queue are used up.

    It may be called again, and goes on from there.

    Args:
      allowance: executions.
    """
    for trial in self.passing(allowance):
      verified = verify(self._executor, trial)
      if verified is None:
        continue
      if verified.remaining:
        self._follow(trial, progress_lib.Progress.FIXED)
      elif not trial.proposal.suspect.first:
        self.queue.forget_second_edits()
      yield verified

  def rivals(
      self,
      allowance: ledger_lib.Allowance,
      cost: Callable[[beliefs_lib.Proposal], float | None],
  ) -> Iterator[Trial]:
    """Yields those of the best rivals that pass, which nothing has confirmed.

    Args:
      allowance: executions.
      cost: of a candidate that is a rival, whatever is before it in the queue;
        the cheapest are executed first.
    """
    # What was taken from the queue already when its consumer stopped is left.
    waiting = [p for p in self._batch if cost(p) is not None]
    for proposal in waiting:
      self._batch.remove(proposal)
    best = waiting + self.queue.take_cheapest(allowance.room, cost)
    best = sorted(filter(self._is_open, best), key=cost)
    for proposal, execution in self._execute(best):
      if not allowance.room:
        return
      trial = self._trial(allowance, proposal, execution, is_exact=False)
      self._on_trial(trial)
      if _is_mended(execution):
        yield trial

  def passing(self, allowance: ledger_lib.Allowance) -> Iterator[Trial]:
    """Yields candidates that pass, which nothing has confirmed yet."""
    for trial in self._trials(allowance):
      progress = progress_lib.measure(
          trial.execution, trial.proposal.suspect.failing
      )
      self.queue.learn(trial.proposal, trial.execution, progress)
      self._on_trial(trial)
      if _is_mended(trial.execution):
        yield trial
        continue
      content = _content(trial.proposal)
      self._culprits[content] = trial.execution.failed_test
      if progress:
        self._follow(trial, progress)
        if not trial.execution.was_passing and not trial.proposal.suspect.first:
          merit = (int(progress), trial.probability)
          self._firsts.append(First(trial, merit))

  def take_firsts(self) -> list[First]:
    """Returns edits that made progress, each once."""
    firsts, self._firsts = self._firsts, []
    return firsts

  def _follow(self, trial: Trial, progress: progress_lib.Progress) -> None:
    if not trial.is_exact:
      self.queue.extend(trial.proposal, progress, self._observe)

  def _trials(self, allowance) -> Iterator[Trial]:
    """Executes candidates, those that cannot be hot-swapped when it is fair.

    An exact execution costs a process: each waits until the fast ones have
    taken as long as all exact ones before it, and some seconds at least.
    """
    while allowance.room:
      start = time.monotonic()
      size = min(max(self._count, _FIRST_BATCH), _LARGEST_BATCH)
      batch = self._pop(min(size, allowance.room))
      if batch:
        self._count += len(batch)
        self._batch.extendleft(reversed(batch))
        for proposal, execution in self._execute(batch):
          self._batch.remove(proposal)
          if execution.status in ("hang", "crash"):
            self._count = 0  # Verdicts wait for the whole batch.
          if executor_lib.needs_clean_process(execution):
            self._slow.append(proposal)
          else:
            yield self._trial(allowance, proposal, execution, is_exact=False)
        self._seconds["fast"] += time.monotonic() - start
      elif self._slow:
        proposal = self._slow.pop(0)
        execution = self._execute_exact(proposal)
        yield self._trial(allowance, proposal, execution, is_exact=True)
        self._seconds["slow"] += time.monotonic() - start
      else:
        self.is_exhausted = True
        return

  def _trial(self, allowance, proposal, execution, is_exact) -> Trial:
    return Trial(
        number=allowance.spend(),
        proposal=proposal,
        probability=self.queue.probability(proposal),
        execution=execution,
        shift=self.queue.shift(proposal),
        is_exact=is_exact,
    )

  def _pop(self, count: int) -> list[beliefs_lib.Proposal]:
    """Returns the next candidates for the fast path; none if it is not due."""
    if self._slow and self._seconds["fast"] > self._seconds["slow"]:
      return []
    batch = []
    while len(batch) < count and (proposal := self._next()) is not None:
      if self._is_open(proposal):
        path = self._slow if proposal.suspect.statement else batch
        path.append(proposal)
    return batch

  def _is_open(self, proposal: beliefs_lib.Proposal) -> bool:
    """Whether it is not known yet what comes of a candidate."""
    content = _content(proposal)
    if content == proposal.suspect.file:
      return False  # A second edit may undo the first.
    culprit = self._culprits.get(content)
    # Else known to fail, from a search with another goal.
    return culprit is None or culprit in self._ignored

  def _next(self) -> beliefs_lib.Proposal | None:
    """Returns what the last batch has left, if its consumer stopped early."""
    return self._batch.popleft() if self._batch else self.queue.pop()

  def _execute(
      self, batch: Sequence[beliefs_lib.Proposal]
  ) -> Iterator[tuple[beliefs_lib.Proposal, evidence_lib.Execution]]:
    """Executes a batch, suspect by suspect: the executor streams one's."""
    groups: dict[Hashable, list[beliefs_lib.Proposal]] = {}
    for proposal in batch:
      groups.setdefault(proposal.suspect.key, []).append(proposal)
    for (target, _), proposals in groups.items():
      suspect = proposals[0].suspect
      texts = [suspect.text(p.edit) for p in proposals]
      tests = None  # Those that reach the edited lines.
      if self._ignored:
        tests = self._needed(suspect.tests(self._executor))
      executions = self._executor.execute_many(
          target, texts, tests, self._failing(suspect)
      )
      yield from zip(proposals, executions)

  def _observe(
      self, proposal: beliefs_lib.Proposal
  ) -> suspects_lib.Suspect | None:
    return suspects_lib.after(
        self._executor, proposal.suspect, proposal.edit
    )

  def _execute_exact(
      self, proposal: beliefs_lib.Proposal
  ) -> evidence_lib.Execution:
    baseline = self._executor.baseline
    unjudged = findings.unjudged(baseline)
    sound = [i for i in range(len(baseline.tests)) if i not in unjudged]
    return self._executor.execute_exact(
        {proposal.suspect.function.path: _content(proposal)},
        self._needed(sound),
    )

  def _failing(self, suspect: suspects_lib.Suspect) -> frozenset[int]:
    """Returns the tests that fail before an edit; none means as they are."""
    if not suspect.first:
      return frozenset()
    tests = enumerate(self._executor.baseline.tests)
    return frozenset(i for i, t in tests if t.nodeid in suspect.failing)

  def _needed(self, tests: Sequence[int]) -> list[int]:
    known = self._executor.baseline.tests
    return [i for i in tests if known[i].nodeid not in self._ignored]


def _is_mended(execution: evidence_lib.Execution) -> bool:
  """Whether all is well; what no failing test runs passes, too, in vain."""
  return execution.status == "passed" and execution.num_fixed > 0


def _content(proposal: beliefs_lib.Proposal) -> bytes:
  return proposal.suspect.edited(proposal.edit)


def verify(
    executor: executor_lib.FastExecutor, trial: Trial
) -> Verified | None:
  """Runs all tests on a candidate in a clean process.

  Returns:
    None where a test that passed before does not pass now, or one that fails
    still does so in another way, or none was fixed.
  """
  report = executor_lib.referee(
      executor.project,
      {trial.proposal.suspect.function.path: _content(trial.proposal)},
      limits=executor.limits,
  )
  after = {test.nodeid: test for test in report.tests}
  fixed, remaining = [], []
  unjudged = findings.unjudged(executor.baseline)
  for index, before in enumerate(executor.baseline.tests):
    if index in unjudged:
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
