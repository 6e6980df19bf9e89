"""Indentation: statements into a block, out of it, and without its header."""

import ast
from collections.abc import Iterable, Iterator

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.kinds import nesting
from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

_CLAUSES = frozenset(("else", "elif", "except", "finally", "case"))
_TRY_STAR = getattr(ast, "TryStar", ast.Match)


def indent(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A statement or two into the block above, or out of the block they end."""
  for block in outline.blocks:
    if not block.is_open:
      continue
    for count in (1, 2):
      last = block.statements[-count:]
      if _may_leave_block(outline, block, last):
        yield _shift(outline, last, -1)
      for i in range(1, len(block.statements) - count + 1):
        moved = block.statements[i:i + count]
        if _has_room(outline, block.statements[i - 1]) and all(
            _may_shift(outline, block, s) for s in moved):
          yield _shift(outline, moved, 1)
    for statement in block.statements:
      yield from _bared(outline, block, statement)
  yield from nesting.out_of_branch(outline)


def _shift(outline, moved, steps) -> parts.Span:
  start, end = moved[0].start, moved[-1].end
  if len(moved) == 1 and not hasattr(moved[0].node, "body"):
    end = start + 1  # Only the start of its line changes.
  return start, end, shifted(outline.texts[start:end], steps)


def _may_shift(outline, block, statement) -> bool:
  """Whether a statement may be in another block: a simple one, or an `if`."""
  return statements.is_movable(outline, block, statement) or (
      statement.whole and isinstance(statement.node, ast.If)
      and not statements.may_jump(statement.node))


def _may_leave_block(outline, block, last) -> bool:
  """Whether the last statements of a block may follow what the block is of."""
  if len(block.statements) <= len(last) or isinstance(
      block.owner, (*statements.DEFINITIONS, ast.match_case)):
    return False
  if any(isinstance(s.node, (ast.Break, ast.Continue)) for s in last):
    return False
  end = last[-1].end
  is_clause_next = outline.texts[end + 1:end + 2] and (
      outline.texts[end + 1] in _CLAUSES)
  return not is_clause_next and all(
      _may_shift(outline, block, s) for s in last)


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
    yield statement.start, statement.end, shifted(body, -1)
  elif len(node.body) == 1:
    yield statement.start, statement.end, (
        outline.texts[statement.start], *body)


def shifted(texts: Iterable[str], steps: int) -> parts.Tokens:
  """Returns tokens with each line some steps further in."""
  return tuple(
      tokens_lib.newline(tokens_lib.newline_depth(t) + steps)
      if tokens_lib.is_newline(t) else t
      for t in texts
  )
