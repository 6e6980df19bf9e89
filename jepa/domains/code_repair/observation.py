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
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import lexer
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tokens as tokens_lib

ROLES = (
    "padding", "function", "count", "exception", "message", "expected",
    "observed", "traceback", "test",
)
_ROLE = {name: i for i, name in enumerate(ROLES)}
_SYNTAX = {name: i for i, name in enumerate(("none", *tokens_lib.SYNTAX))}
_MAX_DEPTH = 7
_MAX_LINE = 63
_NO_LIMIT = 1 << 30
_COVERED = (0.0, 0.34, 0.99)  # Bounds between buckets of a fraction.
_OCHIAI = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
_COUNTS = (0, 1, 3, 10, 30)

# depth: block depth. line: lines below the first of its part. failing,
# passing: 0 if no such test reached the line, up to nearly all of them.
# blamed: bucket of the line's Ochiai score. mark: 1 if the line is on the
# traceback, 2 if the exception was raised there; of a test's line, 1 if it
# is the one that failed.
NODE_FEATURES = (
    ("role", len(ROLES)),
    ("syntax", len(_SYNTAX)),
    ("depth", _MAX_DEPTH + 1),
    ("line", _MAX_LINE + 1),
    ("failing", len(_COVERED) + 1),
    ("passing", len(_COVERED) + 1),
    ("blamed", len(_OCHIAI) + 1),
    ("mark", 3),
)

_KIND = {name: i for i, name in enumerate(edits_lib.KINDS)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class State:
  """What is known of a program before anything is tried.

  function: the one under repair.
  spectrum: which of its lines the tests reached.
  failure: the test that is shown; None if none fails.
  """
  function: source.Function
  spectrum: localization.Spectrum
  failure: failure_lib.Failure | None


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

  def row(self, symbol: int) -> tuple[int, ...]:
    return (
        symbol, _ROLE[self.role], _SYNTAX[self.syntax],
        min(self.depth, _MAX_DEPTH), min(max(self.line, 0), _MAX_LINE),
        self.failing, self.passing, self.blamed, self.mark,
    )


def encode_state(
    state: State, max_nodes: int | None = None
) -> base.Observation:
  """Returns the nodes of `state`, at most `max_nodes` where that is given.

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
  for token, line, score in zip(function.tokens, lines, scores):
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
    )


def _marks(failure: failure_lib.Failure | None) -> dict[int, int]:
  if failure is None:
    return {}
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


_PARTS = (
    _counts,
    _exception,
    _make_text_part("message", 16),
    _make_text_part("expected", 12),
    _make_text_part("observed", 12),
    _traceback,
    _test,
)
