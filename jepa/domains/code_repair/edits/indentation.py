"""Indentation: statements into a block, out of it, and without its header."""

import ast
from collections.abc import Iterable, Iterator
import itertools

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import outlines
from jepa.domains.code_repair.edits import parts
from jepa.domains.code_repair.edits import statements

_CLAUSES = frozenset(("else", "elif", "except", "finally", "case"))
_TRY_STAR = getattr(ast, "TryStar", ast.Match)


def indent(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A statement into the block above it, or out of the block it ends."""
  for block in outline.blocks:
    if not block.is_open:
      continue
    last = block.statements[-1]
    if _may_leave_block(outline, block, last):
      depth = outline.tokens[last.start].depth
      yield last.start, last.start + 1, (tokens_lib.newline(depth - 1),)
    for above, statement in itertools.pairwise(block.statements):
      if statements.is_movable(outline, block, statement) and (
          _has_room(outline, above)):
        depth = outline.tokens[statement.start].depth
        yield statement.start, statement.start + 1, (
            tokens_lib.newline(depth + 1),)
    for statement in block.statements:
      yield from _bared(outline, block, statement)


def _may_leave_block(outline, block, statement) -> bool:
  """Whether the last statement of a block may follow what the block is of."""
  if len(block.statements) < 2 or isinstance(
      block.owner, (*statements.DEFINITIONS, ast.match_case)):
    return False
  if isinstance(statement.node, (ast.Break, ast.Continue)):
    return False
  is_clause_next = outline.texts[
      statement.end + 1:statement.end + 2] and (
          outline.texts[statement.end + 1] in _CLAUSES)
  return statements.is_movable(outline, block, statement) and not is_clause_next


def _has_room(outline, statement) -> bool:
  """Whether a statement ends with a block that another may join."""
  if not statement.whole or not hasattr(statement.node, "body") or isinstance(
      statement.node, (*statements.DEFINITIONS, _TRY_STAR)):
    return False
  inner = tokens_lib.newline(outline.tokens[statement.start].depth + 1)
  outer = outline.texts[statement.start]
  for i in reversed(range(statement.start + 1, statement.end)):
    if outline.texts[i] in (inner, outer):
      return outline.texts[i] == inner
  return False


def _bared(outline, block, statement) -> Iterator[parts.Span]:
  """What an `if` has under it, always."""
  node = statement.node
  if not isinstance(node, ast.If) or node.orelse or not statement.whole or (
      outline.texts[statement.start + 1] != "if"):
    return
  if isinstance(node.body[-1], statements.LEAVING) and (
      statement is not block.statements[-1]):
    return  # What follows would never run.
  body = outline.texts[outline.site(node.test).outer_end + 1:statement.end]
  if tokens_lib.is_newline(body[0]):
    yield statement.start, statement.end, shallower(body)
  elif len(node.body) == 1:
    yield statement.start, statement.end, (
        outline.texts[statement.start], *body)


def shallower(texts: Iterable[str]) -> parts.Tokens:
  """Returns tokens with each line a step further out."""
  return tuple(
      tokens_lib.newline(tokens_lib.newline_depth(t) - 1)
      if tokens_lib.is_newline(t) else t
      for t in texts
  )
