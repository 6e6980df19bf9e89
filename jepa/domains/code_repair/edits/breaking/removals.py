"""Training bugs by removal: something is gone, and the tests say what helps.

A clause or a guard of finished code is seldom one that the grammar would put
back word for word. But as in real bugs, another one often serves as well.
"""

import ast
from collections.abc import Collection, Iterator
import random

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import grammar
from jepa.domains.code_repair.edits import keys as keys_lib
from jepa.domains.code_repair.edits import records
from jepa.domains.code_repair.edits.breaking import breaks
from jepa.domains.code_repair.edits.outline import outlines

# Of edits that remove something, the kind of the fix.
_FIX_KINDS = {
    "drop_clause": "add_clause",
    "drop_operand": "arith_extend",
}
_WEIGHTS = {
    "add_clause": 2.0, "guard": 2.0, "try_except": 2.0, "arith_extend": 1.0,
}
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def sample_removals(
    function: source_lib.Function,
    rng: random.Random,
    count: int,
    kinds: Collection[str] = (),
) -> list[breaks.Break]:
  """Returns at most `count` distinct bugs whose fix is for the tests to find.

  Their `fix` is None. It is likely to be of one of `kinds`, if these are given.
  """
  found = [b for b in _removals(function) if not kinds or b.kind in kinds]
  order = breaks.weighted_order(found, lambda b: _WEIGHTS[b.kind], rng)
  return order[:count]


def _removals(function: source_lib.Function) -> Iterator[breaks.Break]:
  outline = outlines.Outline(function, records.Pools())
  unique = keys_lib.Keys(outline)
  for edit in grammar.index_edits(outline, unique, tuple(_FIX_KINDS)).values():
    yield breaks.Break(edit=edit, kind=_FIX_KINDS[edit.kind], fix=None)
  for edit in grammar.index_edits(outline, unique, ("try_except",)).values():
    if len(edit.insert) < edit.end - edit.start:
      yield breaks.Break(edit=edit, kind="try_except", fix=None)
  guards = set(_guards(outline))
  for edit in grammar.index_edits(outline, unique, ("delete_stmt",)).values():
    if (edit.start, edit.end) in guards:
      yield breaks.Break(edit=edit, kind="guard", fix=None)
  for edit in grammar.index_edits(outline, unique, ("indent",)).values():
    # An `if` around one line is gone.
    if sum(map(tokens_lib.is_newline, edit.insert)) == 1 and (
        len(edit.insert) < edit.end - edit.start):
      yield breaks.Break(edit=edit, kind="guard", fix=None)


def _guards(outline: outlines.Outline) -> Iterator[tuple[int, int]]:
  """Yields the spans of statements `if ...:` that only leave."""
  for block in outline.blocks:
    for statement in block.statements:
      node = statement.node
      if isinstance(node, ast.If) and not node.orelse and (
          len(node.body) == 1 and isinstance(node.body[0], _LEAVING)):
        yield statement.start, statement.end
