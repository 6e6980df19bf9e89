"""The referee: whole files, a clean process, pytest's own way to run tests."""

from collections.abc import Mapping, Sequence, Set
import dataclasses
import pathlib
import time
from typing import Any

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair.executor import baseline as baseline_lib
from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import errors
from jepa.domains.code_repair.executor import process as process_lib
from jepa.domains.code_repair.executor import project as project_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib

_PASSING = ("passed", "skipped")


@dataclasses.dataclass(frozen=True, kw_only=True)
class RefereeReport:
  """The verdict of a clean process on whole files.

  status: "invalid" where the tests cannot be collected with these files.
  tests: reports in the order run; those after a hang or a crash are missing.
  message: pytest's words where the status is "invalid".
  seconds: wall time, everything included.
  """
  status: evidence.Status
  tests: tuple[evidence.TestReport, ...]
  message: str = ""
  seconds: float = 0.0


def referee(
    project: project_lib.Project,
    files: Mapping[str, bytes],
    tests: Sequence[str] | None = None,
    limits: project_lib.Limits = project_lib.Limits(),
    *,
    budgets: Mapping[str, float] | None = None,
    stop: bool = False,
) -> RefereeReport:
  """Runs the tests of a project with some files replaced, the exact way.

  Args:
    project: only ever read; the files are replaced in a copy.
    files: content by path relative to the root, with forward slashes.
    tests: node ids in the order to run, by default all that pytest collects.
    limits: what the process may use; each test may take `test_seconds`, all
      of them `suite_seconds`.
    budgets: seconds that single tests may take, by node id.
    stop: whether to stop at the first failure.

  Raises:
    InterpreterError: the interpreter cannot run pytest.
    ValueError: a path of `files` leads out of the project.
  """
  start = time.monotonic()
  with scratch_lib.Scratch(project.root) as scratch:
    for path, content in files.items():
      _replace(scratch.tree, path, content)
    process = process_lib.Process(project, limits, scratch, {
        "mode": "single",
        "only": None if tests is None else list(tests),
        "budgets": dict(budgets or {}),
        "stop": stop,
    })
    try:
      collected = connection_lib.collect(process, project, limits)
      reports = _listen(process, collected["tests"], limits)
    except (errors.CollectionError, errors.NoTestsError) as error:
      return RefereeReport(
          status="invalid",
          tests=(),
          message=str(error),
          seconds=time.monotonic() - start,
      )
    finally:
      process.close()
  return RefereeReport(
      status=_status(reports),
      tests=tuple(reports),
      seconds=time.monotonic() - start,
  )


def _replace(tree: pathlib.Path, path: str, content: bytes) -> None:
  target = tree / path
  if not target.parent.resolve().is_relative_to(tree):
    raise ValueError(f"{path} leads out of the project")
  target.unlink(missing_ok=True)  # Perhaps a link.
  target.write_bytes(content)


def _listen(
    process: process_lib.Process,
    names: Sequence[str],
    limits: project_lib.Limits,
) -> list[evidence.TestReport]:
  """Collects reports until the process is done or has to be killed."""
  reports = []
  deadline = time.monotonic() + limits.suite_seconds
  while True:
    try:
      message = process.receive(deadline)
    except process_lib.Overdue:
      return [*reports, _last_words(process, names, "hang")]
    if message is None:
      return [*reports, _last_words(process, names, "crash")]
    if message["op"] == "finished":
      return reports
    reports.append(
        baseline_lib.to_report(names[message["test"]], message)
    )


def _last_words(
    process: process_lib.Process, names: Sequence[str], outcome: Any
) -> evidence.TestReport:
  return evidence.TestReport(
      nodeid=names[process.page.test], outcome=outcome, seconds=0.0
  )


def _status(reports: Sequence[evidence.TestReport]) -> evidence.Status:
  outcomes = [r.outcome for r in reports if r.outcome not in _PASSING]
  if not outcomes:
    return "passed"
  return outcomes[-1] if outcomes[-1] in ("hang", "crash") else "failed"


def to_execution(
    report: RefereeReport, failed_before: Set[str]
) -> evidence.Execution:
  """The same verdict as the record that searching works with."""
  failed = [t for t in report.tests if t.outcome not in _PASSING]
  last = failed[0] if failed else None
  return evidence.Execution(
      status=report.status,
      num_run=len(report.tests),
      num_fixed=sum(
          t.outcome == "passed" and t.nodeid in failed_before
          for t in report.tests
      ),
      failed_test=last.nodeid if last else "",
      was_passing=bool(last) and last.nodeid not in failed_before,
      exception=last.exception if last else "",
      message=last.message if last else report.message,
      seconds=report.seconds,
  )
