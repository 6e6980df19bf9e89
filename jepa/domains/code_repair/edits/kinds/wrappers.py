"""Wrappers: calls put round an expression, and taken off it."""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair.edits.kinds import operators
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence
from jepa.domains.code_repair.edits.outline import usage

_MAX_ATOMS = 2
_MAX_SIZES = 1
_MAX_CONSTANTS = 1  # That a value is kept above or below.
_MAX_LENGTH = 6  # Characters of such a constant.

# What usually goes round an expression, by what its value is used for.
_WRAPPERS_OF_ITERABLES = (
    "sorted", "reversed", "list", "set", "enumerate", "range", "tuple")
_WRAPPERS = ("len", "int", "str", "list", "set", "sorted", "abs", "tuple",
             "float", "sum")
_WRAPPERS_OF_SIZED = (*_WRAPPERS, "max", "min", "reversed")
_WRAPPERS_OF_RESULTS = (*_WRAPPERS, "round", "bool")
_WRAPPERS_OF_NUMBERS = ("int", "abs", "str", "float", "round")
_WRAPPERS_OF_OPERANDS = ("len", "int", "str", "abs", "sum")
_CHOICES = ("max", "min")  # Called with another operand.
_SUFFIXES_OF_ITERABLES = ("items", "keys", "values", "copy", "split")
_SUFFIXES = ("copy", "strip", "lower")
_SUFFIXES_OF_ITERATED = (*_SUFFIXES, "items", "values", "split")
_SUFFIXES_OF_ARGUMENTS = (*_SUFFIXES, "upper")
_SUFFIXES_OF_RESULTS = (*_SUFFIXES, "upper", "split")
# What is looked up in a dictionary that lacks it; and indices of no dictionary.
_DEFAULTS = ((), (",", "0"), (",", "None"), (",", "[", "]"), (",", "''"))
_NEVER_KEYS = (ast.Slice, ast.UnaryOp, ast.BinOp, ast.Starred)
_CALLED_FIELDS = frozenset((
    "args", "iter", "comparators", "left", "right", "elts", "elt", "value",
    "test", "values", "operand", "ifs", "body", "orelse"))
NAMES = frozenset((
    *_WRAPPERS_OF_ITERABLES, *_WRAPPERS_OF_RESULTS, *_CHOICES))

# What gives a number, which has no length and none of these methods; and what
# goes through its argument.
_COUNTING = frozenset(("len", "int", "abs", "float", "round", "sum", "ord"))
_ITERATING = frozenset((
    "sorted", "reversed", "list", "set", "enumerate", "tuple", "len", "max",
    "min", "sum", "any", "all", "dict", "zip", "join"))
_HOLDERS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.keyword,
            ast.Yield)


def unwrap_call(outline: outlines.Outline) -> Iterator[parts.Span]:
  """An argument, the receiver or the function instead of the call."""
  for site in outline.of_type(ast.Call):
    if isinstance(site.parent, ast.Expr):
      continue
    node = site.node
    wrapped = [a for a in node.args if not isinstance(a, ast.Starred)]
    if isinstance(node.func, ast.Attribute):
      wrapped.append(node.func.value)
    for part in wrapped:
      yield site.start, site.end, outline.fit(outline.site(part), site.need)
    if not node.args and not node.keywords:
      yield site.start, site.end, outline.text(outline.site(node.func))
    if is_lookup(node):
      yield site.start, site.end, (
          *outline.text(outline.site(node.func.value)), "[",
          *outline.fit(outline.site(node.args[0]), precedence.TEST), "]")


