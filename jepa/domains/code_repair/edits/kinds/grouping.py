"""Grouping: the same operands and operators with other parentheses.

Each regrouping is undone by another: `(a + b) * c` and `a + b * c`.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence

_MAX_DEPTH = 2  # Operators between the two places of a parenthesis.

# (a + b) - c is a + (b - c), and so on for these pairs of operators.
_ASSOCIATIVE = frozenset((
    ("+", "+"), ("+", "-"), ("*", "*"), ("*", "/"), ("&", "&"), ("|", "|"),
    ("^", "^")))
_SIGNS = {ast.Not: ("not", precedence.NOT), ast.USub: ("-", precedence.FACTOR)}
# Calls that are often closed too early or too late.
_FUNCTIONS = frozenset((
    "abs", "float", "int", "len", "round", "sqrt", "str", "sum"))


class _Term(NamedTuple):
  """Tokens and the precedence of their loosest operator."""
  tokens: parts.Tokens
  own: int

  def fit(self, need: int) -> parts.Tokens:
    return parts.parenthesised(self.tokens, self.own, need)


def regrouped(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Operators that bind other operands than they did."""
  for types, ways in _WAYS:
    for site in outline.of_type(*types):
      for way in ways:
        for term in way(outline, site):
          yield site.start, site.end, term.fit(site.need)


def _binding_less(outline, site) -> Iterator[_Term]:
  """Makes `(a + b) / 2 * c` into `a + b / 2 * c`."""
  later = []  # Operators and operands after a group, the last one first.
  node = site.node
  while isinstance(node.left, ast.BinOp) and len(later) < _MAX_DEPTH:
    later.append((_symbol(node), _term(outline, node.right)))
    node = node.left
    if _is_other(_symbol(node), later):
      term = _term(outline, node.right)
      for symbol, right in reversed(later):
        term = _joined(term, symbol, right)
      yield _joined(_term(outline, node.left), _symbol(node), term)


def _binding_more(outline, site) -> Iterator[_Term]:
  """Makes `a + b / 2 * c` into `(a + b) / 2 * c`."""
  later = []
  left, node = _term(outline, site.node.left), site.node.right
  while isinstance(node, ast.BinOp) and len(later) < _MAX_DEPTH:
    later.append((_symbol(node), _term(outline, node.right)))
    node = node.left
    if _is_other(_symbol(site.node), later):
      term = _joined(left, _symbol(site.node), _term(outline, node))
      for symbol, right in reversed(later):
        term = _joined(term, symbol, right)
      yield term


def _is_other(symbol: str, later) -> bool:
  """Whether grouping operators otherwise changes a value."""
  return any((symbol, after) not in _ASSOCIATIVE for after, _ in later)


def _closed_later(outline, site) -> Iterator[_Term]:
  """Makes `int(a) / b` into `int(a / b)`."""
  call = site.node.left
  if _is_call(call):
    inner = _joined(_term(outline, call.args[0]), _symbol(site.node),
                    _term(outline, site.node.right))
    yield _called(outline, call, inner)


def _closed_earlier(outline, site) -> Iterator[_Term]:
  """Makes `int(a / b)` into `int(a) / b`."""
  call = site.node
  if _is_call(call) and isinstance(call.args[0], ast.BinOp):
    whole = call.args[0]
    yield _joined(_called(outline, call, _term(outline, whole.left)),
                  _symbol(whole), _term(outline, whole.right))


def _of_clauses(outline, site) -> Iterator[_Term]:
  """Makes `a and (b or c)` into `a and b or c`, and so on."""
  symbol = _symbol(site.node)
  *before, last = site.node.values
  if isinstance(last, ast.BoolOp):
    first, *rest = [_term(outline, v) for v in last.values]
    group = _all([*(_term(outline, v) for v in before), first], symbol)
    yield _all([group, *rest], _symbol(last))
  first, *after = site.node.values
  if isinstance(first, ast.BoolOp):
    *rest, last = [_term(outline, v) for v in first.values]
    group = _all([last, *(_term(outline, v) for v in after)], symbol)
    yield _all([*rest, group], _symbol(first))


def _negated_whole(outline, site) -> Iterator[_Term]:
  """Makes `not a and b` into `not (a and b)`, `-a + b` into `-(a + b)`."""
  first, *rest = _operands(site.node)
  if isinstance(first, ast.UnaryOp) and type(first.op) in _SIGNS:
    terms = [_term(outline, n) for n in (first.operand, *rest)]
    yield _negated(first.op, _all(terms, _symbol(site.node)))


def _negated_first(outline, site) -> Iterator[_Term]:
  """Makes `not (a and b)` into `not a and b`, `-(a + b)` into `-a + b`."""
  whole = site.node.operand
  if type(site.node.op) in _SIGNS and isinstance(
      whole, (ast.BoolOp, ast.BinOp)):
    first, *rest = [_term(outline, n) for n in _operands(whole)]
    yield _all([_negated(site.node.op, first), *rest], _symbol(whole))


# The ways to group expressions of some types otherwise.
_WAYS = (
    ((ast.BinOp,), (_binding_more, _binding_less, _closed_later,
                    _negated_whole)),
    ((ast.BoolOp,), (_of_clauses, _negated_whole)),
    ((ast.UnaryOp,), (_negated_first,)),
    ((ast.Call,), (_closed_earlier,)),
)


def _operands(node: ast.BinOp | ast.BoolOp) -> list[ast.expr]:
  return node.values if isinstance(node, ast.BoolOp) else [
      node.left, node.right]


def _symbol(node: ast.BinOp | ast.BoolOp) -> str:
  return precedence.SYMBOLS[type(node.op)]


def _term(outline, node) -> _Term:
  site = outline.site(node)
  return _Term(outline.text(site), outline.precedence(site))


def _joined(left: _Term, symbol: str, right: _Term) -> _Term:
  left_need, right_need = precedence.operand_needs(symbol)
  return _Term((*left.fit(left_need), symbol, *right.fit(right_need)),
               precedence.OPERATORS[symbol])


def _all(terms: list[_Term], symbol: str) -> _Term:
  first, *rest = terms
  for term in rest:
    first = _joined(first, symbol, term)
  return first


def _negated(operator: ast.unaryop, term: _Term) -> _Term:
  symbol, own = _SIGNS[type(operator)]
  return _Term((symbol, *term.fit(own)), own)


def _is_call(node: ast.expr) -> bool:
  """Whether an expression calls such a function of one argument."""
  return isinstance(node, ast.Call) and len(node.args) == 1 and (
      not node.keywords and parts.function_name(node) in _FUNCTIONS
      and not isinstance(node.args[0], (ast.Starred, ast.GeneratorExp)))


def _called(outline, call: ast.Call, argument: _Term) -> _Term:
  function = outline.text(outline.site(call.func))
  return _Term((*function, "(", *argument.fit(precedence.TEST), ")"),
               precedence.ATOM)
