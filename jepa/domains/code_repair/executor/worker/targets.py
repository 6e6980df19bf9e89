"""The functions that the parent has told of, by the number it gave them."""

from collections.abc import Iterable
import os
from typing import Any

from . import candidate
from . import definition
from . import live
from . import runner as runner_lib
from . import suite as suite_lib

COMPILE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


class Targets:
  """Finds functions, and puts candidates in their place.

  Args:
    root: of the project.
    runner: of the collected session.
    functions: the index of live functions.
    import_lines: by file name, lines of functions that ran at collection.
  """

  def __init__(
      self,
      root: str,
      runner: runner_lib.Runner,
      functions: live.LiveFunctions,
      import_lines: dict[str, set[int]],
  ):
    self._root = root
    self._runner = runner
    self._functions = functions
    self._import_lines = import_lines
    self._known: dict[int, candidate.Function | str] = {}

  def __getitem__(self, number: int) -> candidate.Function:
    """Returns a function.

    Raises:
      CannotSwap: it cannot be found alive.
    """
    target = self._known[number]
    if isinstance(target, str):
      raise definition.CannotSwap(target)
    return target

  def add(self, message: dict[str, Any], suite: suite_lib.Suite) -> None:
    """Finds the function that a message describes, or remembers why not."""
    coverage = {int(k): v for k, v in message["coverage"].items()}
    try:
      try:
        target = self._find(message, coverage, suite)
      except definition.CannotSwap:
        self._import_by_testing(coverage.values(), suite)
        target = self._find(message, coverage, suite)
    except (definition.CannotSwap, *COMPILE_ERRORS) as error:
      target = f"{type(error).__name__}: {error}"
    self._known[message["target"]] = target

  def _find(self, message, coverage, suite) -> candidate.Function:
    filename = os.path.join(self._root, *message["path"].split("/"))
    site = definition.Site(
        filename=filename,
        qualname=message["qualname"],
        lineno=message["lineno"],
        text=message["text"],
        future=message["future"],
    )
    return candidate.Function(
        site,
        coverage=coverage,
        stateful=message["stateful"],
        suite=suite,
        functions=self._functions,
        import_lines=self._import_lines.get(filename, set()),
    )

  def _import_by_testing(
      self, coverage: Iterable[list[int]], suite: suite_lib.Suite
  ) -> None:
    """Runs a test, for modules that are imported by tests only."""
    for test in set().union(*coverage):
      self._runner.run(test, suite.budget(test))
      break
    self._functions.scan()

  def prepare(self, message: dict[str, Any]):
    """Returns the swap that puts a candidate in place, and its tests.

    Raises:
      CannotSwap: only a fresh import can run it.
      SyntaxError: (or another of `COMPILE_ERRORS`) it does not compile.
    """
    self._functions.clear_caches()
    return self[message["target"]].prepare(message["text"])
