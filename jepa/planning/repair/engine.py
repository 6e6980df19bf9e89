"""From a red test to verified patches."""

from collections.abc import Callable, Sequence
import dataclasses
import pathlib
import shlex
import sys
import time

from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import command as command_lib
from jepa.planning.repair import diff as diff_lib
from jepa.planning.repair import errors
from jepa.planning.repair import models
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import report as report_lib
from jepa.planning.repair import search as search_lib
from jepa.planning.repair import suspects as suspects_lib
from jepa.planning.repair import workspace

_TESTS = {
    executor_lib.NoTestsError: "no_tests",
    executor_lib.CollectionError: "collection_error",
    executor_lib.SuiteHangsError: "tests_hang",
    executor_lib.InterpreterError: "no_interpreter",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
  """What to repair, and how hard to try.

  root: the project's folder.
  test_command: as its user types it, run in `root`.
  python: interpreter for the tests, "" for that of the command.
  checkpoint: path of a trained ranker, "" for the shipped one, "none" for
    the static prior.
  budget: what may be spent.
  limits: of the processes that run tests.
  """
  root: pathlib.Path
  test_command: str = "pytest"
  python: str = ""
  checkpoint: str = ""
  budget: search_lib.Budget = search_lib.Budget()
  limits: executor_lib.Limits = executor_lib.Limits()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Watcher:
  """Who is told of progress.

  on_note: told in words of each step.
  on_trial: told of each candidate executed.
  """
  on_note: Callable[[str], None] = lambda text: None
  on_trial: Callable[[search_lib.Trial], None] = lambda trial: None


def repair(
    request: Request, watcher: Watcher = Watcher()
) -> report_lib.Report:
  """Searches for edits that turn failing tests green; writes nothing.

  Raises:
    RepairError: there is nothing to repair, or it cannot be tried.
  """
  start = time.monotonic()
  project = make_project(request)
  checkpoint = models.find(request.checkpoint)
  loader = models.Loader(checkpoint) if checkpoint else None
  watcher.on_note(f"running the tests of {project.root}")
  try:
    with executor_lib.FastExecutor(project, request.limits) as executor:
      return _Repair(request, watcher, executor, loader, start).run()
  except executor_lib.ExecutorError as error:
    raise _explain(error, project) from error


def write(root: pathlib.Path, patch: report_lib.Patch) -> None:
  """Applies a patch to the files it was made for, or changes nothing.

  Raises:
    RepairError: a file has changed since, or cannot be written.
  """
  workspace.write(root.resolve(), patch.before, patch.after)


def make_project(request: Request) -> executor_lib.Project:
  """Returns what to execute.

  Raises:
    RepairError: folder, command or interpreter cannot be used.
  """
  root = workspace.check_folder(request.root)
  command = command_lib.parse(request.test_command, root)
  return executor_lib.Project(
      root=root,
      tests=command.tests,
      python=workspace.find_python(
          request.python, command.python, sys.executable, root
      ),
      options=command.options,
      env=command.env,
  )


def _explain(
    error: executor_lib.ExecutorError, project: executor_lib.Project
) -> errors.RepairError:
  """Returns what to tell the user of tests that cannot be run."""
  reason = next(
      (r for kind, r in _TESTS.items() if isinstance(error, kind)),
      "executor",
  )
  if reason == "no_interpreter":
    return errors.RepairError(
        reason,
        f"{error}. Give --python=PATH of an interpreter that has pytest and "
        "the project's dependencies.",
    )
  text = str(error)
  if reason in ("collection_error", "no_tests"):
    broken = list(workspace.syntax_errors(project.root))
    if broken:
      reason = "syntax_error"
      text = f"syntax error at {'; '.join(broken[:5])}. Mend it first."
  return errors.RepairError(reason, text, errors.EXIT_TESTS)


class _Repair:
  """One repair of a project whose tests have been run."""

  def __init__(self, request, watcher, executor, loader, start):
    self._request: Request = request
    self._watcher: Watcher = watcher
    self._executor: executor_lib.FastExecutor = executor
    self._loader: models.Loader | None = loader
    self._start: float = start
    self._notes: list[str] = []
    self._trials: list[search_lib.Trial] = []

  def run(self) -> report_lib.Report:
    failing = self._failing()
    suspects = suspects_lib.find(self._executor, failing, self._note)
    if not suspects:
      raise errors.RepairError(
          "nothing_reached",
          f"the failing tests ({self._names(failing)}) reach no function "
          "outside of tests, so there is nothing that may be edited.",
          errors.EXIT_NOT_FOUND,
      )
    ranker = self._ranker()
    self._watcher.on_note(
        f"{len(failing)} of {len(self._executor.baseline.tests)} tests fail "
        f"and reach {len(suspects)} functions; trying edits in the order of "
        f"{ranker.name}"
    )
    queue = queue_lib.Queue(suspects, ranker)
    patches, first = [], None
    for verified in search_lib.search(
        self._executor,
        queue,
        self._request.budget,
        self._start + self._request.budget.seconds,
        self._on_trial,
    ):
      first = first or (verified.trial.number, self._seconds())
      patches.append(make_patch(verified))
      if len(patches) >= self._request.budget.patches:
        break
    executions, seconds = first or (len(self._trials), self._seconds())
    return report_lib.Report(
        status=_status(patches),
        executions=executions,
        seconds=seconds,
        candidates=queue.num_opened,
        patches=tuple(sorted(patches, key=_preference)),
        failing=tuple(
            self._executor.baseline.tests[i].nodeid for i in failing
        ),
        ranker=ranker.name,
        notes=tuple(self._notes),
        trials=tuple(self._trials),
    )

  def _failing(self) -> list[int]:
    baseline = self._executor.baseline
    failing = sorted(baseline.failing.difference(baseline.flaky))
    if not failing:
      flaky = ""
      if baseline.flaky:
        flaky = (
            f" ({self._names(baseline.flaky)} pass once and fail once: a "
            "flaky test judges nothing)"
        )
      raise errors.RepairError(
          "tests_pass",
          f"there is nothing to repair: all {len(baseline.tests)} tests of "
          f"{shlex.quote(self._request.test_command)} pass{flaky}.",
          errors.EXIT_NOTHING_TO_DO,
      )
    return failing

  def _names(self, tests: Sequence[int]) -> str:
    known = self._executor.baseline.tests
    names = [known[i].nodeid for i in list(tests)[:3]]
    return ", ".join(names) + (", ..." if len(tests) > 3 else "")

  def _ranker(self) -> ranking.Ranker:
    if self._loader is not None:
      return self._loader.wait()
    if self._request.checkpoint != "none":
      self._note(
          "no trained model is at hand: candidates are tried in the order of "
          "a static prior (--checkpoint=PATH names a model)"
      )
    return ranking.static()

  def _note(self, text: str) -> None:
    self._notes.append(text)
    self._watcher.on_note(text)

  def _on_trial(self, trial: search_lib.Trial) -> None:
    self._trials.append(trial)
    self._watcher.on_trial(trial)

  def _seconds(self) -> float:
    return time.monotonic() - self._start


def make_patch(verified: search_lib.Verified) -> report_lib.Patch:
  proposal = verified.trial.proposal
  path = proposal.suspect.function.path
  before = {path: proposal.suspect.function.source}
  after = {path: proposal.suspect.edited(proposal.edit)}
  return report_lib.Patch(
      diff=diff_lib.make_diff(before, after),
      before=before,
      after=after,
      description=report_lib.describe(verified.trial),
      kind=proposal.edit.kind,
      path=path,
      line=proposal.line,
      rank=verified.trial.number,
      probability=verified.trial.probability,
      fixed=verified.fixed,
      remaining=verified.remaining,
  )


def _preference(patch: report_lib.Patch):
  """What fixes most, before what deletes nothing, before what is small."""
  (before,), (after,) = patch.before.values(), patch.after.values()
  return (
      len(patch.remaining),
      patch.kind.startswith(("delete", "drop")),
      diff_lib.num_changed_lines(patch.diff),
      abs(len(after) - len(before)),
      patch.rank,
  )


def _status(patches: Sequence[report_lib.Patch]) -> report_lib.Status:
  if not patches:
    return "not_found"
  return "partial" if all(p.remaining for p in patches) else "fixed"
