"""Executing candidates in a worker that stays alive."""

import collections
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
import itertools
from typing import Any

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair.executor import baseline as baseline_lib
from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import exact
from jepa.domains.code_repair.executor import observing
from jepa.domains.code_repair.executor import pipeline
from jepa.domains.code_repair.executor import project as project_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib
from jepa.domains.code_repair.executor import span
from jepa.domains.code_repair.executor import survey
from jepa.domains.code_repair.executor import targets as targets_lib

_MAX_LEAKS = 2  # Then each candidate of the function gets its own process.
_UNSWAPPABLE = "needs a clean process: "


def needs_clean_process(execution: evidence.Execution) -> bool:
  """Whether a candidate is "invalid" only because it cannot be swapped in.

  It may be a fine program: `FastExecutor.execute_exact` can tell.
  """
  return execution.status == "invalid" and execution.message.startswith(
      _UNSWAPPABLE
  )


class FastExecutor:
  """Runs candidates for functions of one project, hundreds a second.

  A context manager. On entering, the project is copied to a scratch folder,
  where a confined worker collects its tests and runs them twice: see
  `baseline`. Not to be shared between threads, and to be closed by the
  thread that entered it.

  Args:
    project: what to execute; only ever read.
    limits: what the worker may use.
    on_failure: called, on entering, for each test seen to fail, while others
      are yet to run.

  Raises:
    ExecutorError: (on entering) the tests cannot be run; see `errors`.
  """

  baseline: baseline_lib.Baseline

  def __init__(
      self,
      project: project_lib.Project,
      limits: project_lib.Limits = project_lib.Limits(),
      on_failure: Callable[[], None] = lambda: None,
  ):
    self.project = project
    self.limits = limits
    self._on_failure = on_failure
    self.num_retracted = 0  # Verdicts found again, for leaked state.
    self._leaks: collections.Counter[evidence.Target] = collections.Counter()
    self._jobs = itertools.count(1)
    self._scratch: scratch_lib.Scratch | None = None
    self._connection: connection_lib.Connection | None = None
    self._referee: exact.WarmReferee | None = None

  def __enter__(self) -> "FastExecutor":
    try:
      self._scratch = scratch_lib.Scratch(self.project.root)
      self._connection = connection_lib.Connection(
          self.project, self.limits, self._scratch
      )
      self.baseline = survey.run(
          self._connection, self.project, self.limits, self._on_failure
      )
      self._targets = targets_lib.Targets(
          self.baseline, self._connection, span.Sources(self._scratch.tree)
      )
      self._observer = observing.Observer(
          self._connection, self._targets, self.baseline
      )
    except BaseException:
      self.close()
      raise
    return self

  def __exit__(self, *unused_exc_info) -> None:
    self.close()

  def close(self) -> None:
    """Ends the workers and removes the scratch folders."""
    if self._referee is not None:
      self._referee.close()
    if self._connection is not None:
      self._connection.close()
    if self._scratch is not None:
      self._scratch.close()

  def covering(
      self, target: evidence.Target, lines: Iterable[int] | None = None
  ) -> tuple[int, ...]:
    """Returns the tests that run `lines` of the target, by default any.

    Raises:
      LookupError: there is no such function.
    """
    return self._targets.covering(target, lines)

  # --- verdicts ---------------------------------------------------------------

  def execute(
      self,
      target: evidence.Target,
      text: str,
      tests: Sequence[int] | None = None,
      failing: Container[int] = (),
  ) -> evidence.Execution:
    """Judges one candidate; `execute_many` is faster and safer for many."""
    [execution] = self._run(target, [text], tests, failing, check=False)
    return execution

  def execute_many(
      self,
      target: evidence.Target,
      texts: Iterable[str],
      tests: Sequence[int] | None = None,
      failing: Container[int] = (),
  ) -> Iterator[evidence.Execution]:
    """Judges candidates for a function, in their order.

    Verdicts are held back until a check shows that no candidate has left
    anything behind in the process that changes a test; where one has, they
    are found again, one by one.

    Args:
      target: the function.
      texts: for each candidate the function's own lines, decorators
        included, indented as in the file.
      tests: indices of the tests to run, by default those that run a line
        which the candidate changes.
      failing: indices of the tests that failed before the edit, which run
        first; by default those of the baseline.

    Yields:
      A verdict for each text. `needs_clean_process` tells whether "invalid"
      means that the candidate cannot be hot-swapped.
    """
    return self._run(target, texts, tests, failing, check=True)

  def execute_exact(
      self,
      files: dict[str, bytes],
      tests: Sequence[int] | None = None,
      failing: Container[int] = (),
  ) -> evidence.Execution:
    """Judges whole files by fresh imports: slow, and always possible.

    Args:
      files: content by path relative to the root; see `patch`.
      tests: indices of the tests to run, by default all that are not flaky.
      failing: as in `execute_many`.
    """
    known = self.baseline.tests
    failing = failing or self.baseline.failing
    if tests is None:
      tests = [i for i in range(len(known)) if i not in self.baseline.flaky]
    order = sorted(
        tests, key=lambda i: (i not in failing, self.baseline.rank[i])
    )
    if self._referee is None:
      self._referee = exact.WarmReferee(self.project, self.limits)
    report = self._referee.run(
        files,
        [known[i].nodeid for i in order],
        budgets={known[i].nodeid: self._budget(i) for i in order},
        stop=True,
    )
    failed_before = {known[i].nodeid for i in order if i in failing}
    return exact.to_execution(report, failed_before)

  def patch(self, target: evidence.Target, text: str) -> dict[str, bytes]:
    """Returns the target's file with the function replaced by `text`."""
    return {target.path: self._targets.span(target).replace(text)}

  # --- observation ------------------------------------------------------------

  def observe(
      self,
      target: evidence.Target,
      text: str | None = None,
      tests: Sequence[int] | None = None,
  ) -> evidence.Evidence:
    """Runs tests to their end on a candidate, with its lines traced.

    Args:
      target: the function.
      text: the candidate; None for the program as it is, which needs no
        execution: the baseline has seen it.
      tests: indices of the tests to run, by default all that reach the
        target.

    Raises:
      CandidateError: the candidate does not compile or cannot be swapped in.
    """
    if text is not None:
      return self.observe_many(target, [text], tests)[0]
    chosen = self.covering(target) if tests is None else tests
    return self._observer.as_it_is(target, chosen)

  def observe_many(
      self,
      target: evidence.Target,
      texts: Sequence[str],
      tests: Sequence[int] | None = None,
  ) -> list[evidence.Evidence]:
    """Observes candidates one after the other, then checks the process.

    Where one of them left something behind, or a process died, each is
    observed anew in a process of its own.

    Raises:
      CandidateError: one does not compile or cannot be swapped in.
    """
    chosen = self.covering(target) if tests is None else tests
    together = self._leaks[target] < _MAX_LEAKS
    return self._observer.run(target, texts, chosen, together=together)

  # --- messages ---------------------------------------------------------------

  def _run(
      self, target, texts, tests, failing, *, check: bool
  ) -> Iterator[evidence.Execution]:
    jobs = (self._job(target, text, tests, failing) for text in texts)
    events = pipeline.run(
        self._connection,
        jobs,
        lambda unused_job: self._targets.introduce(target),
        check=check,
    )
    for event in events:
      if isinstance(event, pipeline.Retracted):
        self.num_retracted += event.count
        self._leaks[target] += 1
      else:
        yield self._execution(event)

  def _job(self, target, text, tests, failing) -> dict[str, Any]:
    known = None
    if failing:
      among = self.covering(target) if tests is None else tests
      known = [i for i in among if i in failing]
    return {
        "op": "execute",
        "job": next(self._jobs),
        "target": self._targets.number(target),
        "text": text,
        "tests": None if tests is None else list(tests),
        "failing": known,
        "apart": self._leaks[target] >= _MAX_LEAKS,
        "done": (0, 0),
    }

  def _execution(self, event: pipeline.Answered) -> evidence.Execution:
    if isinstance(event.answer, connection_lib.Death):
      status, test, _ = event.answer
      num_run, num_fixed, exception, message, seconds = 1, 0, "", "", 0.0
    else:
      (_, status, num_run, num_fixed, test, exception, message,
       seconds) = event.answer
    if status == "unswappable":
      status, message = "invalid", f"{_UNSWAPPABLE}{message}"
    failing = event.job["failing"]
    if failing is None:
      failing = self.baseline.failing
    return evidence.Execution(
        status=status,
        num_run=num_run,
        num_fixed=num_fixed,
        failed_test=self.baseline.tests[test].nodeid if test >= 0 else "",
        was_passing=test >= 0 and test not in failing,
        exception=exception,
        message=message,
        seconds=seconds,
    )

  def _budget(self, test: int) -> float:
    report = self.baseline.tests[test]
    return max(
        self.limits.budget_floor, self.limits.budget_factor * report.seconds
    )
