"""Nesting: what is done after a loop that is now done inside it, and back.

The commonest slip of a beginner's loop: it answers in its first turn, by an
`else` that should have been what follows the loop.
"""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_SIMPLE = (ast.Return, ast.Raise, ast.Expr, ast.Assign, ast.AugAssign)


def out_of_else(outline: outlines.Outline) -> Iterator[parts.Span]:
  """The `else` or `elif` that a loop ends with becomes what follows it."""
  for block in _loops(outline):
    last = block.statements[-1]
    node = _last_branch(last.node)
    if node is None:
      continue
    branch = node.orelse or node.body
    if len(branch) != 1 or not isinstance(branch[0], _SIMPLE):
      continue
    start = outline.spans.begin(branch[0])
    header = outline.spans.line(start - 2)
    if outline.texts[header + 1] in ("else", "elif"):
      yield header, last.end, (
          _after(outline, last), *outline.texts[start:last.end])


def out_of_branch(outline: outlines.Outline) -> Iterator[parts.Span]:
  """The last statement of a branch that a loop ends with follows the loop."""
  ends = {b.statements[-1].end: b.statements[-1] for b in _loops(outline)}
  for block in outline.blocks:
    statement = block.statements[-1]
    around = ends.get(statement.end)
    if around is None or len(block.statements) < 2 or not (
        statement.whole and isinstance(statement.node, _SIMPLE)
        and isinstance(block.owner, ast.If)):
      continue
    if outline.tokens[statement.start].depth == (
        outline.tokens[around.start].depth + 1):
      yield statement.start, statement.start + 1, (_after(outline, around),)


def into_else(outline: outlines.Outline) -> Iterator[parts.Span]:
  """What follows a loop becomes the `else` of the `if` that it ends with."""
  ends = {b.statements[-1].end: b.statements[-1] for b in _loops(outline)}
  for block in outline.blocks:
    for statement in block.statements[1:]:
      last = ends.get(statement.start)
      node = last and _last_branch(last.node)
      if node is None or node.orelse or not (
          statement.whole and isinstance(statement.node, _SIMPLE)):
        continue
      depth = outline.tokens[last.start].depth
      if outline.tokens[statement.start].depth == depth - 1:
        yield statement.start, statement.end, (
            tokens_lib.newline(depth), "else", ":",
            tokens_lib.newline(depth + 1),
            *outline.texts[statement.start + 1:statement.end])


def _loops(outline: outlines.Outline) -> Iterator[parts.Block]:
  """Yields the bodies of loops that end with a whole statement."""
  for block in outline.blocks:
    if block.field == "body" and block.is_open and (
        isinstance(block.owner, _LOOPS) and not block.owner.orelse
        and block.statements[-1].whole):
      yield block


def _last_branch(node: ast.stmt) -> ast.If | None:
  """Returns the last `elif` of an `if`, or it itself."""
  if not isinstance(node, ast.If):
    return None
  while len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If) and (
      node.orelse[0].col_offset == node.col_offset):
    node, = node.orelse
  return node


def _after(outline, statement: parts.Statement) -> str:
  """Returns the start of a line that follows a loop's last statement."""
  return tokens_lib.newline(outline.tokens[statement.start].depth - 1)
