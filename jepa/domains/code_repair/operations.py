"""What `calculator` may do to values, and how large these may grow."""

import ast
from collections.abc import Callable
import operator
from typing import Any

_MAX_SIZE = 2000  # Of a sequence.
_MAX_NUMBER = 1 << 64
_MAX_DIGITS = 20
_KNOWN = (
    bool, int, float, str, bytes, list, tuple, dict, range, slice, type(None)
)


class UnknownError(Exception):
  """The value of an expression cannot be told."""


BINARY: dict[type, Callable[[Any, Any], Any]] = {
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
UNARY = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
COMPARE = {
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


def _round(x: float, num_digits: int | None = None) -> float:
  if isinstance(num_digits, int) and abs(num_digits) > _MAX_DIGITS:
    raise UnknownError  # Python computes the power of ten.
  return round(x, num_digits)


CALLS = {"round": _round} | {
    f.__name__: f
    for f in (
        abs, all, any, bool, chr, dict, divmod, enumerate, float, int, len,
        list, max, min, ord, range, repr, reversed, sorted, str, sum,
        tuple, zip,
    )
}
LAZY = (enumerate, reversed, zip)  # Calls of these are made lists.
METHODS = {
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


def check(value: Any) -> None:
  """Raises `UnknownError` for a value that is too large, or an object."""
  if not isinstance(value, _KNOWN):
    raise UnknownError
  if isinstance(value, int | float):
    if abs(value) > _MAX_NUMBER:
      raise UnknownError
  elif hasattr(value, "__len__") and len(value) > _MAX_SIZE:
    raise UnknownError


def check_growth(function: Callable[..., Any], left: Any, right: Any) -> None:
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
    if any(c.isdigit() or c == "*" for c in str(left)):  # "%1000000d"
      raise UnknownError


def _is_number(x) -> bool:
  return isinstance(x, int | float)


def _is_same_constant(a, b) -> bool:
  """Whether values are one object in every process: `None`, small numbers."""
  return type(a) is type(b) and isinstance(a, int | str) and a == b
