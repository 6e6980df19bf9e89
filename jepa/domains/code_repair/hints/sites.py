"""Expressions whose values are known: where an edit's effect can be computed.
"""

import ast
from collections.abc import Iterator, Mapping
import functools
from typing import Any, NamedTuple

from jepa.domains.code_repair import calculator
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair import values as values_lib
from jepa.domains.code_repair.edits.outline import spans as spans_lib

_MAX_TEXT = 60  # Longer values are cut off, see `evidence.Value`.
_MAX_TOKENS = 40  # Of an expression.

# What is at the root of a statement, and what it is for.
_ROLES: dict[type, tuple[str, str]] = {
    ast.Return: ("value", "returned"),
    ast.If: ("test", "condition"),
    ast.While: ("test", "condition"),
    ast.Assert: ("test", "condition"),
    ast.Assign: ("value", "assigned"),
    ast.AnnAssign: ("value", "assigned"),
    ast.AugAssign: ("value", "added"),
    ast.For: ("iter", "iterated"),
    ast.Expr: ("value", "statement"),
}


class Unknown(NamedTuple):
  """No value: it cannot be told."""


class Raised(NamedTuple):
  """No value: evaluating raised an exception of this type."""
  exception: str


UNKNOWN = Unknown()


class Site(NamedTuple):
  """An expression of a line that a failing test ran.

  start, end: half-open span of tokens.
  role: what the statement is that it is the root of, else "part".
  line: that it is on.
  """
  start: int
  end: int
  role: str
  line: int


class Calculator:
  """Evaluates texts of tokens, each once."""

  def __init__(self, names: Mapping[str, Any]):
    self._names = names
    self._known: dict[tuple[str, ...], Any] = {}

  def __call__(self, texts: tuple[str, ...]) -> Any:
    """Returns the value of an expression, `Raised` or `UNKNOWN`."""
    if texts not in self._known:
      self._known[texts] = self._evaluate(" ".join(texts))
    return self._known[texts]

  def _evaluate(self, text: str) -> Any:
    try:
      node = ast.parse(text, mode="eval").body
      return calculator.evaluate(node, self._names)
    except (calculator.UnknownError, SyntaxError, RecursionError):
      return UNKNOWN
    except Exception as error:  # pylint: disable=broad-except
      return Raised(type(error).__name__)


def read(text: str) -> Any:
  """Returns what a representation stands for; `UNKNOWN` if it is no literal.

  Sets are not known: their order differs from process to process.
  """
  found = values_lib.literal(text)
  if found is values_lib.UNREADABLE or len(text) >= _MAX_TEXT:
    return UNKNOWN
  has_set = "{" in text and not isinstance(found, dict | str)
  return UNKNOWN if has_set else found


def read_values(held: tuple[evidence.Value, ...]) -> dict[str, Any]:
  """Returns what is known of variables by their names."""
  values = {v.name: read(v.text) for v in held if v.name != "return"}
  return {name: x for name, x in values.items() if x is not UNKNOWN}


def make_finder(state: nodes.State, calculate: Calculator):
  """Returns what finds the site of a span of tokens, None if there is none.

  That is the widest expression around it whose value is known; where none is,
  that which is returned.
  """
  lines = localization.traced_lines(state.function, state.spectrum)
  texts = tuple(t.text for t in state.function.tokens)
  chains = list(_chains(state, lines))

  @functools.cache
  def find(start: int, end: int) -> Site | None:
    for root, *parts in chains:
      if root.start <= start and end <= root.end:
        break
    else:
      return None
    for site in (root, *parts):
      if site.start <= start and end <= site.end:
        if calculate(texts[site.start : site.end]) is not UNKNOWN:
          return site
    return root if root.role == "returned" else None

  return find


def _chains(state: nodes.State, lines) -> Iterator[list[Site]]:
  """Yields each root with its parts, the widest first."""
  function, reached = state.function, state.spectrum.failing
  spans = spans_lib.Spans(function)

  def make_site(node, role):
    span = spans.parentheses(spans.begin(node), spans.end(node))
    return Site(*span, role, lines[span[0]])

  for statement in ast.walk(function.tree):
    field, role = _ROLES.get(type(statement), ("", ""))
    node = getattr(statement, field, None)
    if node is None:
      continue
    root = make_site(node, role)
    if root.end - root.start <= _MAX_TOKENS and reached.get(root.line):
      parts = [make_site(n, "part") for n in _parts(node) if n is not node]
      yield [root, *sorted(parts, key=lambda s: s.start - s.end)]


def _parts(node: ast.AST) -> Iterator[ast.expr]:
  """Yields expressions, but not what is inside of a formatted string."""
  if isinstance(node, ast.expr):
    yield node
  if not isinstance(node, ast.JoinedStr | ast.Lambda):
    for child in ast.iter_child_nodes(node):
      yield from _parts(child)
