"""Executing candidates in a worker that stays alive."""

import collections
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
import dataclasses
import functools
import itertools
from typing import Any

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair.executor import baseline as baseline_lib
from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import exact
from jepa.domains.code_repair.executor import pipeline
from jepa.domains.code_repair.executor import project as project_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib
from jepa.domains.code_repair.executor import span
from jepa.domains.code_repair.executor import survey

_MAX_LEAKS = 2  # Then each candidate of the function gets its own process.
_TOGETHER = 16  # Candidates observed in one process.
_UNSWAPPABLE = "needs a clean process: "
_PASSING = ("passed", "skipped")


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

  Raises:
    ExecutorError: (on entering) the tests cannot be run; see `errors`.
  """

  baseline: baseline_lib.Baseline

  def __init__(
      self,
      project: project_lib.Project,
      limits: project_lib.Limits = project_lib.Limits(),
  ):
    self.project = project
    self.limits = limits
    self.num_retracted = 0  # Verdicts found again, for leaked state.
    self._leaks: collections.Counter[evidence.Target] = collections.Counter()
    self._jobs = itertools.count(1)
    self._numbers: dict[evidence.Target, int] = {}
    self._spans: dict[evidence.Target, span.Span] = {}
    self._scratch: scratch_lib.Scratch | None = None
    self._connection: connection_lib.Connection | None = None
    self._referee: exact.WarmReferee | None = None

  def __enter__(self) -> "FastExecutor":
    try:
      self._scratch = scratch_lib.Scratch(self.project.root)
      self._connection = connection_lib.Connection(
          self.project, self.limits, self._scratch
      )
      self._sources = span.Sources(self._scratch.tree)
      self.baseline = survey.run(
          self._connection, self.project, self.limits
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
    coverage = self._coverage(target)
    chosen = coverage if lines is None else lines
    return tuple(sorted({i for n in chosen for i in coverage.get(n, ())}))

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
      files: Mapping[str, bytes],
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
    return {target.path: self._span(target).replace(text)}

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
    reports = [self._baseline_report(target, i) for i in chosen]
    return _to_evidence(target, reports)

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
    found: list[evidence.Evidence] = []
    while len(found) < len(texts):
      some = texts[len(found):len(found) + _TOGETHER]
      seen = None
      if not self._stateful(target) and self._leaks[target] < _MAX_LEAKS:
        seen = self._observe_together(target, some, chosen)
      found += seen or [
          self._observe(target, text, chosen, last=True) for text in some
      ]
    return found

  def _observe_together(
      self, target, texts, tests
  ) -> list[evidence.Evidence] | None:
    """Observes candidates in one process; None if that did not go well."""
    num_servers = self._connection.num_servers
    seen = [self._observe(target, text, tests, last=False) for text in texts]
    ok = survey.check(self._connection)
    return seen if ok and num_servers == self._connection.num_servers else None

  def _baseline_report(self, target, test) -> evidence.TestReport:
    coverage = self._coverage(target)
    lines = [line for line, tests in coverage.items() if test in tests]
    return dataclasses.replace(self.baseline.tests[test], lines=tuple(lines))

  def _observe(
      self, target, text, tests, *, last: bool
  ) -> evidence.Evidence:
    message = {
        "target": self._number(target),
        "text": text,
        "trace": True,
        "protocol": False,
        "budget": None,
        "apart": self._stateful(target),
        "last": last,
    }
    reports = {
        report["test"]: report
        for report in survey.observe(
            self._connection, tests, message,
            functools.partial(self._introduce, target),
        )
    }
    return _to_evidence(target, [
        baseline_lib.to_report(
            self.baseline.tests[i].nodeid,
            reports[i],
            reports[i].get("lines", {}).get(target.path, ()),
        )
        for i in tests
    ])

  # --- messages ---------------------------------------------------------------

  def _run(
      self, target, texts, tests, failing, *, check: bool
  ) -> Iterator[evidence.Execution]:
    jobs = (self._job(target, text, tests, failing) for text in texts)
    events = pipeline.run(
        self._connection,
        jobs,
        lambda unused_job: self._introduce(target),
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
        "target": self._number(target),
        "text": text,
        "tests": None if tests is None else list(tests),
        "failing": known,
        "apart": self._leaks[target] >= _MAX_LEAKS,
        "done": (0, 0),
    }

  def _stateful(self, target: evidence.Target) -> list[int]:
    """Tests that must not see what candidates did before."""
    lines = self.baseline.stateful.get(target.path, {})
    span = self._span(target).lines
    return sorted({i for n in span if n in lines for i in lines[n]})

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

  # --- targets ----------------------------------------------------------------

  def _number(self, target: evidence.Target) -> int:
    return self._numbers.setdefault(target, len(self._numbers))

  def _introduce(self, target: evidence.Target) -> None:
    number = self._number(target)
    self._connection.introduce(number, lambda: {
        "op": "target",
        "target": number,
        "path": target.path,
        "qualname": target.qualname,
        "lineno": target.lineno,
        "text": self._span(target).text,
        "future": self._span(target).future,
        "coverage": self._coverage(target),
        "stateful": self._stateful(target),
    })

  def _span(self, target: evidence.Target) -> span.Span:
    if target not in self._spans:
      self._spans[target] = self._sources.find(target)
    return self._spans[target]

  def _coverage(
      self, target: evidence.Target
  ) -> dict[int, tuple[int, ...]]:
    """For each line of the target that ran, the tests that can judge it."""
    flaky = frozenset(self.baseline.flaky)
    lines = self.baseline.coverage.get(target.path, {})
    return {
        n: tuple(i for i in lines[n] if i not in flaky)
        for n in self._span(target).lines if n in lines
    }

  def _budget(self, test: int) -> float:
    report = self.baseline.tests[test]
    return max(
        self.limits.budget_floor, self.limits.budget_factor * report.seconds
    )


def _to_evidence(
    target: evidence.Target, reports: list[evidence.TestReport]
) -> evidence.Evidence:
  """Puts failing tests first."""
  reports.sort(key=lambda report: report.outcome in _PASSING)
  return evidence.Evidence(target=target, tests=tuple(reports))
