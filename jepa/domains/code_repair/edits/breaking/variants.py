"""Equal spellings of a function, to be broken where it itself cannot be.

What is missing in a real bug is often small: a `- 1`, a clause, an early
return. Finished code has few that can be taken away, but much that may as well
be spelled with them: `x <= n` as `x < n + 1`. Whether a spelling is equal is
for the tests to say.
"""

import ast
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import keys
from jepa.domains.code_repair.edits import records
from jepa.domains.code_repair.edits import render
from jepa.domains.code_repair.edits.breaking import borrowing
from jepa.domains.code_repair.edits.breaking import idioms
from jepa.domains.code_repair.edits.breaking import renaming
from jepa.domains.code_repair.edits.kinds import indentation
from jepa.domains.code_repair.edits.kinds import operators
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence

# a < b is a <= b - 1, over the integers.
_BOUNDARIES = {"<": ("<=", "-"), "<=": ("<", "+"), ">": (">=", "+"),
               ">=": (">", "-")}
_GUARD_TOKENS = 3  # Of the condition of a guard, at the most.
_MAX_LISTED = 3  # Comparisons that `in` is spelled out as.


def shifted(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`a < b` as `a <= b - 1`."""
  for site in outline.of_type(ast.Compare):
    node = site.node
    right = outline.site(node.comparators[0])
    start = outline.site(node.left).outer_end
    symbol = outline.texts[start]
    if len(node.ops) > 1 or symbol not in _BOUNDARIES or isinstance(
        right.node, (ast.Constant, ast.UnaryOp)):
      continue
    operator, sign = _BOUNDARIES[symbol]
    if isinstance(right.node, ast.BinOp) and operators.is_int(
        right.node.right):
      continue
    term = outline.fit(right, precedence.operand_needs(sign)[0])
    yield start, right.outer_end, (operator, *term, sign, "1")


def spelled_out(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`x += y` as `x = x + y`."""
  for block in outline.blocks:
    for statement in block.statements:
      node = statement.node
      if isinstance(node, ast.AugAssign):
        target = outline.site(node.target)
        value = outline.site(node.value)
        symbol = precedence.SYMBOLS[type(node.op)]
        need = precedence.operand_needs(symbol)[1]
        yield target.outer_end, value.outer_end, (
            "=", *outline.text(target), symbol, *outline.fit(value, need))


def joined(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`if a:` with nothing but `if b:` inside as `if a and b:`."""
  for block in outline.blocks:
    outer = block.owner
    if not (isinstance(outer, ast.If) and block.field == "body"
            and len(block.statements) == 1 and not outer.orelse):
      continue
    inner, = block.statements
    if not isinstance(inner.node, ast.If) or inner.node.orelse or (
        not inner.whole):
      continue
    first, second = outline.site(outer.test), outline.site(inner.node.test)
    need, _ = precedence.operand_needs("and")
    head = outline.texts[first.line:first.outer_start]  # Perhaps an `elif`.
    body = outline.texts[second.outer_end:inner.end]
    yield first.line, inner.end, (
        *head, *outline.fit(first, need), "and", *outline.fit(second, need),
        *indentation.shifted(body, -1))


def listed(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`x in (a, b)` as `x == a or x == b`."""
  for site in outline.of_type(ast.Compare):
    node = site.node
    is_in = len(node.ops) == 1 and isinstance(node.ops[0], ast.In)
    items = getattr(node.comparators[0], "elts", ())
    if not is_in or not 2 <= len(items) <= _MAX_LISTED:
      continue
    left = outline.site(node.left)
    if not isinstance(left.node, (ast.Name, ast.Attribute)):
      continue
    pairs = [(*outline.text(left), "==",
              *outline.fit(outline.site(item), precedence.BIT_OR))
             for item in items]
    tokens = pairs[0]
    for pair in pairs[1:]:
      tokens = (*tokens, "or", *pair)
    yield site.start, site.end, parts.parenthesised(
        tokens, precedence.OR, site.need)


def guarded(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A block that ends in `if a: ...` as one that leaves early unless a."""
  for block in outline.blocks:
    is_body = block.owner is block.function
    is_loop = isinstance(block.owner, (ast.For, ast.While))
    if not block.is_open or block.field != "body" or not (is_body or is_loop):
      continue
    last = block.statements[-1]
    if not isinstance(last.node, ast.If) or last.node.orelse or (
        not last.whole):
      continue
    test = outline.site(last.node.test)
    condition = _opposite(outline.text(test))
    leave = ("continue",) if is_loop else ("return", "None")
    if is_body and outline.is_generator(block.function):
      leave = ("return",)
    if condition:
      depth = outline.tokens[last.start].depth
      body = outline.texts[test.outer_end + 1:last.end]  # After its colon.
      if tokens_lib.is_newline(body[0]):
        yield last.start, last.end, (
            tokens_lib.newline(depth), "if", *condition, ":",
            tokens_lib.newline(depth + 1), *leave,
            *indentation.shifted(body, -1))


def branched(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`return a if x else b` as an `if` that returns a, then b."""
  for block in outline.blocks:
    last = block.statements[-1]
    value = getattr(last.node, "value", None)
    if not (isinstance(last.node, ast.Return) and last.whole and block.is_open
            and isinstance(value, ast.IfExp)):
      continue
    depth = outline.tokens[last.start].depth
    test, body, rest = (
        outline.text(outline.site(node))
        for node in (value.test, value.body, value.orelse))
    yield last.start, last.end, (
        tokens_lib.newline(depth), "if", *test, ":",
        tokens_lib.newline(depth + 1), "return", *body,
        tokens_lib.newline(depth), "return", *rest)


def turned(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`max(a, b)` as `max(b, a)`."""
  for site in outline.of_type(ast.Call):
    node = site.node
    if parts.function_name(node) in ("max", "min") and (
        len(node.args) == 2 and not node.keywords):
      left, right = map(outline.site, node.args)
      yield left.outer_start, right.outer_end, (
          *outline.fit(right, precedence.TEST), ",",
          *outline.fit(left, precedence.TEST))


def _opposite(text: parts.Tokens) -> parts.Tokens:
  """Returns the opposite of a short condition as guards have it, else ()."""
  if len(text) > _GUARD_TOKENS + 2:
    return ()
  if text[-3:] == ("is", "not", "None"):
    return *text[:-2], "None"
  if text[-2:] == (">", "0"):
    return *text[:-2], "==", "0"
  if text[0] != "not" and all(t.isidentifier() or t == "." for t in text):
    return "not", *text
  return ()


# Of a function under other names: what most functions have no room for.
_SELDOM = (
    "add_clause", "arith_extend", "attr_replace", "bool_op", "branch",
    "cmp_boundary", "cond_replace", "default", "exception", "guard", "indent",
    "insert_stmt", "jump", "off_by_one", "parameter", "swap_elts",
    "swap_operands", "swap_stmts", "target_replace", "try_except",
    "wrap_call",
)


class Variant(NamedTuple):
  """Another spelling of a function.

  kinds: of the fixes that it makes room for.
  chance: that it is wanted.
  """
  function: source_lib.Function
  kinds: tuple[str, ...]
  chance: float


# What spells, the kinds that it makes room for, the chance that it is wanted.
_Spelling = tuple[
    Callable[[outlines.Outline], Iterator[parts.Span]], tuple[str, ...], float
]
_SPELLINGS: tuple[_Spelling, ...] = (
    (shifted, ("off_by_one",), 1.0),
    (spelled_out, ("arith_extend", "off_by_one"), 1.0),
    (joined, ("add_clause", "bool_op"), 1.0),
    (listed, ("add_clause", "bool_op"), 1.0),
    (guarded, ("guard",), 1.0),
    (branched, ("guard",), 1.0),
    (turned, ("wrap_call",), 0.5),
    (idioms.limited, ("wrap_call",), 1.0),
    (idioms.looked_up, ("wrap_call",), 1.0),
    (idioms.stood_in, ("add_clause",), 1.0),
    (borrowing.borrowed, ("import_name",), 0.2),
)
# Nobody would write all of a function so: only where little else is wanted.
_FAR_FETCHED: tuple[_Spelling, ...] = ((idioms.caught, ("try_except",), 1.0),)
_FEW_KINDS = 2
_RENAMED = 0.5


def spell(
    function: source_lib.Function, only: Collection[str] = ()
) -> Iterator[Variant]:
  """Yields other spellings of a function.

  Args:
    only: kinds of the fixes that are wanted; all if it is empty. Where they are
      few, spellings that are far-fetched and more names will do for them.
  """
  outline = outlines.Outline(function, records.Pools())
  unique = keys.Keys(outline)
  are_few = 0 < len(only) <= _FEW_KINDS
  more = [
      item for item in _FAR_FETCHED if are_few and set(item[1]) & set(only)
  ]
  for spelling, kinds, chance in (*_SPELLINGS, *more):
    for start, end, insert in spelling(outline):
      if unique.key(start, end, insert) is None:
        continue  # It is what is there, or does not compile.
      edit = records.Edit(
          kind="expr_copy", start=start, end=end, insert=insert)
      try:
        yield Variant(render.apply_edit(function, edit), kinds, chance)
      except source_lib.SourceError:
        continue
  lists = renaming.NAMES + (renaming.MORE_NAMES if are_few else ())
  for variant in renaming.renamed(outline, lists):
    yield Variant(variant, _SELDOM, _RENAMED)
