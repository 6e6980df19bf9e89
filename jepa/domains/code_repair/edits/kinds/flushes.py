"""Flushes: what a loop gathers, and has not passed on when it ends."""

import ast
from collections.abc import Iterator
import functools

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import positions

_MAX_STATEMENTS = 3  # Of a loop.
_MAX_NAMES = 2
_MAX_TOKENS = 14
_PUTTING = frozenset(("append", "add", "extend"))


def flushed(
    outline: outlines.Outline, position: positions.Position
) -> Iterator[parts.Tokens]:
  """Yields what a loop that ends here passes on, once more.

  By itself and under an `if` there is something left.
  """
  loop = next((
      s for s in position.block.statements
      if s.end == position.index and isinstance(s.node, statements.LOOPS)),
      None)
  if loop is None:
    return
  found = [
      (start, tokens, names) for start, tokens, names in _passing(outline)
      if loop.start <= start < loop.end]
  usable = outline.names(position.block.scope, position.index)
  inner = tokens_lib.newline(position.depth + 1)
  for _, tokens, names in found[-_MAX_STATEMENTS:]:
    if tokens[0] != "yield" or outline.is_generator(position.block.function):
      yield tokens
      for name in [n for n in names if n in usable][:_MAX_NAMES]:
        yield "if", name, ":", inner, *tokens
        yield "if", name, "is", "not", "None", ":", inner, *tokens


@functools.lru_cache(maxsize=1)
def _passing(
    outline: outlines.Outline
) -> list[tuple[int, parts.Tokens, list[str]]]:
  """Returns statements in loops that pass something on.

  Where they start, their tokens, and the variables that they pass on.
  """
  found = {}
  for block in outline.blocks:
    for statement in block.statements if block.loop_end else ():
      value = _passed(statement.node)
      start = statement.start + statement.whole
      if value is not None and statement.end - start <= _MAX_TOKENS and (
          outline.spans.line(start) not in outline.irregular_lines):
        names = [
            n.id for n in ast.walk(value)
            if isinstance(n, ast.Name) and n.id in block.scope.bound]
        found[tuple(outline.texts[start:statement.end])] = start, names
  return sorted(
      (start, tokens, list(dict.fromkeys(names)))
      for tokens, (start, names) in found.items())


def _passed(node: ast.stmt) -> ast.expr | None:
  """Returns what a statement yields, or adds to something else."""
  match node:
    case ast.Expr(value=ast.Yield(value=value)):
      return value
    case ast.Expr(value=ast.Call(
        func=ast.Attribute(attr=name), args=[value], keywords=[]
    )) if name in _PUTTING:
      return value
    case ast.AugAssign(op=ast.Add(), value=ast.Name() | ast.Call() as value):
      return value
    case _:
      return None
