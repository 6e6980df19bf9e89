"""How far an edit that was executed has brought a failing test.

Nearly every candidate fails; but one that turns a test green, or after which
the computed value is nearer to the expected one, says where to look next, and
may be the first of the two edits that are needed.
"""

from collections.abc import Mapping
import difflib
import enum
import math
import re

from jepa.domains.code_repair import evidence as evidence_lib

_NEAR_ENOUGH = 0.5  # Of the distance that there was.
_LONGEST = 300  # Characters of a value that are compared.
_ASSERTED = re.compile(
    r"(?:assert (?P<left>.+?) == (?P<right>.+))|(?P<one>.+?) != (?P<two>.+)"
)


class Progress(enum.IntEnum):
  """What an edit changed in the failing tests, the best last.

  MOVED: what ended in an exception now gets as far as an assertion.
  NEARER: the computed value is at most half as far from the expected one.
  FIXED: a test that failed passes.
  """
  NONE = 0
  MOVED = 1
  NEARER = 2
  FIXED = 3


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
    return Progress.FIXED
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
  one, two = (side for side in found.groups() if side is not None)
  try:
    distance = abs(float(one) - float(two))
    return distance if math.isfinite(distance) else 0.0
  except ValueError:
    pass
  one, two = one[:_LONGEST], two[:_LONGEST]
  ratio = difflib.SequenceMatcher(None, one, two, autojunk=False).ratio()
  return 1.0 - ratio
