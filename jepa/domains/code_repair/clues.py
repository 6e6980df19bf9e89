"""Clues: the nodes of an observation that follow those of the function.

Each part has a limit of its own and takes of the room what those before it
left: they come in the order of `PARTS`. A further kind of clue is a row there.
"""

from collections.abc import Iterator
import itertools

from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import lexer
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair import tries
from jepa.domains.code_repair import values as values_lib

_COUNTS = (0, 1, 3, 10, 30)  # Bounds between buckets.
_MAX_MESSAGE = 16
_MAX_TEST_NODES = 64
_MAX_VALUES = 5
_MAX_VALUE_TOKENS = 4


def _counts(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  """How many tests fail and pass, roughly."""
  del room
  for name, count in (
      ("failing", state.spectrum.num_failing),
      ("passing", state.spectrum.num_passing),
  ):
    bucket = nodes.bucket(count, _COUNTS)
    yield nodes.Node(text=f"#{name}:{bucket}", role="count")


def _exception(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  del room
  if state.failure:
    yield nodes.Node(text=state.failure.exception, role="exception")


def _make_text_part(role: str, limit: int):
  """Returns a part that shows a field of the failure, named like its role."""

  def part(state: nodes.State, room: int) -> Iterator[nodes.Node]:
    del room
    if state.failure:
      for text in lexer.tokens(getattr(state.failure, role), limit):
        yield nodes.Node(text=text, role=role)

  return part


def _difference(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  """How the observed value differs from the expected one, in words."""
  del room
  if state.failure:
    shown = state.failure.expected, state.failure.observed
    for word in values_lib.differences(*shown):
      yield nodes.Node(text=f"#{word}", role="difference")


def _tried(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  """One node for each try, which says the most telling token inserted."""
  del room
  function = state.function
  for item in tries.shown(state.tried):
    edit = item.edit
    removed = {t.text for t in function.tokens[edit.start : edit.end]}
    new = [t for t in edit.insert if t not in removed]
    new.sort(key=tokens_lib.is_newline)  # Stable: others come first.
    touched = localization.touched_tokens(function, edit)[0]
    yield nodes.Node(
        text=new[0] if new else "#nothing",
        role="tried",
        depth=function.tokens[touched].depth,
        line=function.tokens[touched].line - function.lineno,
        kind=1 + nodes.KIND[edit.kind],
        outcome=nodes.OUTCOME[item.outcome],
    )


def _values(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  """What the function held when it left, for the last time.

  First what it returned, then the variables of that line, then others.
  """
  del room
  failure = state.failure
  if not failure:
    return
  used = {
      t.text for t in state.function.tokens if t.line == failure.exit_line
  }
  found = [v for v in failure.values if _is_telling(v, failure)]
  found.sort(key=lambda v: (v.name != "return", v.name not in used))
  for i, value in enumerate(found[:_MAX_VALUES]):
    seen = nodes.VALUE[values_lib.classify(value)]
    name = value.name.removeprefix("self.")
    yield nodes.Node(text=name, role="variable", line=i, value=seen)
    yield nodes.Node(text=f"#{value.type}", role="value", line=i, value=seen)
    for text in lexer.tokens(value.text, _MAX_VALUE_TOKENS):
      yield nodes.Node(text=text, role="value", line=i, value=seen)


def _is_telling(
    value: evidence_lib.Value, failure: failure_lib.Failure
) -> bool:
  if value.name == "return":
    return not failure.target_lines  # Else it raised.
  return values_lib.classify(value) != "callable"


def _others(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  """What other failing tests say."""
  del room
  for i, other in enumerate(state.failure.others if state.failure else ()):
    yield nodes.Node(text=other.exception, role="other", line=i)
    for text in lexer.tokens(other.expected, 6):
      yield nodes.Node(text=text, role="other", line=i, mark=1)
    for text in lexer.tokens(other.observed, 6):
      yield nodes.Node(text=text, role="other", line=i)


def _traceback(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  """The innermost frames that are neither the test nor the target."""
  del room
  if state.failure:
    for i, (function, text) in enumerate(state.failure.frames[-2:]):
      yield nodes.Node(text=function, role="traceback", line=i)
      for token in lexer.tokens(text, 12):
        yield nodes.Node(text=token, role="traceback", line=i)


def _test(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  """Whole lines of the test, those nearest the failing one, in their order.

  Of two lines as near, the earlier is taken first. Without a failing line the
  test is read from its start. Comments are left out.
  """
  if not (state.failure and state.failure.test):
    return
  lines = state.failure.test.splitlines()
  failed = state.failure.line - state.failure.test_lineno
  has_failed = 0 <= failed < len(lines)
  by_distance = sorted(
      range(len(lines)),
      key=lambda i: (abs(i - failed), i) if has_failed else (i, i),
  )
  chosen, room = {}, min(room, _MAX_TEST_NODES)
  for i in by_distance:
    code = itertools.takewhile(lambda t: t != "#", lexer.tokens(lines[i], room))
    chosen[i] = list(code)
    room -= len(chosen[i])
  indent = _indent(lines[0])
  for i in sorted(chosen):
    for text in chosen[i]:
      yield nodes.Node(
          text=text,
          role="test",
          depth=max(0, _indent(lines[i]) - indent) // 4,
          line=i,
          mark=int(has_failed and i == failed),
      )


def _indent(line: str) -> int:
  return len(line) - len(line.lstrip())


def _message(state: nodes.State, room: int) -> Iterator[nodes.Node]:
  """The message, where it says more than the two sides of a comparison."""
  if state.failure and not (state.failure.expected or state.failure.observed):
    yield from _make_text_part("message", _MAX_MESSAGE)(state, room)


PARTS = (
    _counts,
    _exception,
    _difference,
    _tried,
    _make_text_part("expected", 12),
    _make_text_part("observed", 12),
    _values,
    _test,
    _message,
    _traceback,
    _others,
)