def wrap_call(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A call of a common function or method on an expression."""
  uses = usage.uses(outline)
  for site in value_sites(outline):
    text = outline.text(site)
    for name in _wrappers(site, uses.get(text)):
      if text[0] != name:
        yield site.start, site.end, (name, "(", *text, ")")
    for name in _suffixes(site, uses.get(text)):
      value = outline.fit(site, precedence.ATOM)
      if text[-3:-2] != (name,):
        yield site.start, site.end, (*value, ".", name, "(", ")")
  constants = [(t,) for t in usage.literals(outline, _MAX_LENGTH)
               if t[0].isdigit() and t not in ("0", "1")][:_MAX_CONSTANTS]
  for site in operators.number_sites(outline):
    text = outline.text(site)
    if isinstance(site.parent, ast.BinOp):
      if not isinstance(site.node, ast.BinOp):
        for name in _WRAPPERS_OF_OPERANDS:
          if text[0] != name:
            yield site.start, site.end, (name, "(", *text, ")")
      limits = _limits_of_operand(site)
    elif site.field in ("left", "iter"):
      continue
    else:
      limits = _limits(outline, site, uses, constants)
    for name, other in limits:
      if text[0] != name:
        yield site.start, site.end, (name, "(", *other, ",", *text, ")")
  yield from _called(outline, uses)
  yield from _looked_up(outline, uses)


def _called(outline, uses) -> Iterator[parts.Span]:
  """`a.b()` for `a.b`, and `f()` for a function `f`."""
  for site in outline.of_type(ast.Attribute, ast.Name):
    is_function = isinstance(site.node, ast.Attribute) or (
        not outline.holds_value(site))
    is_value = site.field in _CALLED_FIELDS and not isinstance(
        site.parent, (ast.Attribute, ast.Subscript, ast.Expr))
    if parts.is_load(site) and is_function and is_value and (
        outline.text(site) not in uses):
      yield site.end, site.end, ("(", ")")


def _looked_up(outline, uses) -> Iterator[parts.Span]:
  """`a.get(b)` and `a.get(b, 0)` for `a[b]`."""
  for site in outline.of_type(ast.Subscript):
    index = outline.site(site.node.slice)
    if not parts.is_load(site) or not _is_key(index.node) or (
        uses.get(outline.text(index)) == usage.NUMBER):
      continue
    value = outline.site(site.node.value)
    for default in _DEFAULTS:
      yield site.start, site.end, (
          *outline.text(value), ".", "get", "(",
          *outline.fit(index, precedence.TEST), *default, ")")


def _is_key(index: ast.expr) -> bool:
  """Whether a dictionary may be indexed so."""
  elements = index.elts if isinstance(index, ast.Tuple) else [index]
  return not operators.is_int(index) and not any(
      isinstance(e, _NEVER_KEYS) for e in elements)


def is_lookup(node: ast.Call) -> bool:
  """Whether a call is `a.get(b)`, perhaps with a default."""
  return isinstance(node.func, ast.Attribute) and node.func.attr == "get" and (
      len(node.args) in (1, 2) and not node.keywords
      and not any(isinstance(a, ast.Starred) for a in node.args))


def _limits(outline, site, uses, constants) -> Iterator[
    tuple[str, parts.Tokens]]:
  """Yields what a value is kept above, with `max`, or below, with `min`."""
  text = outline.text(site)
  atoms = [a for a in outline.atoms(site.scope, site.line) if a != text]
  for name in _CHOICES:
    for other in [*atoms[:_MAX_ATOMS], ("0",)]:
      yield name, other
  is_passed_on = isinstance(site.parent, _HOLDERS) or site.field in (
      "args", "slice", "lower", "upper")
  if not is_passed_on or uses.get(text) == usage.SIZED:
    return
  yield "max", ("1",)
  for constant in constants if site.field != "slice" else ():
    for name in _CHOICES:
      yield name, constant
  sized = [a for a in atoms if uses.get(a) == usage.SIZED]
  for atom in sized[:_MAX_SIZES]:
    last = ("-", "1") if site.field == "slice" else ()
    yield "min", ("len", "(", *atom, ")", *last)


def _limits_of_operand(site) -> Iterator[tuple[str, parts.Tokens]]:
  """Yields the same of a divisor, and of a term."""
  match site.parent.op:
    case ast.Div() | ast.FloorDiv() | ast.Mod() if site.field == "right":
      yield "max", ("1",)
    case ast.Add() | ast.Sub():
      yield "max", ("0",)


def value_sites(outline: outlines.Outline) -> Iterator[parts.Site]:
  """Yields the expressions of which the value is passed on."""
  for site in outline.of_type(
      ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.BinOp,
      ast.ListComp):
    if not parts.is_load(site) or not outline.holds_value(site):
      continue
    is_passed_on = site.field in (
        "args", "iter", "comparators", "left", "elts", "elt", "slice"
    ) or site.field == "value" and isinstance(
        site.parent, (ast.Assign, ast.AugAssign, ast.Return, ast.keyword,
                      ast.Yield, ast.AnnAssign))
    if is_passed_on and not (
        site.field == "left" and isinstance(site.parent, ast.BinOp)):
      yield site


def is_count(node: ast.expr) -> bool:
  """Whether an expression is a number for certain."""
  return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (
      node.func.id in _COUNTING)


def _wrappers(site, use) -> tuple[str, ...]:
  if site.field == "iter":
    return _WRAPPERS_OF_ITERABLES
  if isinstance(site.node, ast.BinOp) or site.field == "slice" or (
      is_count(site.node)):
    return _WRAPPERS_OF_NUMBERS
  if use == usage.SIZED or isinstance(site.node, ast.ListComp):
    return _WRAPPERS_OF_SIZED
  return _WRAPPERS_OF_RESULTS if isinstance(site.parent, _HOLDERS) else (
      _WRAPPERS)


def _suffixes(site, use) -> tuple[str, ...]:
  if isinstance(site.node, (ast.BinOp, ast.ListComp)) or is_count(site.node):
    return ()
  if site.field == "iter":
    return _SUFFIXES_OF_ITERABLES
  if site.field == "args" and isinstance(site.parent, ast.Call) and (
      parts.function_name(site.parent) in _ITERATING):
    return _SUFFIXES_OF_ITERATED
  if use == usage.NUMBER:
    return _SUFFIXES
  return _SUFFIXES_OF_RESULTS if isinstance(site.parent, _HOLDERS) else (
      _SUFFIXES_OF_ARGUMENTS)
