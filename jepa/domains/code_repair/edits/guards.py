"""Guards: an `if` that leaves early, before the rest goes wrong."""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import outlines
from jepa.domains.code_repair.edits import parts
from jepa.domains.code_repair.edits import positions

# Variables and ways to leave that are tried: where guards usually are, at the
# start of a function, and elsewhere.
_MAX_ATOMS = (3, 2)
_MAX_LEAVES = (5, 3)
_MAX_OWN_LEAVES = 3
_MAX_TOKENS = 6  # Of what is returned or raised.


def guard(outline: outlines.Outline) -> Iterator[parts.Span]:
  """An `if` that leaves early."""
  own_leaves = _own_leaves(outline)
  for position in positions.positions(outline):
    block, index, depth, is_early, is_last = position
    is_top = block.owner is block.function
    if is_last or not (is_top or is_early and block.in_loop):
      continue
    elsewhere = not (is_top and is_early)
    atoms = outline.atoms(block.scope, index, block.loop_end)
    for atom in atoms[:_MAX_ATOMS[elsewhere]]:
      leaves = _leaves(outline, block, atom, own_leaves)
      for condition in _conditions(atom, elsewhere):
        for leave in leaves[:_MAX_LEAVES[elsewhere]]:
          yield index, index, (
              tokens_lib.newline(depth), "if", *condition, ":",
              tokens_lib.newline(depth + 1), *leave)


def _conditions(atom, elsewhere) -> list[parts.Tokens]:
  result = [("not", *atom), (*atom, "is", "None")]
  if not elsewhere:
    result += [(*atom, "==", "0"), (*atom, "<", "0")]
  return result


def _leaves(outline, block, atom, own_leaves) -> list[parts.Tokens]:
  """Returns the statements that may leave a block, the likely ones first."""
  if block.in_loop:
    return [("continue",), ("break",)]
  if not outline.may_return_value(block.function):
    return [("return",)]
  usual = [("return", "None"), ("return", *atom), ("return", "0"),
           ("return", "[", "]"), ("return", "False")]
  return list(dict.fromkeys([*own_leaves, *usual]))


def _own_leaves(outline) -> list[parts.Tokens]:
  """Returns constants that the function returns and exceptions it raises."""
  found = {}
  for site in outline.of_type(
      ast.Constant, ast.List, ast.Dict, ast.UnaryOp, ast.Call):
    word = {ast.Return: "return", ast.Raise: "raise"}.get(type(site.parent))
    is_call = isinstance(site.node, ast.Call)
    if word and is_call == (word == "raise") and (
        site.end - site.start <= _MAX_TOKENS
        and site.line not in outline.irregular_lines):
      found[word, *outline.text(site)] = None
  return list(found)[:_MAX_OWN_LEAVES]
