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
_MAX_OTHERS = 2
_MAX_TEST_LINES = 60


@dataclasses.dataclass(frozen=True, kw_only=True)
class Symptom:
  """What another failing test said; fields as in `TestReport`."""
  exception: str
  expected: str
  observed: str


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
  exit_line: where the target left when it was called last; 0 if not known.
  values: what the target held then, "return" first.
  others: what other tests say that fail in another way.
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
  exit_line: int = 0
  values: tuple[evidence_lib.Value, ...] = ()
  others: tuple[Symptom, ...] = ()

  def to_json(self) -> dict[str, Any]:
    return dataclasses.asdict(self)

  @classmethod
  def from_json(cls, x: dict[str, Any]) -> "Failure":
    frames = tuple((function, text) for function, text in x["frames"])
    return cls(**{
        **x,
        "frames": frames,
        "target_lines": tuple(x["target_lines"]),
        "values": tuple(evidence_lib.Value(**v) for v in x["values"]),
        "others": tuple(Symptom(**o) for o in x["others"]),
    })


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
  left = _last_exit(report, target, function_end)
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
      exit_line=left.lineno if left else 0,
      values=tuple(
          dataclasses.replace(v, text=without_addresses(v.text))
          for v in (left.values if left else ())
      ),
      others=_others(evidence, report),
  )


def _last_exit(
    report: evidence_lib.TestReport,
    target: evidence_lib.Target,
    function_end: int,
) -> evidence_lib.Exit | None:
  """Returns the target's own exit, else one of a function inside it."""
  inside = [
      e
      for e in report.exits
      if e.path == target.path and target.lineno <= e.lineno <= function_end
  ]
  name = target.qualname.rsplit(".", 1)[-1]
  own = [e for e in inside if e.function == name]
  return (own or inside or [None])[-1]


def _others(
    evidence: evidence_lib.Evidence, shown: evidence_lib.TestReport
) -> tuple[Symptom, ...]:
  """Returns symptoms that differ from the shown one and from each other."""
  symptoms = dict.fromkeys(
      Symptom(
          exception=t.exception or t.outcome,
          expected=without_addresses(t.expected),
          observed=without_addresses(t.observed),
      )
      for t in (shown, *evidence.failing)
  )
  return tuple(symptoms)[1 : 1 + _MAX_OTHERS]


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
