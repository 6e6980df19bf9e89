"""From an exception to the plain values of a report."""

from collections.abc import Sequence
import os
import re
import reprlib
from types import TracebackType
from typing import Any

from . import tracing

_MAX_MESSAGE = 2000
_MAX_VALUE = 200
_MAX_FRAMES = 50
_MAX_EXITS = 40
_MAX_LOCAL = 60
_MAX_VALUES = 12  # Of a function.
_MAX_ATTRIBUTES = 6  # Of the receiver of a method.
_SIZED = (str, bytes, list, tuple, dict, set, frozenset)
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")

# Failures whose message alone tells what was expected and what came.
_MESSAGES = (
    (re.compile(r"DID NOT RAISE (?:<class '(?:.*\.)?)?(\w+)"), r"\1", ""),
    (re.compile(r"^(\w+) not raised"), r"\1", ""),
    (re.compile(r"^assert not (.+)"), "False", r"\1"),
    (re.compile(r"^assert (.+)"), "True", r"\1"),
)


class _Repr(reprlib.Repr):
  """Short representations of anything, whatever its `__repr__` does."""

  def __init__(self):
    super().__init__()
    self.maxlevel = 4
    self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = 12
    self.maxdict = self.maxarray = self.maxdeque = 12
    self.maxstring = self.maxlong = self.maxother = 100

  def repr_instance(self, x, level):
    try:
      text = repr(x)
    except Exception as error:
      return f"<{type(x).__name__}: repr raises {type(error).__name__}>"
    return text[:_MAX_VALUE]


_repr = _Repr()


def short(value: Any) -> str:
  """A representation of at most 200 characters, without addresses."""
  try:
    text = _repr.repr(value)
  except Exception as error:
    text = f"<{type(value).__name__}: repr raises {type(error).__name__}>"
  return _ADDRESS.sub("", text)[:_MAX_VALUE]


def brief(error: BaseException | None) -> tuple[str, str]:
  """Returns the name of the exception's type, and its message."""
  if error is None:
    return "", ""
  name = type(error).__name__
  try:
    message = str(error)
  except Exception as unprintable:
    message = f"<message raises {type(unprintable).__name__}>"
  return name, _ADDRESS.sub("", message[:_MAX_MESSAGE])


def frames(error: BaseException, root: str) -> list[list]:
  """Returns `[path, line, function]` of each frame inside `root`."""
  found = []
  trace: TracebackType | None = error.__traceback__
  while trace is not None:
    code = trace.tb_frame.f_code
    if code.co_filename.startswith(root):
      path = os.path.relpath(code.co_filename, root).replace(os.sep, "/")
      found.append([path, trace.tb_lineno, code.co_name])
    trace = trace.tb_next
  if len(found) > _MAX_FRAMES:  # A recursion: keep both ends.
    half = _MAX_FRAMES // 2
    found = found[:half] + found[-half:]
  return found


def exits(found: Sequence[tracing.Exit], root: str) -> list[list]:
  """Returns `[path, line, function, values]` of the last functions that left.

  Each value is `[name, type, size, text]`; the first one, "return", is what
  the function returned.
  """
  described = []
  for code, line, names, value in found[-_MAX_EXITS:]:
    path = os.path.relpath(code.co_filename, root).replace(os.sep, "/")
    named = {"return": value, **_receiver(names), **names}
    values = [_value(*item) for item in list(named.items())[:_MAX_VALUES]]
    described.append([path, line, code.co_name, values])
  return described


def _receiver(names: dict[str, Any]) -> dict[str, Any]:
  """Returns the attributes that the receiver of a method holds."""
  receiver = names.pop("self", None)
  attributes = getattr(receiver, "__dict__", {})
  return {
      f"self.{name}": value
      for name, value in list(attributes.items())[:_MAX_ATTRIBUTES]
  }


def _value(name: str, value: Any) -> list:
  kind = type(value)
  size = len(value) if kind in _SIZED else -1
  return [name, kind.__name__, size, short(value)[:_MAX_LOCAL]]


class Comparisons:
  """The two sides of the comparison that failed last, as pytest saw them."""

  def __init__(self):
    self._last: tuple[str, str] | None = None

  def clear(self) -> None:
    self._last = None

  def record(self, unused_operator, left, right) -> None:
    """For pytest's assertion rewriting; None leaves the message to it."""
    self._last = (short(left), short(right))

  def sides(self, error: BaseException) -> tuple[str, str]:
    """Returns what was expected and what was observed, "" if unknown."""
    if isinstance(error, AssertionError) and self._last is not None:
      observed, expected = self._last
      return expected, observed
    values = _assertion_arguments(error)
    if values is not None:
      observed, expected = map(short, values)
      return expected, observed
    return _sides_of_message(error)


def _assertion_arguments(error: BaseException) -> tuple[Any, Any] | None:
  """First two arguments of the outermost `assert...` function that failed.

  So they are in unittest, absltest, numpy and most helpers of tests.
  """
  trace = error.__traceback__
  while trace is not None:
    code, scope = trace.tb_frame.f_code, trace.tb_frame.f_locals
    if code.co_name.startswith("assert") and "Raises" not in code.co_name:
      names = [
          name for name in code.co_varnames[:code.co_argcount]
          if name not in ("self", "cls")
      ][:2]
      if len(names) == 2 and names[1] != "msg":
        if all(name in scope for name in names):
          return scope[names[0]], scope[names[1]]
    trace = trace.tb_next
  return None


def _sides_of_message(error: BaseException) -> tuple[str, str]:
  message = brief(error)[1]
  if not isinstance(error, AssertionError):
    if type(error).__name__ != "Failed":  # What `pytest.fail` raises.
      return "", ""
  first_line = message.partition("\n")[0]
  for pattern, expected, observed in _MESSAGES:
    match = pattern.search(first_line)
    if match:
      return match.expand(expected), match.expand(observed)[:_MAX_VALUE]
  return "", ""
