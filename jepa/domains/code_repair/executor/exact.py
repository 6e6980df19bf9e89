"""The referee: whole files, a clean process, pytest's own way to run tests."""

from collections.abc import Mapping, Sequence, Set
import dataclasses
import time
from typing import Any

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair.executor import baseline as baseline_lib
from jepa.domains.code_repair.executor import collection
from jepa.domains.code_repair.executor import errors
from jepa.domains.code_repair.executor import process as process_lib
from jepa.domains.code_repair.executor import project as project_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib

_PASSING = ("passed", "skipped")


@dataclasses.dataclass(frozen=True, kw_only=True)
class RefereeReport:
  """The verdict of a clean process on whole files.

  status: "invalid" where the tests cannot be collected with these files,
    "crash" also where that ends the process.
  tests: reports in the order run; those after a hang or a crash are missing.
  message: pytest's words where the tests cannot be collected.
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
  _check_paths(files)
  with scratch_lib.Scratch(project.root) as scratch:
    for path, content in files.items():
      file = scratch.tree / path
      file.unlink(missing_ok=True)  # Perhaps a link.
      file.write_bytes(content)
    process = process_lib.Process(project, limits, scratch, {
        "mode": "single",
        "only": None if tests is None else list(tests),
        "budgets": dict(budgets or {}),
        "stop": stop,
    })
    try:
      collection.await_start(process, project, limits)
      return _listen(process, project, limits, start)
    finally:
      process.close()


class WarmReferee:
  """Referees many programs of one project, without starting from nothing.

  Each program runs in a fork of a process that has imported pytest but
  nothing of the project: the imports are fresh, the interpreter is not. A
  context manager.

  Args:
    project, limits: as for `referee`.
  """

  def __init__(
      self,
      project: project_lib.Project,
      limits: project_lib.Limits = project_lib.Limits(),
  ):
    self._project = project
    self._limits = limits
    self._scratch = scratch_lib.Scratch(project.root)
    try:
      self._start()
    except BaseException:
      self._scratch.close()
      raise

  def __enter__(self) -> "WarmReferee":
    return self

  def __exit__(self, *unused_exc_info) -> None:
    self.close()

  def close(self) -> None:
    self._process.close()
    self._scratch.close()

  def run(
      self,
      files: Mapping[str, bytes],
      tests: Sequence[str] | None = None,
      *,
      budgets: Mapping[str, float] | None = None,
      stop: bool = False,
  ) -> RefereeReport:
    """Judges a program; the arguments are those of `referee`."""
    _check_paths(files)
    start = time.monotonic()
    message = {
        "files": {
            path: content.decode("utf-8", "surrogateescape")
            for path, content in files.items()
        },
        "only": None if tests is None else list(tests),
        "budgets": dict(budgets or {}),
        "stop": stop,
    }
    self._process.send(message)
    report = self._hear(start)
    if report is None:  # A test ended even the process that forks.
      self._process.close()
      self._start()
      self._process.send(message)
      report = self._hear(start)
    if report is None:
      raise errors.WorkerError(
          f"the worker for {self._project.root} does not stay alive"
      )
    return report

  def _start(self) -> None:
    self._process = process_lib.Process(
        self._project, self._limits, self._scratch, {"mode": "clean"}
    )
    try:
      collection.await_start(self._process, self._project, self._limits)
      self._hear(time.monotonic())  # The session that fills the caches.
    except BaseException:
      self._process.close()
      raise

  def _hear(self, start: float) -> RefereeReport | None:
    """Follows the next session to its end, or returns None at the last."""
    while (message := self._process.receive()) is not None:
      if message["op"] == "serving":
        report = _listen(self._process, self._project, self._limits, start)
        process_lib.kill_group(message["pid"])
        return report
    return None


def _check_paths(files: Mapping[str, bytes]) -> None:
  for path in files:
    if path.startswith("/") or ".." in path.split("/"):
      raise ValueError(f"{path} leads out of the project")


def _listen(
    process: process_lib.Process,
    project: project_lib.Project,
    limits: project_lib.Limits,
    start: float,
) -> RefereeReport:
  """Follows the tests of one session until it is done or has to be killed."""
  reports: list[evidence.TestReport] = []
  failure = ""
  names: Sequence[str] = ()
  try:
    names = collection.collect(process, project, limits)["tests"]
    while True:
      message = process.receive(start + limits.suite_seconds)
      if message is None or message["op"] == "ended":
        reports.append(_last_words(process, names, "crash"))
        break
      if message["op"] == "finished":
        break
      reports.append(
          baseline_lib.to_report(names[message["test"]], message)
      )
  except process_lib.Overdue:
    reports.append(_last_words(process, names, "hang"))
  except (errors.CollectionError, errors.NoTestsError) as error:
    failure = str(error)
    has_crashed = isinstance(error, errors.ImportCrashError)
    status = "crash" if has_crashed else "invalid"
  return RefereeReport(
      status=status if failure else _status(reports),
      tests=tuple(reports),
      message=failure,
      seconds=time.monotonic() - start,
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
