"""What tells the right edit from others that pass the same tests.

Tests that pass leave many edits, of which the right one seldom throws away
what the function used: `return other` for `return self.x == other.x`.
"""

import ast
import difflib

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import source

_ORDERS = ("<", "<=", ">", ">=")
_COMPARISONS = (*_ORDERS, "==", "!=")


def distance(function: source.Function, edit: edits_lib.Edit) -> int:
  """Returns how many tokens an edit takes out and puts in, and adds.

  Two at least, as one token for another: a sign is no smaller a change. One
  name for another is smaller than a further term: fewer edits are like it. One
  less where little changes of what is computed, as with `<=` for `<`; one more
  where much does, as with `>` or with another number than the next.
  """
  before = [token.text for token in function.tokens[edit.start:edit.end]]
  matcher = difflib.SequenceMatcher(None, before, edit.insert, autojunk=False)
  kept = sum(block.size for block in matcher.get_matching_blocks())
  taken, put = len(before) - kept, len(edit.insert) - kept
  leap = 0
  if len(before) == len(edit.insert):
    leap = sum(map(_leap, before, edit.insert))
  return max(2, taken + put) + max(0, put - taken) + leap


def _leap(old: str, new: str) -> int:
  """How much more than other tokens this one changes what is computed."""
  if old == new:
    return 0
  if old in _ORDERS and new in _COMPARISONS:
    return -1 if old.strip("=") == new.strip("=") else 1
  if old.isdecimal() and new.isdecimal():
    return int(abs(int(old) - int(new)) > 1)
  return 0


def num_lost_inputs(function: source.Function, edit: edits_lib.Edit) -> int:
  """Returns how many parameters are no longer read after an edit."""
  after = edits_lib.apply_edit(function, edit)
  return len(_inputs(function) - _inputs(after))


def _inputs(function: source.Function) -> set[str]:
  """Returns the parameters that the body reads."""
  spec = function.tree.args
  found = {
      argument.arg
      for argument in (
          *spec.posonlyargs, *spec.args, *spec.kwonlyargs,
          *filter(None, (spec.vararg, spec.kwarg)),
      )
  }
  return found & {
      node.id
      for statement in function.tree.body
      for node in ast.walk(statement)
      if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
  }
