"""Swaps: statements that change places, with one another or with a header."""

import ast
from collections.abc import Iterator
import itertools

from jepa.domains.code_repair.edits.kinds import indentation
from jepa.domains.code_repair.edits.kinds import initial
from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

_MOVED = (ast.Assign, ast.AugAssign, ast.Expr)


def swap_stmts(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Two neighbours the other way round, or a statement and a loop's header."""
  for block in outline.blocks:
    if not block.is_open:
      continue
    for first, second in itertools.pairwise(block.statements):
      if statements.is_movable(outline, block, first) and (
          statements.is_movable(outline, block, second)
          and not isinstance(second.node, statements.LEAVING)):
        texts = outline.texts
        yield first.start, second.end, (
            *texts[second.start:second.end], *texts[first.start:first.end])
  yield from _over_headers(outline)


def _over_headers(outline) -> Iterator[parts.Span]:
  """Moves a statement before the loop that it is in, or into the next one."""
  bodies = {
      id(block.owner): block for block in outline.blocks
      if block.field == "body" and isinstance(block.owner, statements.LOOPS)}
  for block in outline.blocks if bodies else ():
    for before, loop in itertools.pairwise((None, *block.statements)):
      body = bodies.get(id(loop.node))
      if body and block.is_open and loop.whole and body.statements[0].whole:
        yield from _out_of(outline, loop, body)
        if before:
          yield from _into(outline, block, before, loop, body)


def _out_of(outline, loop, body) -> Iterator[parts.Span]:
  if len(body.statements) < 2:
    return
  target = getattr(loop.node, "target", None)
  names = _names(target) if target else set()
  for i, statement in enumerate(body.statements):
    if _may_move(outline, body, statement) and (
        i == 0 or initial.is_initial(getattr(statement.node, "value", None))):
      texts = outline.texts[statement.start:statement.end]
      if names.isdisjoint(texts):
        yield loop.start, statement.end, (
            *indentation.shifted(texts, -1),
            *outline.texts[loop.start:statement.start])


def _into(outline, block, before, loop, body) -> Iterator[parts.Span]:
  header = outline.texts[loop.start:body.statements[0].start]
  if _may_move(outline, block, before):
    targets = [n for n in ast.walk(before.node) if isinstance(n, ast.Name)
               and isinstance(n.ctx, ast.Store)]
    if not any(target.id in header for target in targets):
      texts = outline.texts[before.start:before.end]
      yield before.start, body.statements[0].start, (
          *header, *indentation.shifted(texts, 1))


def _may_move(outline, block, statement) -> bool:
  return isinstance(statement.node, _MOVED) and statements.is_movable(
      outline, block, statement)


def _names(node: ast.AST) -> set[str]:
  return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
