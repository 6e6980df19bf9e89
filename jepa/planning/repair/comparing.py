"""Compares plausible patches: by their diffs, none of them is the right one."""

from collections.abc import Sequence

from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import behaviour
from jepa.planning.repair import patches as patches_lib

_MAX_TESTS = 60
_MAX_PATCHES = 20


def compare(
    executor: executor_lib.FastExecutor,
    patches: Sequence[patches_lib.Patch],
    seconds: float,
) -> behaviour.Grouping | None:
  """Groups the first patches by what they do on generated calls.

  Args:
    executor: of the project without any patch.
    patches: the preferable first.
    seconds: wall time it may take.

  Returns:
    None where there is nothing to compare, or no way to.
  """
  programs = [
      behaviour.Program(files=patch.after, functions=patch.functions)
      for patch in patches[:_MAX_PATCHES]
  ]
  reached = frozenset().union(*(program.functions for program in programs))
  if len(programs) < 2 or not reached:
    return None
  return behaviour.group(
      executor.project,
      executor.limits,
      programs,
      _tests(executor, {path for path, _ in reached}),
      seconds,
  )


def _tests(
    executor: executor_lib.FastExecutor, paths: set[str]
) -> list[str]:
  """Returns node ids of the fastest tests that reach files."""
  baseline = executor.baseline
  tests = {
      test
      for path in paths
      for reaching in baseline.coverage.get(path, {}).values()
      for test in reaching
  }
  chosen = sorted(tests, key=lambda i: baseline.rank[i])[:_MAX_TESTS]
  return [baseline.tests[i].nodeid for i in chosen]
