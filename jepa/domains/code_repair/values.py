"""What values say at a glance: classes of values, and how two of them differ.

Both read representations: nothing that a program computed is kept as it was.
"""

import ast
import collections
from collections.abc import Iterator
from typing import Any

from jepa.domains.code_repair import evidence as evidence_lib

# The order is part of data sets: append only.
CLASSES = (
    "unknown", "None", "False", "True", "zero", "one", "negative", "few",
    "many", "float", "empty", "single", "sized", "callable", "object",
)
_FEW = 9
_CALLABLE = frozenset((
    "function", "method", "builtin_function_or_method", "type", "partial",
    "ABCMeta", "EnumMeta", "EnumType", "module",
))


def classify(value: evidence_lib.Value) -> str:
  """Returns one of `CLASSES`."""
  if value.type in ("bool", "NoneType"):
    return value.text if value.text in CLASSES else "unknown"
  if value.size >= 0:
    return ("empty", "single", "sized")[min(value.size, 2)]
  if value.type == "int":
    return _classify_int(value.text)
  if value.type == "float":
    return "zero" if value.text in ("0.0", "-0.0") else "float"
  return "callable" if value.type in _CALLABLE else "object"


def _classify_int(text: str) -> str:
  if text.startswith("-"):
    return "negative"
  if text in ("0", "1"):
    return ("zero", "one")[int(text)]
  return "few" if len(text) == 1 else "many"


def differences(expected: str, observed: str) -> Iterator[str]:
  """Yields words for how an observed value differs from the expected one.

  Args:
    expected, observed: representations; what is no literal tells nothing.
  """
  wanted, found = literal(expected), literal(observed)
  if wanted is UNREADABLE or found is UNREADABLE or expected == observed:
    return
  if type(wanted) is not type(found):
    yield f"wants {type(wanted).__name__}"
    yield f"found {type(found).__name__}"
  if _is_number(wanted) and _is_number(found):
    yield from _between_numbers(wanted, found)
  elif isinstance(wanted, str) and isinstance(found, str):
    yield from _between_strings(wanted, found)
  elif isinstance(wanted, dict) and isinstance(found, dict):
    yield from _between_dicts(wanted, found)
  elif isinstance(wanted, _SEQUENCES) and isinstance(found, _SEQUENCES):
    yield from _between_sequences(list(wanted), list(found))
  elif isinstance(wanted, _SETS) and isinstance(found, _SETS):
    yield from _between_members(wanted, found)


UNREADABLE = object()
_SEQUENCES = (list, tuple, bytes)
_SETS = (set, frozenset)


def literal(text: str) -> Any:
  try:
    return ast.literal_eval(text)
  except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
    return UNREADABLE


def _is_number(value: Any) -> bool:
  return isinstance(value, int | float) and not isinstance(value, bool)


def _between_numbers(wanted: float, found: float) -> Iterator[str]:
  if abs(wanted - found) == 1:
    yield "one more" if found > wanted else "one less"
  elif found == -wanted:
    yield "negated"
  elif found and found == 2 * wanted:
    yield "doubled"
  elif found and wanted == 2 * found:
    yield "halved"
  elif found == 0:
    yield "zero"
  yield "greater" if found > wanted else "smaller"


def _between_strings(wanted: str, found: str) -> Iterator[str]:
  if wanted.lower() == found.lower():
    yield "case"
  elif wanted.split() == found.split():
    yield "space"
  else:
    yield from _between_sequences(wanted, found)


def _between_dicts(wanted: dict, found: dict) -> Iterator[str]:
  yield from _between_members(wanted.keys(), found.keys())
  if any(wanted[key] != found[key] for key in wanted.keys() & found.keys()):
    yield "another item"


def _between_members(wanted, found) -> Iterator[str]:
  if wanted - found:
    yield "lacks items"
  if found - wanted:
    yield "extra items"


def _between_sequences(wanted, found) -> Iterator[str]:
  """Of two lists or two strings."""
  if wanted == found:
    return
  if not found:
    yield "empty"
  elif len(wanted) == len(found):
    yield from _between_equally_long(wanted, found)
  elif len(found) < len(wanted):
    yield "lacks one" if len(wanted) - len(found) == 1 else "lacks items"
    yield from _which_end(found, wanted)
  else:
    yield "extra one" if len(found) - len(wanted) == 1 else "extra items"
    yield from _which_end(wanted, found)


def _which_end(short, long) -> Iterator[str]:
  if long[: len(short)] == short:
    yield "at the end"
  elif short and long[-len(short) :] == short:
    yield "at the start"


def _between_equally_long(wanted, found) -> Iterator[str]:
  if wanted[::-1] == found:
    yield "reversed"
  elif _counts(wanted) == _counts(found):
    yield "order"
  elif sum(a != b for a, b in zip(wanted, found)) == 1:
    yield "another item"
  else:
    yield "other items"


def _counts(items) -> collections.Counter:
  return collections.Counter(map(repr, items))
