"""How far an edit that was executed has brought a failing test.

Nearly every candidate fails; but one that turns a test green, or after which
the computed value is nearer to the expected one, says where to look next, and
may be the first of the two edits that are needed.
"""

import ast
import collections
from collections.abc import Mapping, Sequence
import difflib
import enum
import math
import re
from typing import Any

from jepa.domains.code_repair import evidence as evidence_lib

_NEAR_ENOUGH = 0.5  # Of the distance that there was.
_LONGEST = 300  # Characters of a value that are compared.
_UNSORTED = 0.75  # What the right items in a wrong order are worth.
_NUMBERS = (int, float, complex)
_ITEMS = (list, tuple, set, frozenset, dict)
_ASSERTED = re.compile(
    r"(?:assert (?P<left>.+?) == (?P<right>.+))|(?P<one>.+?) != (?P<two>.+)"
)


class Progress(enum.IntEnum):
  """What an edit changed in the failing tests, the best last.

  TRADED: a test that failed passes, and one that passed fails.
  MOVED: what ended in an exception now gets as far as an assertion.
  NEARER: the computed value is at most half as far from the expected one.
  FIXED: a test that failed passes.
  """
  NONE = 0
  TRADED = 1
  MOVED = 2
  NEARER = 3
  FIXED = 4


def measure(
    execution: evidence_lib.Execution,
    before: Mapping[str, evidence_lib.TestReport],
) -> Progress:
  """Returns what a candidate changed for the better.

  Args:
    execution: of the candidate.
    before: reports of the tests that failed without it, by nodeid.
  """
  if execution.num_fixed:
    return Progress.TRADED if execution.was_passing else Progress.FIXED
  known = before.get(execution.failed_test)
  if known is None or execution.status != "failed":
    return Progress.NONE
  asserts = execution.exception == "AssertionError"
  if asserts and known.exception != "AssertionError":
    return Progress.MOVED
  if asserts and _is_nearer(execution.message, known.message):
    return Progress.NEARER
  return Progress.NONE


def _is_nearer(now: str, then: str) -> bool:
  was, left = _distance(then), _distance(now)
  return 0 < left <= _NEAR_ENOUGH * was


def _distance(message: str) -> float:
  """How far apart the two sides of a failed comparison are; 0 if unknown."""
  found = _ASSERTED.match(message.partition("\n")[0])
  if found is None:
    return 0.0
  one, two = (side[:_LONGEST] for side in found.groups() if side is not None)
  try:
    return _between(ast.literal_eval(one), ast.literal_eval(two))
  except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
    pass
  try:
    return _between(float(one), float(two))  # Infinite, or no number.
  except ValueError:
    return 1.0 - _likeness(one, two)


def _between(one: Any, two: Any) -> float:
  """How far apart two values are, in whatever unit their type has."""
  if isinstance(one, _NUMBERS) and isinstance(two, _NUMBERS):
    distance = abs(one - two)
    return distance if math.isfinite(distance) else 0.0
  if isinstance(one, str) and isinstance(two, str):
    return 1.0 - _likeness(one, two)
  if isinstance(one, _ITEMS) and isinstance(two, _ITEMS):
    one, two = (
        [repr(x) for x in (v.items() if isinstance(v, dict) else v)]
        for v in (one, two)
    )
    common = collections.Counter(one) & collections.Counter(two)
    share = 2 * common.total() / max(1, len(one) + len(two))
    return 1.0 - max(_likeness(one, two), _UNSORTED * share)
  return 1.0 - _likeness(repr(one), repr(two))


def _likeness(one: Sequence[str], two: Sequence[str]) -> float:
  return difflib.SequenceMatcher(None, one, two, autojunk=False).ratio()
