"""What an edit makes of values that are known: hints that compute.

The failing test tells what the function's variables held when it left. Where
an edit changes an expression of such variables alone, its value before and
after is compared: with each other, and with what the test expects.
"""

from collections.abc import Callable, Iterator
import math
from typing import Any

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.hints import sites

Reader = Callable[[edits_lib.Edit], tuple[str, ...]]


def make_reader(state: nodes.State) -> Reader:
  """Returns what names the features of an edit's outcome."""
  if state.failure is None or not state.failure.values:
    return lambda edit: ()
  return _Reader(state)


class _Reader:
  """Reads outcomes of edits of one state."""

  def __init__(self, state: nodes.State):
    failure = state.failure
    self._failure = failure
    self._texts = tuple(t.text for t in state.function.tokens)
    self._calculate = sites.Calculator(sites.read_values(failure.values))
    self._find = sites.make_finder(state, self._calculate)
    self._wanted, self._is_direct = _wanted(failure)

  def __call__(self, edit: edits_lib.Edit) -> tuple[str, ...]:
    if edit.insert and tokens_lib.is_newline(edit.insert[0]):
      return tuple(self._of_lines(edit.insert))
    site = self._find(edit.start, edit.end)
    if site is None:
      return ()
    texts = self._texts
    old = self._calculate(texts[site.start : site.end])
    new = self._calculate((
        *texts[site.start : edit.start], *edit.insert,
        *texts[edit.end : site.end],
    ))
    is_left = site.line == self._failure.exit_line
    role = f"last {site.role}" if is_left else site.role
    return tuple(f"{role} {word}" for word in self._compare(role, old, new))

  def _of_lines(self, insert: tuple[str, ...]) -> Iterator[str]:
    """Tells what a new `return` would give, if it were come to."""
    if "return" not in insert:
      return
    start = insert.index("return") + 1
    new = self._calculate(insert[start:])
    yield from (f"new line {word}" for word in self._judge(new))
    if insert[1] == "if":
      end = len(insert) - insert[::-1].index(":") - 1
      test = self._calculate(insert[2:end])
      if not isinstance(test, sites.Unknown | sites.Raised):
        yield f"new line under {bool(test)}"

  def _compare(self, role: str, old: Any, new: Any) -> Iterator[str]:
    """Yields words for a value before and after an edit."""
    if new is sites.UNKNOWN:
      yield "unknown" if old is sites.UNKNOWN else "unknown now"
      return
    if isinstance(new, sites.Raised):
      yield "raises as before" if old == new else "raises"
      return
    if isinstance(old, sites.Raised):
      is_shown = old.exception == self._failure.exception
      yield "raises no more" if is_shown else "raised before"
    elif old is not sites.UNKNOWN:
      yield from _changes(old, new)
      if self._is_nearer(old, new):
        yield "nearer"
    if role.endswith("condition"):
      yield f"becomes {bool(new)}"
    elif not role.endswith("iterated"):
      yield from self._judge(new)

  def _judge(self, new: Any) -> Iterator[str]:
    """Yields words for a new value beside what is wanted."""
    wanted = self._wanted
    if isinstance(new, sites.Unknown | sites.Raised):
      return
    if wanted is sites.UNKNOWN:
      return
    how = " directly" if self._is_direct else ""
    if is_equal(new, wanted):
      yield f"as wanted{how}"
    else:
      is_alike = type(new) is type(wanted)
      yield f"{'alike' if is_alike else 'unlike'} what is wanted{how}"

  def _is_nearer(self, old: Any, new: Any) -> bool:
    if not all(map(_is_number, (old, new, self._wanted))):
      return False
    return abs(new - self._wanted) < abs(old - self._wanted)


def _wanted(failure: failure_lib.Failure) -> tuple[Any, bool]:
  """Returns the expected value, and whether it is that of the function."""
  expected, observed = failure.expected, failure.observed
  returned = next((v.text for v in failure.values if v.name == "return"), "")
  if failure.target_lines or not observed:
    return sites.read(expected), False
  if returned == expected:  # The test has the sides the other way round.
    expected, observed = observed, expected
  if returned == observed:
    return sites.read(expected), True
  return _wanted_inside(expected, observed, returned), False


def _wanted_inside(expected: str, observed: str, returned: str) -> Any:
  """Returns what is expected where what was returned was observed.

  That is `5` for [1, 5], [1, 4] and `4`; else the expected value itself.
  """
  is_text = returned[:1] == "'" and observed[:1] == "'"
  inner = returned[1:-1] if is_text else returned
  if len(inner) > 0 and observed.count(inner) == 1:
    before, after = observed.split(inner)
    end = len(expected) - len(after)
    is_around = expected.startswith(before) and expected.endswith(after)
    if is_around and len(before) <= end:
      found = expected[len(before) : end]
      return sites.read(f"'{found}'" if is_text else found)
  return sites.read(expected)


def _changes(old: Any, new: Any) -> Iterator[str]:
  if type(old) is type(new) and old == new:
    yield "unchanged"
    return
  yield "changed"
  if type(old) is not type(new):
    yield "of another type"
  if bool(old) == bool(new):
    yield "as true as before"


def is_equal(a: Any, b: Any) -> bool:
  """Whether a test would take one value for the other."""
  if isinstance(a, float) and _is_number(b):
    return math.isclose(a, b)
  return a == b


def _is_number(x: Any) -> bool:
  return isinstance(x, int | float)
