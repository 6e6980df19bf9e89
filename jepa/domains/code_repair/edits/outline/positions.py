"""Positions: the places between statements where another can be put."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts


class Position(NamedTuple):
  """A place between statements.

  index: the token before which a line can be put.
  is_early: whether only imports and guards are before it in the block.
  is_last: whether the block ends here.
  """
  block: parts.Block
  index: int
  depth: int
  is_early: bool
  is_last: bool


def positions(outline: outlines.Outline) -> Iterator[Position]:
  """Yields the places where a line can be put."""
  for block in outline.blocks:
    first = block.statements[0]
    if not block.is_open or not all(s.whole for s in block.statements):
      continue
    skip = statements.is_docstring(outline, block, first)
    depth = outline.tokens[first.start].depth
    is_early = True
    for statement in block.statements[skip:]:
      yield Position(block, statement.start, depth, is_early, False)
      is_early = is_early and _is_preamble(statement.node)
    last = block.statements[-1]
    if not isinstance(last.node, statements.LEAVING):
      yield Position(block, last.end, depth, False, True)


def top(outline: outlines.Outline) -> Position | None:
  """Returns where a function's first line after its docstring can be put."""
  return next(
      (p for p in positions(outline)
       if p.block.owner is outline.function.tree), None)


def _is_preamble(node: ast.stmt) -> bool:
  """Whether a statement is an import, or an `if` that leaves."""
  return isinstance(node, (ast.Import, ast.ImportFrom)) or (
      isinstance(node, ast.If)
      and isinstance(node.body[-1], statements.LEAVING))
