"""The failing test that an observation shows, with the source it came from."""

import ast
from collections.abc import Callable, Iterable
import dataclasses
import functools
import re
from typing import Any

from jepa.domains.code_repair import evidence as evidence_lib

# path -> the file's text as it is in the project, None where there is none.
ReadText = Callable[[str], str | None]

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
_MAX_FRAMES = 4
_MAX_TEST_LINES = 60


@dataclasses.dataclass(frozen=True, kw_only=True)
class Failure:
  """One failing test, in a form that needs no repository any more.

  nodeid, exception, message, expected, observed: as in `TestReport`.
  test: source of the test function, or what of it surrounds `line`.
  test_lineno: line of its file that `test` starts at; 0 if it is not known.
  line: the line of the test file that failed; 0 if it is not known.
  frames: the innermost frames outside the test and the target, outermost
    first, each a function's name and the text of the line.
  target_lines: lines of the target on the traceback, innermost last.
  is_raised_in_target: whether the target is the innermost frame.
  """
  nodeid: str
  exception: str
  message: str
  expected: str
  observed: str
  test: str = ""
  test_lineno: int = 0
  line: int = 0
  frames: tuple[tuple[str, str], ...] = ()
  target_lines: tuple[int, ...] = ()
  is_raised_in_target: bool = False

  def to_json(self) -> dict[str, Any]:
    return dataclasses.asdict(self)

  @classmethod
  def from_json(cls, x: dict[str, Any]) -> "Failure":
    frames = tuple((function, text) for function, text in x["frames"])
    lines = tuple(x["target_lines"])
    return cls(**{**x, "frames": frames, "target_lines": lines})


def most_telling(
    reports: Iterable[evidence_lib.TestReport],
) -> evidence_lib.TestReport | None:
  """Returns the failing test to show, None if there is none.

  One that shows both sides of its comparison, before one that finished,
  before one that reaches few lines of the target; then the first.
  """
  return min(
      reports,
      key=lambda t: (
          not (t.expected or t.observed),
          t.outcome in ("hang", "crash"),
          len(t.lines),
      ),
      default=None,
  )


def make_failure(
    evidence: evidence_lib.Evidence, function_end: int, read_text: ReadText
) -> Failure | None:
  """Returns the most telling failure of `evidence`, None if nothing failed.

  Args:
    evidence: of the program that is observed.
    function_end: last line of the target in it.
    read_text: reads the project's files.
  """
  report = most_telling(evidence.failing)
  if report is None:
    return None
  target = evidence.target
  in_target = [
      f.path == target.path and target.lineno <= f.lineno <= function_end
      for f in report.traceback
  ]
  path = report.nodeid.split("::")[0]
  line = next((f.lineno for f in report.traceback if f.path == path), 0)
  test, test_lineno = _test_source(report.nodeid, line, read_text)
  others = [
      f
      for f, is_target in zip(report.traceback, in_target)
      if not is_target and f.path != path
  ]
  return Failure(
      nodeid=report.nodeid,
      exception=report.exception or report.outcome,
      message=without_addresses(report.message),
      expected=without_addresses(report.expected),
      observed=without_addresses(report.observed),
      test=test,
      test_lineno=test_lineno,
      line=line,
      frames=tuple(
          (f.function, _line(read_text(f.path), f.lineno))
          for f in others[-_MAX_FRAMES:]
      ),
      target_lines=tuple(
          f.lineno
          for f, is_target in zip(report.traceback, in_target)
          if is_target
      ),
      is_raised_in_target=bool(in_target) and in_target[-1],
  )


def without_addresses(text: str) -> str:
  """Returns `text` without what differs from one process to the next."""
  return _ADDRESS.sub("0x0", text)


def _line(text: str | None, lineno: int) -> str:
  lines = (text or "").splitlines()
  return lines[lineno - 1].strip() if 0 < lineno <= len(lines) else ""


def _test_source(
    nodeid: str, line: int, read_text: ReadText
) -> tuple[str, int]:
  """Returns the source of a test and its first line; ("", 0) if unknown."""
  path, *names = nodeid.split("[")[0].split("::")
  text = read_text(path)
  if text is None:
    return "", 0
  spans = _definitions(text)
  start, end = spans.get(".".join(names)) or _surrounding(spans, line)
  if not start:
    return "", 0
  if line and end - start >= _MAX_TEST_LINES:
    start = max(start, line - _MAX_TEST_LINES // 2)
  end = min(end, start + _MAX_TEST_LINES - 1)
  return "\n".join(text.splitlines()[start - 1 : end]), start


@functools.lru_cache(maxsize=64)
def _definitions(text: str) -> dict[str, tuple[int, int]]:
  """Returns first and last line of each function of a file, by qualname."""
  spans = {}

  def visit(node, prefix):
    for child in ast.iter_child_nodes(node):
      if isinstance(child, ast.ClassDef):
        visit(child, f"{prefix}{child.name}.")
      elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
        spans[prefix + child.name] = child.lineno, child.end_lineno
      else:
        visit(child, prefix)

  try:
    visit(ast.parse(text), "")
  except (SyntaxError, ValueError):
    return {}
  return spans


def _surrounding(
    spans: dict[str, tuple[int, int]], line: int
) -> tuple[int, int]:
  """Returns the span that holds `line`: the test may be inherited."""
  holding = [s for s in spans.values() if s[0] <= line <= s[1]]
  return max(holding, default=(0, 0))
