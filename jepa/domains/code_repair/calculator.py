"""Computes expressions by hand: small pure ones, on values that are known.

Reads a syntax tree and never calls what a program defines. Whatever is not
listed here, or grows out of bounds, is unknown rather than wrong.
"""

import ast
from collections.abc import Callable, Mapping
import operator
from typing import Any

_MAX_STEPS = 400  # Nodes that one expression may take.
_MAX_SIZE = 2000  # Of a sequence.
_MAX_NUMBER = 1 << 64
_KNOWN = (
    bool, int, float, str, bytes, list, tuple, dict, range, slice, type(None)
)

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.Pow: pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_UNARY = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
_COMPARE = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b or _is_same_constant(a, b),
    ast.IsNot: lambda a, b: not (a is b or _is_same_constant(a, b)),
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_CALLS = {
    f.__name__: f
    for f in (
        abs, all, any, bool, chr, dict, divmod, enumerate, float, int, len,
        list, max, min, ord, range, repr, reversed, round, sorted, str, sum,
        tuple, zip,
    )
}
_LAZY = (enumerate, reversed, zip)  # Calls of these are made lists.
_METHODS = {
    str: frozenset((
        "capitalize", "count", "endswith", "find", "index", "isalnum",
        "isalpha", "isdigit", "islower", "isspace", "isupper", "join",
        "lower", "lstrip", "partition", "replace", "rfind", "rindex",
        "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith",
        "strip", "swapcase", "title", "upper",
    )),
    list: frozenset(("count", "index", "copy")),
    tuple: frozenset(("count", "index")),
    dict: frozenset(("get", "items", "keys", "values", "copy")),
    float: frozenset(("is_integer",)),
}


class UnknownError(Exception):
  """The value of an expression cannot be told."""


def evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
  """Returns the value of an expression.

  Args:
    node: the expression.
    names: what variables hold, "self.x" for attributes among them; values as
      `ast.literal_eval` gives them, sets excepted: their order is not fixed.

  Raises:
    UnknownError: it cannot be told.
    Exception: what evaluating the expression raises, such as TypeError.
  """
  return _Calculation(names).value(node)


class _Calculation:
  """One evaluation: what names hold, and how many steps are left."""

  def __init__(self, names: Mapping[str, Any]):
    self._names = names
    self._steps = _MAX_STEPS

  def value(self, node: ast.expr) -> Any:
    self._steps -= 1
    rule = _RULES.get(type(node))
    if rule is None or self._steps < 0:
      raise UnknownError
    found = rule(self, node)
    _check(found)
    return found

  def constant(self, node):
    return node.value

  def name(self, node):
    try:
      return self._names[node.id]
    except KeyError:
      raise UnknownError from None

  def attribute(self, node):
    if isinstance(node.value, ast.Name):
      name = f"{node.value.id}.{node.attr}"
      if name in self._names:
        return self._names[name]
    if self.value(node.value) is None:
      raise AttributeError
    raise UnknownError

  def unary(self, node):
    return _UNARY[type(node.op)](self.value(node.operand))

  def binary(self, node):
    function = _BINARY.get(type(node.op))
    if function is None:
      raise UnknownError
    left, right = self.value(node.left), self.value(node.right)
    _check_growth(function, left, right)
    return function(left, right)

  def compare(self, node):
    left = self.value(node.left)
    for op, comparator in zip(node.ops, node.comparators):
      right = self.value(comparator)
      found = _COMPARE[type(op)](left, right)
      if not found:
        return found
      left = right
    return found

  def bool_op(self, node):
    is_and = isinstance(node.op, ast.And)
    for part in node.values:
      found = self.value(part)
      if bool(found) is not is_and:
        break
    return found

  def if_exp(self, node):
    return self.value(node.body if self.value(node.test) else node.orelse)

  def elements(self, node):
    if any(isinstance(e, ast.Starred) for e in node.elts):
      raise UnknownError
    items = [self.value(e) for e in node.elts]
    return tuple(items) if isinstance(node, ast.Tuple) else items

  def dictionary(self, node):
    if None in node.keys:
      raise UnknownError
    keys = [self.value(k) for k in node.keys]
    return dict(zip(keys, map(self.value, node.values)))

  def subscript(self, node):
    return self.value(node.value)[self.value(node.slice)]

  def slice(self, node):
    parts = (node.lower, node.upper, node.step)
    return slice(*(None if p is None else self.value(p) for p in parts))

  def call(self, node):
    if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
      raise UnknownError
    function = self._function(node.func)
    args = [self.value(a) for a in node.args]
    found = function(*args)
    return list(found) if function in _LAZY else found

  def _function(self, node) -> Callable[..., Any]:
    if isinstance(node, ast.Name):
      if node.id in self._names or node.id not in _CALLS:
        raise UnknownError
      return _CALLS[node.id]
    if not isinstance(node, ast.Attribute):
      raise UnknownError
    owner = self.value(node.value)
    if node.attr not in _METHODS.get(type(owner), ()):
      if owner is None:
        raise AttributeError
      raise UnknownError
    if isinstance(owner, dict) and node.attr not in ("get", "copy"):
      return lambda: list(getattr(owner, node.attr)())
    return getattr(owner, node.attr)


_RULES = {
    ast.Constant: _Calculation.constant,
    ast.Name: _Calculation.name,
    ast.Attribute: _Calculation.attribute,
    ast.UnaryOp: _Calculation.unary,
    ast.BinOp: _Calculation.binary,
    ast.Compare: _Calculation.compare,
    ast.BoolOp: _Calculation.bool_op,
    ast.IfExp: _Calculation.if_exp,
    ast.List: _Calculation.elements,
    ast.Tuple: _Calculation.elements,
    ast.Dict: _Calculation.dictionary,
    ast.Subscript: _Calculation.subscript,
    ast.Slice: _Calculation.slice,
    ast.Call: _Calculation.call,
}


def _is_same_constant(a, b) -> bool:
  """Whether values are one object in every process: `None`, small numbers."""
  return type(a) is type(b) and isinstance(a, int | str) and a == b


def _check(value) -> None:
  if not isinstance(value, _KNOWN):
    raise UnknownError
  if isinstance(value, int | float):
    if abs(value) > _MAX_NUMBER:
      raise UnknownError
  elif hasattr(value, "__len__") and len(value) > _MAX_SIZE:
    raise UnknownError


def _check_growth(function, left, right) -> None:
  """Refuses what would take long before its size can be seen."""
  sizes = [x if isinstance(x, int) else 1 for x in (left, right)]
  if function is operator.mul:
    if max(map(abs, sizes)) > _MAX_SIZE and not (
        _is_number(left) and _is_number(right)
    ):
      raise UnknownError
  elif function is pow or function is operator.lshift:
    if abs(sizes[0]) > _MAX_SIZE or abs(sizes[1]) > 64:
      raise UnknownError
  elif function is operator.mod and isinstance(left, str | bytes):
    if any(c.isdigit() for c in str(left)):  # "%1000000000d"
      raise UnknownError


def _is_number(x) -> bool:
  return isinstance(x, int | float)
