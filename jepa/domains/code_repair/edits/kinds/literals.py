"""Literals: numbers, strings and other constants replaced by likely others."""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair.edits.kinds import operators
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence
from jepa.domains.code_repair.edits.outline import usage

_MAX_COPIES = 4
_MAX_VARIABLES = 2
_MAX_SIZES = 1
_MAX_POOLED = 8
_MAX_LENGTH = 40  # Characters of a literal that is copied.

# Values returned are left to a kind of their own.
_HOLDERS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.keyword, ast.Yield)
_PLACES = frozenset((
    "args", "left", "right", "lower", "upper", "step", "slice"))

# A constant, an empty display, and what else people mean by it.
_EMPTY = {
    ("None",): (("0",), ("False",), ("True",), ("''",), ("[", "]")),
    ("True",): (("False",), ("None",)),
    ("False",): (("True",), ("None",), ("0",)),
    ("[", "]"): (("None",), ("{", "}"), ("set", "(", ")")),
    ("{", "}"): (("None",), ("[", "]"), ("set", "(", ")")),
    ("(", ")"): (("None",), ("[", "]")),
    ("''",): (("' '",), ("None",)),
    ("' '",): (("''",), ("'\\n'",)),
    ("0.0",): (("1.0",), ("0",)),
    ("1.0",): (("0.0",), ("1",)),
}


def const(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another constant."""
  for site in _constants(outline):
    for tokens in alternatives(outline, site):
      yield _replaced(site, tokens)
  yield from _variables(outline)


def is_variable_place(site: parts.Site) -> bool:
  """Whether an expression stands where constants and variables both do."""
  match site.parent:
    case ast.Call() | ast.BinOp() | ast.Slice() | ast.Subscript():
      return site.field in _PLACES
    case ast.Compare():
      return site.field == "comparators" and not isinstance(
          site.parent.ops[0], (ast.Is, ast.IsNot))
    case ast.Dict():
      return site.field == "values"
    case _:
      return isinstance(site.parent, _HOLDERS)


def _variables(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A variable, its opposite or its length instead of a constant."""
  uses = usage.uses(outline)
  for site in filter(is_variable_place, _constants(outline)):
    value = signed_value(site.node)
    atoms = outline.atoms(site.scope, site.line)
    if type(value) in (int, float):
      atoms = [a for a in atoms if uses.get(a) != usage.SIZED]
      for atom in _sized(outline, site, uses)[:_MAX_SIZES]:
        yield _replaced(site, ("len", "(", *atom, ")"))
    elif isinstance(value, str):
      atoms = [a for a in atoms if uses.get(a) != usage.NUMBER]
    for atom in atoms[:_MAX_VARIABLES]:
      yield _replaced(site, atom)
      if isinstance(value, bool):
        yield site.start, site.end, parts.parenthesised(
            ("not", *atom), precedence.NOT, site.need)


def _sized(outline, site, uses) -> list[parts.Tokens]:
  """Returns what a number may be the length of."""
  if isinstance(site.parent, ast.Subscript):
    return []
  return [a for a in outline.atoms(site.scope, site.line)
          if uses.get(a) == usage.SIZED]


def _replaced(site, tokens) -> parts.Span:
  own = precedence.FACTOR if tokens[0] == "-" else precedence.ATOM
  if own == precedence.ATOM and isinstance(site.parent, ast.Attribute) and (
      tokens[0][0].isdigit()):
    own = precedence.NAMED  # 1.real is no attribute of 1.
  return site.start, site.end, parts.parenthesised(
      tokens, own, site.need)


def _constants(outline: outlines.Outline) -> Iterator[parts.Site]:
  """Yields constants with their sign, and empty displays."""
  for site in outline.of_type(
      ast.Constant, ast.UnaryOp, ast.List, ast.Dict, ast.Tuple):
    match site.node:
      case ast.Constant():
        is_signed = isinstance(site.parent, ast.UnaryOp) and isinstance(
            site.parent.op, ast.USub)
        if not is_signed and not isinstance(site.parent, ast.Expr):
          yield site
      case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
        yield site
      case ast.List(elts=[], ctx=ast.Load()) | ast.Dict(keys=[]) | (
          ast.Tuple(elts=[], ctx=ast.Load())):
        yield site


def alternatives(
    outline: outlines.Outline, site: parts.Site
) -> Iterator[parts.Tokens]:
  """Yields what a constant or an empty display may become."""
  value = signed_value(site.node)
  if type(value) is int:
    for other in dict.fromkeys((value + 1, value - 1, 0, 1, -value)):
      if other != value:
        yield operators.int_tokens(other)
  yield from _EMPTY.get(_spelt(outline, site), ())
  if value is not None and type(value) is not bool:
    yield from _copies(outline, type(value), value)


def _spelt(outline, site) -> parts.Tokens:
  text = outline.text(site)
  if len(text) == 1 and text[0][-1] in "\"'" and (
      isinstance(site.node, ast.Constant)):
    return (repr(site.node.value),)
  return text


def _copies(outline, of_type, old) -> Iterator[parts.Tokens]:
  """Yields other literals of a type that the function or the pool has."""
  found = {}
  for site in outline.of_type(ast.Constant):
    if type(site.node.value) is of_type and site.end == site.start + 1:
      found.setdefault(site.node.value, outline.text(site))
  found.pop(old, None)
  values = [t for t in found.values() if len(t[0]) <= _MAX_LENGTH]
  yield from values[:_MAX_COPIES]
  for literal in outline.pools.literals[:_MAX_POOLED]:
    value = pooled_value(literal)
    if type(value) is of_type and value != old:
      yield operators.int_tokens(value) if of_type is int else (literal,)


def pooled_value(literal: str):
  """Returns the value of a literal of the pool, None if it is not simple."""
  try:
    value = ast.literal_eval(literal)
  except (SyntaxError, ValueError):
    return None
  is_signed_float = isinstance(value, float) and literal[0] in "+-"
  return None if is_signed_float else value


def signed_value(node: ast.expr):
  """Returns the value of a constant with its sign, None if it is neither."""
  match node:
    case ast.Constant(value=value):
      return value
    case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(
        value=int() | float() as value)):
      return -value
    case _:
      return None
