"""Operators: comparisons, arithmetic, signs, and operands dropped or swapped.
"""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair.edits.kinds import grouping
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence

_ORDER = ("<", "<=", ">", ">=", "==", "!=")
_COMPARISONS = {
    **{(o,): tuple((p,) for p in _ORDER if p != o) for o in _ORDER},
    ("in",): (("not", "in"), ("==",)),
    ("not", "in"): (("in",), ("!=",)),
    ("is",): (("is", "not"), ("==",)),
    ("is", "not"): (("is",), ("!=",)),
}

_ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**")
_BITWISE = ("&", "|", "^", "<<", ">>")
_ALTERNATIVES = {
    **{o: tuple(p for p in _ARITHMETIC if p != o) for o in _ARITHMETIC},
    **{o: tuple(p for p in _BITWISE if p != o) for o in _BITWISE},
    "^": ("&", "|", "<<", ">>", "**"),
    "&": ("|", "^", "<<", ">>", "and"),
    "|": ("&", "^", "<<", ">>", "+", "or"),
    "@": ("*",),
}

# Swapping what these join changes nothing, or not in a way that a test sees.
_COMMUTATIVE = (ast.Mult, ast.BitAnd, ast.BitXor)

# Where a number may be off: not the function called, not the object indexed.
_VALUE_FIELDS = frozenset((
    "args", "slice", "lower", "upper", "comparators", "left", "right", "value",
    "elts", "iter", "step", "elt", "values", "body", "orelse",
))
_NUMERIC = (ast.Name, ast.Call, ast.Subscript, ast.BinOp, ast.Attribute)
_MAX_ELEMENTS = 4


