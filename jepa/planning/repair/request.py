"""What is asked of a repair, and the project that it means."""

from collections.abc import Callable
import dataclasses
import pathlib
import re

from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import command as command_lib
from jepa.planning.repair import environment
from jepa.planning.repair import errors
from jepa.planning.repair import ledger as ledger_lib
from jepa.planning.repair import search as search_lib
from jepa.planning.repair import workspace

_IMPORT_ROOTS = ("", "src", "lib")
_MISSING = "No module named"
_COPY = re.compile(r"[\w/.-]*/jepa-\w+/tree/")
_REASONS = {
    executor_lib.NoTestsError: "no_tests",
    executor_lib.CollectionError: "collection_error",
    executor_lib.SuiteHangsError: "tests_hang",
    executor_lib.InterpreterError: "no_interpreter",
    executor_lib.ConfinementError: "unconfined",
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
  test_seconds: what a test may take before it counts as hanging.
  is_unsafe: run tests even where this host cannot confine them.
  """
  root: pathlib.Path
  test_command: str = "pytest"
  python: str = ""
  checkpoint: str = ""
  budget: ledger_lib.Budget = ledger_lib.Budget()
  test_seconds: float = 10.0
  is_unsafe: bool = False

  @property
  def limits(self) -> executor_lib.Limits:
    """Limits of the processes that run tests."""
    return executor_lib.Limits(
        test_seconds=self.test_seconds,
        suite_seconds=max(self.budget.seconds, self.test_seconds),
        wall_factor=3.0,  # A test that waits for ever is waited for, too.
        allow_unsafe=self.is_unsafe,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Watcher:
  """Who is told of progress.

  on_note: told in words of each step.
  on_trial: told of each candidate executed.
  """
  on_note: Callable[[str], None] = lambda text: None
  on_trial: Callable[[search_lib.Trial], None] = lambda trial: None


def make_project(request: Request) -> executor_lib.Project:
  """Returns what to execute.

  Raises:
    RepairError: folder, command or interpreter cannot be used.
  """
  root = workspace.check_folder(request.root)
  command = command_lib.parse(request.test_command, root)
  python = environment.find(
      request.python or command.python,
      root,
      is_named=bool(request.python) or command.is_python_named,
  )
  roots = (
      *_IMPORT_ROOTS, *environment.import_roots(python.import_paths, root)
  )
  return executor_lib.Project(
      root=root,
      tests=command.tests,
      python=python.path,
      import_roots=tuple(dict.fromkeys(roots)),
      options=command.options,
      env=command.env,
  )


def explain(
    error: executor_lib.ExecutorError,
    request: Request,
    project: executor_lib.Project,
) -> errors.RepairError:
  """Returns what to tell the user of tests that cannot be run."""
  reason = next(
      (r for kind, r in _REASONS.items() if isinstance(error, kind)),
      "executor",
  )
  if reason == "no_interpreter":
    return errors.RepairError(
        reason,
        f"{error}. Give --python=PATH of an interpreter that has pytest and "
        "the project's dependencies.",
    )
  text = _COPY.sub("", str(error))  # Paths as their user knows them.
  if reason == "tests_hang":
    text = (
        f"the tests hang: they take longer than {request.budget.seconds:g} s. "
        "Name fewer tests in --test_command, or raise --max_seconds."
    )
  if reason in ("collection_error", "no_tests"):
    broken = list(workspace.syntax_errors(project.root))
    if broken:
      reason = "syntax_error"
      text = f"syntax error at {'; '.join(broken[:5])}. Mend it first."
    elif _MISSING in text:
      text += f"\n{_where_modules_are(project)}"
    elif reason == "collection_error":
      text += "\nMend that, or name in --test_command what can be collected."
  return errors.RepairError(reason, text, errors.EXIT_TESTS)


def _where_modules_are(project: executor_lib.Project) -> str:
  """Returns what helps where a module cannot be imported."""
  own = [
      str(python)
      for name in (".venv", "venv", "env")
      if (python := project.root / name / "bin" / "python").exists()
      and str(python) != project.python
  ]
  return (
      f"The tests ran with {project.python}: give --python="
      f"{own[0] if own else 'PATH'} of an interpreter that has the project's "
      "dependencies, or --repo=DIR of the folder that its modules are in."
  )
