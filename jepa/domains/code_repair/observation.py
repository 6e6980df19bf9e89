"""A function under repair and the evidence against it, as nodes with features.

The function's tokens come first, each at its index in `Function.tokens`, so
that the span of an edit is its site among the nodes. Then come the evidence
nodes, in the order of `_PARTS`: each part has a limit of its own and takes of
`max_nodes` what those before it left. A further kind of evidence is a row
there.
"""

from collections.abc import Iterable, Iterator, Sequence
import dataclasses
import itertools

from jepa.domains import base
from jepa.domains import symbols as symbols_lib
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import lexer
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair import tries
from jepa.domains.code_repair import values as values_lib

ROLES = (
    "padding", "function", "count", "exception", "message", "expected",
    "observed", "traceback", "test", "difference", "tried", "variable",
    "value", "other",
)
_ROLE = {name: i for i, name in enumerate(ROLES)}
_SYNTAX = {name: i for i, name in enumerate(("none", *tokens_lib.SYNTAX))}
_MAX_DEPTH = 7
_MAX_LINE = 63
_NO_LIMIT = 1 << 30
_VARIABLES = frozenset(("name_load", "name_store", "parameter", "call_name"))
_COVERED = (0.0, 0.34, 0.99)  # Bounds between buckets of a fraction.
_OCHIAI = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
_COUNTS = (0, 1, 3, 10, 30)
_TRIES = (0, 1, 3)
_VALUE = {name: i for i, name in enumerate(values_lib.CLASSES)}
_OUTCOME = {name: i for i, name in enumerate(tries.OUTCOMES)}
_KIND = {name: i for i, name in enumerate(edits_lib.KINDS)}