def cmp_op(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another comparison operator."""
  for site in outline.of_type(ast.Compare):
    operands = [site.node.left, *site.node.comparators]
    for left, right in zip(operands, operands[1:]):
      start = outline.site(left).outer_end
      end = outline.site(right).outer_start
      for operator in _COMPARISONS[tuple(outline.texts[start:end])]:
        yield start, end, operator


def cmp_boundary(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another operator and a constant one off, as far as that says more.

  Over the integers `x > 1` is `x >= 2`; such pairs are left to simpler kinds.
  """
  for site in outline.of_type(ast.Compare):
    node = site.node
    constant = outline.site(node.comparators[0])
    if len(node.ops) > 1 or not is_int(constant.node):
      continue
    start = outline.site(node.left).outer_end
    old = outline.texts[start:constant.outer_start]
    if len(old) > 1 or old[0] not in _ORDER:
      continue
    value = constant.node.value
    known = {_boundary(o, value) for o in _ORDER}
    known |= {_boundary(old[0], value + d) for d in (-1, 1)}
    for operator in _ORDER:
      for delta in (-1, 1):
        if _boundary(operator, value + delta) not in known:
          yield start, constant.outer_end, (
              operator, *int_tokens(value + delta))


def _boundary(operator: str, value: int) -> tuple[str, int]:
  """Returns one name for comparisons that agree on every integer."""
  match operator:
    case ">":
      return ">=", value + 1
    case "<=":
      return "<", value + 1
    case _:
      return operator, value


def bin_op(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another arithmetic or bitwise operator."""
  for site in outline.of_type(ast.BinOp):
    node = site.node
    if _joins_text(node):
      continue
    left, right = outline.site(node.left), outline.site(node.right)
    old = precedence.SYMBOLS[type(node.op)]
    for symbol in _ALTERNATIVES[old]:
      yield from _exchange(outline, site, left, symbol, right)
  for block in outline.blocks:
    for statement in block.statements:
      node = statement.node
      if isinstance(node, ast.AugAssign):
        target = outline.site(node.target)
        for symbol in _ALTERNATIVES[precedence.SYMBOLS[type(node.op)]]:
          if symbol not in ("and", "or"):
            yield target.outer_end, target.outer_end + 1, (symbol + "=",)


def _exchange(outline, site, left, symbol, right) -> Iterator[parts.Span]:
  """Puts another operator between two operands, keeping what each is."""
  left_need, right_need = precedence.operand_needs(symbol)
  binds_as_before = (
      precedence.OPERATORS[symbol] >= site.need
      and _stands(outline, left, left_need)
      and _stands(outline, right, right_need)
  )
  if binds_as_before:
    yield left.outer_end, right.outer_start, (symbol,)
  else:
    yield site.start, site.end, outline.binary(
        left, symbol, right, site.need)


def _stands(outline, site, need) -> bool:
  return site.outer_start < site.start or outline.precedence(site) >= need


def _joins_text(node: ast.BinOp) -> bool:
  """Whether an operator formats or concatenates text or a display."""
  operands = node.left, node.right
  return any(
      isinstance(n, (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp))
      or isinstance(n, ast.Constant) and isinstance(n.value, (str, bytes))
      for n in operands
  )


def swap_operands(outline: outlines.Outline) -> Iterator[parts.Span]:
  """The operands of an operator the other way round, or grouped otherwise."""
  for site in outline.of_type(ast.BinOp):
    node = site.node
    if not isinstance(node.op, _COMMUTATIVE):
      yield site.start, site.end, outline.binary(
          outline.site(node.right), precedence.SYMBOLS[type(node.op)],
          outline.site(node.left), site.need,
      )
  for site in outline.of_type(ast.Compare):
    node = site.node
    if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
      left, right = outline.site(node.left), outline.site(node.comparators[0])
      operator = outline.texts[left.outer_end:right.outer_start]
      yield site.start, site.end, (
          *outline.fit(right, precedence.BIT_OR), *operator,
          *outline.fit(left, precedence.BIT_OR),
      )
  yield from grouping.regrouped(outline)


def drop_operand(outline: outlines.Outline) -> Iterator[parts.Span]:
  """One operand of two, without brackets that it does not need.

  Or one element of a display.
  """
  for site in outline.of_type(ast.BinOp):
    for operand in (site.node.left, site.node.right):
      kept = outline.site(operand)
      if isinstance(kept.node, (ast.Name, ast.Attribute, ast.Call)):
        yield site.outer_start, site.outer_end, outline.text(kept)
      else:
        yield site.start, site.end, outline.fit(kept, site.need)
  for site in outline.of_type(ast.List, ast.Set):
    elements = [outline.site(e) for e in site.node.elts]
    if None in elements or not parts.is_load(site) or (
        len(elements) < 2 and isinstance(site.node, ast.Set)):
      continue
    spans = [(e.outer_start, e.outer_end) for e in elements]
    for k in range(min(len(spans), _MAX_ELEMENTS)):
      yield parts.dropped(outline.texts, spans, k)


def sign(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A minus that comes or goes."""
  for site in outline.of_type(ast.UnaryOp):
    if isinstance(site.node.op, (ast.USub, ast.Invert)):
      operand = outline.site(site.node.operand)
      if not isinstance(operand.node, ast.Constant):
        yield site.start, site.end, outline.fit(operand, site.need)
  for site in number_sites(outline):
    if not isinstance(site.node, ast.BinOp):
      yield site.start, site.end, parts.parenthesised(
          ("-", *outline.fit(site, precedence.FACTOR)), precedence.FACTOR,
          site.need,
      )


def off_by_one(outline: outlines.Outline) -> Iterator[parts.Span]:
  """One more or one less than an expression."""
  for site in number_sites(outline):
    if isinstance(site.node, ast.BinOp) and is_int(site.node.right):
      continue  # Another constant, operator or no operand at all.
    for symbol in ("-", "+"):
      yield extension(outline, site, symbol, ("1",))


def extension(
    outline: outlines.Outline, site: parts.Site, symbol: str,
    term: parts.Tokens,
) -> parts.Span:
  """Returns the edit that makes `site` into `site symbol term`."""
  need, _ = precedence.operand_needs(symbol)
  own = precedence.OPERATORS[symbol]
  if own >= site.need and outline.precedence(site) >= need:
    return site.end, site.end, (symbol, *term)
  return site.start, site.end, parts.parenthesised(
      (*outline.fit(site, need), symbol, *term), own, site.need)


def number_sites(outline: outlines.Outline) -> Iterator[parts.Site]:
  """Yields the sites that may hold a number which is off."""
  for site in outline.of_type(*_NUMERIC):
    if site.field not in _VALUE_FIELDS or not (
        parts.is_load(site) and outline.holds_value(site)):
      continue
    if site.field == "value" and isinstance(
        site.parent, (ast.Attribute, ast.Subscript, ast.Expr, ast.Await,
                      ast.Starred, ast.YieldFrom)):
      continue
    if isinstance(site.node, ast.BinOp) and _joins_text(site.node):
      continue
    if isinstance(site.parent, ast.BinOp) and _joins_text(site.parent):
      continue
    yield site


def is_int(node: ast.AST) -> bool:
  return isinstance(node, ast.Constant) and type(node.value) is int


def int_tokens(value: int) -> parts.Tokens:
  return ("-", str(-value)) if value < 0 else (str(value),)
