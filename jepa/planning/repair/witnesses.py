"""Which tests have something to say of a piece of code."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
import functools
import pathlib

from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def telling(
    executor: executor_lib.FastExecutor,
    tests: Iterable[int],
    failing: Sequence[int],
) -> list[int]:
  """Returns those of `tests` that pass, or whose failure is meant."""
  others = executor.baseline.failing.difference(failing)
  return [i for i in tests if i not in others]


def reach(
    executor: executor_lib.FastExecutor,
    path: str,
    lines: Iterable[int],
    tests: Iterable[int],
) -> set[int]:
  """Returns `tests`, and those that would run these lines if run alone.

  Of tests that share what a cache holds, only the first is seen to fill it.
  """
  stateful = executor.baseline.stateful.get(path, {})
  return set(tests).union(*(stateful.get(line, ()) for line in lines))


def lines_of(
    baseline: executor_lib.Baseline, tests: Collection[int]
) -> dict[int, frozenset[tuple[str, int]]]:
  """Returns path and line of all that each of some tests runs."""
  reached = {test: set() for test in tests}
  for path, lines in baseline.coverage.items():
    for line, runners in lines.items():
      for test in reached.keys() & set(runners):
        reached[test].add((path, line))
  return {test: frozenset(lines) for test, lines in reached.items()}


def said(executor: executor_lib.FastExecutor, test: int) -> frozenset[str]:
  """Returns the names that a test says itself; some may be of constants."""
  report = executor.baseline.tests[test]
  path = test_file(report)
  text = read_text(executor.project.root, path) if path else None
  name = report.nodeid.rpartition("::")[2].partition("[")[0]
  return _names(text or "").get(name, frozenset())


def test_file(test: evidence_lib.TestReport) -> str:
  """Returns the file that says what is right; a doctest's code says it too."""
  path, _, name = test.nodeid.partition("::")
  is_doctest = "." in name.partition("[")[0]
  return "" if is_doctest else path


def read_text(root: pathlib.Path, path: str) -> str | None:
  """Returns the text of a file, None where it cannot be read."""
  try:
    return (root / path).read_text()
  except (OSError, UnicodeDecodeError):
    return None


@functools.lru_cache(maxsize=16)
def _names(text: str) -> Mapping[str, frozenset[str]]:
  """Returns the names that are said in each function of a file."""
  try:
    tree = ast.parse(text)
  except (SyntaxError, ValueError):
    return {}
  return {
      node.name: frozenset(_said(node))
      for node in ast.walk(tree)
      if isinstance(node, _FUNCTIONS)
  }


def _said(function: ast.AST) -> Iterator[str]:
  for node in ast.walk(function):
    if isinstance(node, ast.Name):
      yield node.id
    elif isinstance(node, ast.Attribute):
      yield node.attr