# depth: block depth. line: lines below the first of its part. failing,
# passing: 0 if no such test reached the line, up to nearly all of them.
# blamed: bucket of the line's Ochiai score. mark: 1 if the line is on the
# traceback, 2 if the exception was raised there, 3 if the function returned
# from there; of a test's line, 1 if it is the one that failed. value: class of
# what a variable held when the function left. kind: of a tried edit, from 1.
# outcome: of a tried edit, or the best of those that touched the token. tries:
# roughly how many did.
NODE_FEATURES = (
    ("role", len(ROLES)),
    ("syntax", len(_SYNTAX)),
    ("depth", _MAX_DEPTH + 1),
    ("line", _MAX_LINE + 1),
    ("failing", len(_COVERED) + 1),
    ("passing", len(_COVERED) + 1),
    ("blamed", len(_OCHIAI) + 1),
    ("mark", 4),
    ("value", len(_VALUE)),
    ("kind", len(_KIND) + 1),
    ("outcome", len(_OUTCOME)),
    ("tries", len(_TRIES) + 1),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class State:
  """What is known of a program.

  function: the one under repair.
  spectrum: which of its lines the tests reached.
  failure: the test that is shown; None if none fails.
  tried: edits of the function that did not repair it, the first one first.
  """
  function: source.Function
  spectrum: localization.Spectrum
  failure: failure_lib.Failure | None
  tried: tuple[tries.Try, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Node:
  """A node whose symbol has no number yet; features as `NODE_FEATURES`."""
  text: str
  role: str
  syntax: str = "none"
  depth: int = 0
  line: int = 0
  failing: int = 0
  passing: int = 0
  blamed: int = 0
  mark: int = 0
  value: int = 0
  kind: int = 0
  outcome: int = 0
  tries: int = 0

  def row(self, symbol: int) -> tuple[int, ...]:
    return (
        symbol, _ROLE[self.role], _SYNTAX[self.syntax],
        min(self.depth, _MAX_DEPTH), min(max(self.line, 0), _MAX_LINE),
        self.failing, self.passing, self.blamed, self.mark,
        self.value, self.kind, self.outcome, self.tries,
    )


def encode_state(
    state: State, max_nodes: int | None = None
) -> base.Observation:
  """Returns the nodes of `state`, at most `max_nodes` where that is given.

  To have the model take a failed attempt into account, encode the state again
  with one more of `State.tried`.

  Raises:
    ValueError: the function alone has more than `max_nodes` tokens.
  """
  tokens = state.function.tokens
  if max_nodes is not None and len(tokens) > max_nodes:
    raise ValueError(
        f"{state.function.qualname} has {len(tokens)} tokens, more than the "
        f"{max_nodes} nodes of an observation."
    )
  nodes = list(_function_nodes(state))
  for part in _PARTS:
    room = _NO_LIMIT if max_nodes is None else max_nodes - len(nodes)
    nodes.extend(itertools.islice(part(state, room), room))
  table = symbols_lib.SymbolTable()
  rows = tuple(n.row(table.add(n.text)) for n in nodes)
  return base.Observation(symbols=table.texts(), nodes=rows)


def encode_candidates(
    edits: Iterable[edits_lib.Edit], observation: base.Observation
) -> tuple[base.Observation, tuple[base.Candidate, ...]]:
  """Encodes edits of the observed function.

  Returns:
    The observation with the symbols of all inserted tokens added, and the
    candidates, whose arguments are rows of those symbols.
  """
  table = symbols_lib.SymbolTable(observation.symbols)
  add = table.add
  candidates = tuple(
      base.Candidate(
          kind=_KIND[e.kind], start=e.start, end=e.end,
          args=tuple([add(text) for text in e.insert]),
      )
      for e in edits
  )
  return dataclasses.replace(observation, symbols=table.texts()), candidates


def _function_nodes(state: State) -> Iterator[_Node]:
  spectrum, function = state.spectrum, state.function
  lines = localization.traced_lines(function, spectrum)
  scores = localization.token_scores(function, spectrum)
  marks = _marks(state.failure)
  held = _held(state.failure)
  touched = _touched(state)
  for i, (token, line, score) in enumerate(
      zip(function.tokens, lines, scores)
  ):
    failing = spectrum.failing.get(line, 0) / max(1, spectrum.num_failing)
    passing = spectrum.passing.get(line, 0) / max(1, spectrum.num_passing)
    yield _Node(
        text=token.text,
        role="function",
        syntax=token.syntax,
        depth=token.depth,
        line=token.line - function.lineno,
        failing=_bucket(failing, _COVERED),
        passing=_bucket(passing, _COVERED),
        blamed=_bucket(score, _OCHIAI),
        mark=marks.get(line, 0),
        value=held.get(token.text, 0) if token.syntax in _VARIABLES else 0,
        outcome=max(touched[i], default=0),
        tries=_bucket(len(touched[i]), _TRIES),
    )


def _held(failure: failure_lib.Failure | None) -> dict[str, int]:
  """Maps the names of variables to the class of what they held."""
  values = failure.values if failure else ()
  return {v.name: _VALUE[values_lib.classify(v)] for v in values}


def _touched(state: State) -> list[list[int]]:
  """Returns the outcomes of the tries that touched each token."""
  touched = [[] for _ in state.function.tokens]
  for item in tries.shown(state.tried):
    for i in localization.touched_tokens(state.function, item.edit):
      touched[i].append(_OUTCOME[item.outcome])
  return touched


def _marks(failure: failure_lib.Failure | None) -> dict[int, int]:
  if failure is None:
    return {}
  if not failure.target_lines:
    return {failure.exit_line: 3}
  marks = dict.fromkeys(failure.target_lines, 1)
  if failure.is_raised_in_target:
    marks[failure.target_lines[-1]] = 2
  return marks


def _bucket(value: float, bounds: Sequence[float]) -> int:
  """Returns how many of the ascending `bounds` lie below `value`."""
  return sum(value > bound for bound in bounds)


def _counts(state: State, room: int) -> Iterator[_Node]:
  """How many tests fail and pass, roughly."""
  del room
  for name, count in (
      ("failing", state.spectrum.num_failing),
      ("passing", state.spectrum.num_passing),
  ):
    yield _Node(text=f"#{name}:{_bucket(count, _COUNTS)}", role="count")


def _exception(state: State, room: int) -> Iterator[_Node]:
  del room
  if state.failure:
    yield _Node(text=state.failure.exception, role="exception")


def _make_text_part(role: str, limit: int):
  """Returns a part that shows a field of the failure, named like its role."""

  def part(state: State, room: int) -> Iterator[_Node]:
    del room
    if state.failure:
      for text in lexer.tokens(getattr(state.failure, role), limit):
        yield _Node(text=text, role=role)

  return part


def _difference(state: State, room: int) -> Iterator[_Node]:
  """How the observed value differs from the expected one, in words."""
  del room
  if state.failure:
    shown = state.failure.expected, state.failure.observed
    for word in values_lib.differences(*shown):
      yield _Node(text=f"#{word}", role="difference")


def _tried(state: State, room: int) -> Iterator[_Node]:
  """One node for each try, which says the most telling token inserted."""
  del room
  function = state.function
  for item in tries.shown(state.tried):
    edit = item.edit
    removed = {t.text for t in function.tokens[edit.start : edit.end]}
    new = [t for t in edit.insert if t not in removed]
    new.sort(key=tokens_lib.is_newline)  # Stable: others come first.
    touched = localization.touched_tokens(function, edit)[0]
    yield _Node(
        text=new[0] if new else "#nothing",
        role="tried",
        depth=function.tokens[touched].depth,
        line=function.tokens[touched].line - function.lineno,
        kind=1 + _KIND[edit.kind],
        outcome=_OUTCOME[item.outcome],
    )


_MAX_VALUES = 5
_MAX_VALUE_TOKENS = 4


def _values(state: State, room: int) -> Iterator[_Node]:
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
    seen = _VALUE[values_lib.classify(value)]
    name = value.name.removeprefix("self.")
    yield _Node(text=name, role="variable", line=i, value=seen)
    yield _Node(text=f"#{value.type}", role="value", line=i, value=seen)
    for text in lexer.tokens(value.text, _MAX_VALUE_TOKENS):
      yield _Node(text=text, role="value", line=i, value=seen)


def _is_telling(
    value: evidence_lib.Value, failure: failure_lib.Failure
) -> bool:
  if value.name == "return":
    return not failure.target_lines  # Else it raised.
  return values_lib.classify(value) != "callable"


def _others(state: State, room: int) -> Iterator[_Node]:
  """What other failing tests say."""
  del room
  for i, other in enumerate(state.failure.others if state.failure else ()):
    yield _Node(text=other.exception, role="other", line=i)
    for text in lexer.tokens(other.expected, 6):
      yield _Node(text=text, role="other", line=i, mark=1)
    for text in lexer.tokens(other.observed, 6):
      yield _Node(text=text, role="other", line=i)


def _traceback(state: State, room: int) -> Iterator[_Node]:
  """The innermost frames that are neither the test nor the target."""
  del room
  if state.failure:
    for i, (function, text) in enumerate(state.failure.frames[-2:]):
      yield _Node(text=function, role="traceback", line=i)
      for token in lexer.tokens(text, 12):
        yield _Node(text=token, role="traceback", line=i)


_MAX_TEST_NODES = 64


def _test(state: State, room: int) -> Iterator[_Node]:
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
      yield _Node(
          text=text,
          role="test",
          depth=max(0, _indent(lines[i]) - indent) // 4,
          line=i,
          mark=int(has_failed and i == failed),
      )


def _indent(line: str) -> int:
  return len(line) - len(line.lstrip())


_MAX_MESSAGE = 16


def _message(state: State, room: int) -> Iterator[_Node]:
  """The message, where it says more than the two sides of a comparison."""
  if state.failure and not (state.failure.expected or state.failure.observed):
    yield from _make_text_part("message", _MAX_MESSAGE)(state, room)


_PARTS = (
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
