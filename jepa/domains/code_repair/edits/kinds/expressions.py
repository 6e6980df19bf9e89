"""Expressions copied from elsewhere in the function, and values returned."""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

_COPIED = (ast.Call, ast.Subscript, ast.BinOp, ast.Attribute, ast.Name,
           ast.Compare)
# Copied elsewhere these would not compile, or bind names.
_NEVER_COPIED = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr,
                 ast.Lambda, ast.JoinedStr, ast.Starred)
_MAX_TOKENS = 12
_MAX_COPIES = 6
_MAX_ATOMS = 5


def expr_copy(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another expression of the function instead of this one."""
  pool = _copyable(outline)
  for site in outline.of_type(*_COPIED):
    if not parts.is_load(site) or site.field in ("func", "value") and (
        isinstance(site.parent, (ast.Call, ast.Attribute, ast.Subscript,
                                 ast.Expr))):
      continue
    for tokens, own in _nearest(pool, outline, site):
      yield site.start, site.end, parts.parenthesised(
          tokens, own, site.need)


def _copyable(
    outline: outlines.Outline
) -> list[tuple[parts.Site, parts.Tokens]]:
  """Returns expressions with their tokens, one for each text."""
  found = {}
  for site in outline.of_type(*_COPIED):
    if parts.is_load(site) and site.field != "func" and (
        site.end - site.start <= _MAX_TOKENS):
      if not any(isinstance(n, _NEVER_COPIED) for n in ast.walk(site.node)):
        tokens = outline.regular_text(site)
        found.setdefault(tokens, (site, tokens))
  return list(found.values())


def _nearest(pool, outline, site):
  """Yields the tokens and precedence of the expressions nearest to a site."""
  text = outline.text(site)
  is_name = isinstance(site.node, ast.Name)
  others = [
      (abs(other.start - site.start), other, tokens) for other, tokens in pool
      if tokens != text and not (is_name and isinstance(other.node, ast.Name))
  ]
  others.sort(key=lambda item: item[0])
  for _, other, tokens in others[:_MAX_COPIES]:
    yield tokens, outline.precedence(other)


def return_expr(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another value to return: a variable, a list of it, a test of it."""
  for site in outline.sites:
    if not isinstance(site.parent, ast.Return):
      continue
    if isinstance(site.node, (ast.Name, ast.Constant, ast.List, ast.Dict)):
      for atom in outline.atoms(site.scope, site.line)[:_MAX_ATOMS]:
        yield site.start, site.end, atom
        yield site.start, site.end, ("[", *atom, "]")
        yield site.start, site.end, (*atom, "==", "0")
        yield site.start, site.end, ("not", *atom)
      yield site.start, site.end, ("[", *outline.text(site), "]")
    for constant in ("None", "True", "False"):
      if outline.text(site) != (constant,):
        yield site.start, site.end, (constant,)
  yield from _returned_at_last(outline)


def _returned_at_last(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A bare `return` gets a value; a last expression is returned."""
  for block in outline.blocks:
    if not (block.is_open and outline.may_return_value(block.function)):
      continue
    for statement in block.statements:
      node = statement.node
      start = statement.start + statement.whole
      match node:
        case ast.Return(value=None):
          line = outline.spans.line(start)
          for atom in outline.atoms(block.scope, line)[:_MAX_ATOMS]:
            yield start + 1, start + 1, atom
        case ast.Expr(value=ast.Call() | ast.Name() | ast.Compare() |
                      ast.BinOp() | ast.Subscript() | ast.Attribute()):
          yield start, start, ("return",)
        case ast.Assign(targets=[_], value=value) if not isinstance(
            value, (ast.Yield, ast.YieldFrom, ast.Await)):
          yield start, outline.site(value).outer_start, ("return",)
