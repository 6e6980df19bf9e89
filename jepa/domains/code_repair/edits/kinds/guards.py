"""Guards: an `if` that leaves early, or around what must not always run."""

import ast
from collections.abc import Iterator
import itertools

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.kinds import clauses
from jepa.domains.code_repair.edits.kinds import conditionals
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import positions
from jepa.domains.code_repair.edits.outline import usage

# How many ways to leave the first condition is tried with, the second and so
# on: where guards usually are, at the start of a function, and elsewhere.
_LEAVES_OF_RANK = (
    (7,) * 4 + (5,) * 5 + (3,) * 4 + (2,) * 4 + (1,) * 8,
    (4, 3, 2, 2, 1, 1),
)
_MAX_ATOMS = (4, 2)
_MAX_OWN_LEAVES = 4
_MAX_TOKENS = 12  # Of what is returned or raised.

# What is asked of a variable, by how it is used: before it and after it.
_NOT = ("not",), ()
_IS_NONE = (), ("is", "None")
_QUESTIONS = {
    usage.NUMBER: (
        ((), ("==", "0")), ((), ("<", "0")), ((), ("==", "1")),
        ((), ("<", "2")), _IS_NONE, _NOT, ((), ("<=", "0")), ((), ("<", "1")),
        ((), ("==", "2")), ((), ("<=", "1")),
    ),
    usage.SIZED: (
        _NOT, _IS_NONE, (("len", "("), (")", "==", "0")),
        (("len", "("), (")", "==", "1")), ((), ("==", "[", "]")),
        ((), ("==", "''")), (("len", "("), (")", "<", "2")), ((), ()),
    ),
    None: (
        _NOT, _IS_NONE, ((), ("==", "0")), ((), ("<", "0")), ((), ()),
        ((), ("is", "not", "None")), ((), ("==", "''")),
    ),
}


def guard(outline: outlines.Outline) -> Iterator[parts.Span]:
  """An `if` that leaves early, or one around a statement."""
  own_leaves = _own_leaves(outline)
  known, uses = clauses.known(outline), usage.uses(outline)
  for position in positions.positions(outline):
    block, index, depth, is_early, is_last = position
    is_top = block.owner is block.function
    if is_last and not block.in_loop or not (is_top or block.in_loop):
      continue
    elsewhere = not (is_top and is_early)
    place = clauses.Place(block.scope, index, index, block.loop_end)
    conditions = _conditions(known, uses, place, elsewhere)
    leaves = _leaves(outline, block, known.atoms(place), own_leaves)
    for condition, count in zip(conditions, _LEAVES_OF_RANK[elsewhere]):
      for leave in leaves[:count]:
        yield index, index, (
            tokens_lib.newline(depth), "if", *condition, ":",
            tokens_lib.newline(depth + 1), *leave)
  yield from conditionals.conditional(outline)


def _conditions(known, uses, place, elsewhere) -> list[parts.Tokens]:
  """Returns conditions on which to leave, the likely ones first.

  Of each variable the likeliest, then of each the second, and so on; from the
  second on with those that are elsewhere in the function.
  """
  ranked = [
      [(*before, *atom, *after) for before, after in _QUESTIONS[uses.get(atom)]]
      for atom in known.atoms(place)[:_MAX_ATOMS[elsewhere]]
  ]
  others = (known.comparisons(place), known.analogies(place),
            known.copies(place), known.typed(place))
  ranked += [(c and c.tokens for c in itertools.chain((None,), found))
             for found in others]
  found = itertools.chain.from_iterable(itertools.zip_longest(*ranked))
  count = 2 * len(_LEAVES_OF_RANK[elsewhere])  # Some are there twice.
  return list(dict.fromkeys(itertools.islice(filter(None, found), count)))


def _leaves(outline, block, atoms, own_leaves) -> list[parts.Tokens]:
  """Returns the statements that may leave a block, the likely ones first."""
  in_loop = [("continue",), ("break",)] if block.in_loop else []
  if not outline.may_return_value(block.function):
    return [*in_loop, ("return",)]
  returned = [("return", *atom) for atom in atoms[:2]]
  usual = [("return", "None"), *returned[:1], ("return", "0"),
           ("return", "[", "]"), ("return", "False"), ("return", "True"),
           *returned[1:], ("return", "''"), ("return", "-", "1"),
           ("return", "1"), ("raise", "ValueError")]
  bare = [] if _returns_value(outline) else [("return",)]
  return list(dict.fromkeys([*in_loop, *bare, *own_leaves, *usual]))


def _returns_value(outline) -> bool:
  return any(isinstance(site.parent, ast.Return) for site in outline.sites)


def _own_leaves(outline) -> list[parts.Tokens]:
  """Returns short values that the function returns and exceptions it raises.

  And what goes with them: the other truth value.
  """
  found = {}
  for site in outline.of_type(
      ast.Constant, ast.List, ast.Dict, ast.UnaryOp, ast.Call, ast.Name):
    word = {ast.Return: "return", ast.Raise: "raise"}.get(type(site.parent))
    is_call = isinstance(site.node, ast.Call)
    if word and is_call == (word == "raise") and (
        site.end - site.start <= _MAX_TOKENS
        and site.line not in outline.irregular_lines):
      found[word, *outline.text(site)] = None
      match site.node:
        case ast.Constant(value=bool(value)):
          found[word, str(not value)] = None
  if any(isinstance(site.parent, ast.Return)
         for site in outline.of_type(ast.Compare, ast.BoolOp)):
    found.update({("return", "False"): None, ("return", "True"): None})
  return list(found)[:_MAX_OWN_LEAVES]
