"""Computes expressions by hand: small pure ones, on values that are known.

Reads a syntax tree and never calls what a program defines. Whatever is not
listed in `operations`, or grows out of bounds, is unknown rather than wrong.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jepa.domains.code_repair import operations

UnknownError = operations.UnknownError
_MAX_STEPS = 400  # Nodes that one expression may take.
_ITERABLE = (list, tuple, str, dict, range)


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
    operations.check(found)
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
    return operations.UNARY[type(node.op)](self.value(node.operand))

  def binary(self, node):
    function = operations.BINARY.get(type(node.op))
    if function is None:
      raise UnknownError
    left, right = self.value(node.left), self.value(node.right)
    operations.check_growth(function, left, right)
    return function(left, right)

  def compare(self, node):
    left = self.value(node.left)
    for op, comparator in zip(node.ops, node.comparators):
      right = self.value(comparator)
      found = operations.COMPARE[type(op)](left, right)
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
    return list(found) if function in operations.LAZY else found

  def comprehension(self, node):
    if len(node.generators) > 1 or node.generators[0].is_async:
      raise UnknownError
    return list(self._items(node.elt, node.generators[0]))

  def _items(self, element, generator) -> Iterator[Any]:
    outer = self._names
    iterable = self.value(generator.iter)
    if not isinstance(iterable, _ITERABLE):
      raise TypeError
    try:
      for item in iterable:
        self._names = {**outer, **_bind(generator.target, item)}
        if all(map(self.value, generator.ifs)):
          yield self.value(element)
    finally:
      self._names = outer

  def _function(self, node) -> Callable[..., Any]:
    if isinstance(node, ast.Name):
      if node.id in self._names or node.id not in operations.CALLS:
        raise UnknownError
      return operations.CALLS[node.id]
    if not isinstance(node, ast.Attribute):
      raise UnknownError
    owner = self.value(node.value)
    if node.attr not in operations.METHODS.get(type(owner), ()):
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
    ast.ListComp: _Calculation.comprehension,
    ast.GeneratorExp: _Calculation.comprehension,
}


def _bind(target: ast.expr, item: Any) -> dict[str, Any]:
  """Returns what a loop's variables hold for an item."""
  if isinstance(target, ast.Name):
    return {target.id: item}
  if not isinstance(target, ast.Tuple):
    raise UnknownError
  items = list(item)
  if len(items) != len(target.elts):
    raise ValueError
  bound: dict[str, Any] = {}
  for part, value in zip(target.elts, items):
    bound |= _bind(part, value)
  return bound
