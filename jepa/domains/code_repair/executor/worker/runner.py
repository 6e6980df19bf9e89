"""Running single tests of a collected session, in any order, repeatedly."""

from collections.abc import Callable, Collection, Sequence
import random
import sys
from typing import Any, NamedTuple
import unittest

from _pytest.assertion import util as assertion_util
import pytest

from . import alarm as alarm_lib
from . import description
from . import direct
from . import tracing

_SKIPS = (pytest.skip.Exception, pytest.xfail.Exception, unittest.SkipTest)


class Result(NamedTuple):
  """outcome is one of `evidence.TestOutcome`."""
  outcome: str
  error: BaseException | None

  @property
  def is_failing(self) -> bool:
    return self.outcome not in ("passed", "skipped")


_PASSED = Result("passed", None)
_SEEDED = random.Random(0).getstate()
_EXPLAIN_SECONDS = 1.0


class Recorder:
  """A plugin that keeps what pytest would report of the running test."""

  def __init__(self, comparisons: description.Comparisons):
    self._comparisons = comparisons
    self.begin()

  def begin(self) -> None:
    self._last: BaseException | None = None
    self._result = _PASSED

  def end(self) -> Result:
    result, self._last, self._result = self._result, None, _PASSED
    return result

  def pytest_runtest_makereport(self, item, call):
    """The standard report renders sources: slower than most tests."""
    error = self._last = call.excinfo.value if call.excinfo else None
    outcome, text = "passed", None
    if isinstance(error, pytest.skip.Exception):
      outcome, text = "skipped", ("", 0, "skipped")
    elif error is not None:
      outcome, text = "failed", type(error).__name__
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome=outcome,
        longrepr=text,
        when=call.when,
        duration=call.duration,
    )

  def pytest_runtest_logreport(self, report):
    if report.failed and not self._result.is_failing:
      outcome = "failed" if report.when == "call" else "error"
      error = self._last or AssertionError(str(report.longrepr))
      self._result = Result(outcome, error)
    elif report.skipped and self._result is _PASSED:
      self._result = Result("skipped", self._last)

  def pytest_assertrepr_compare(self, op, left, right):
    self._comparisons.record(op, left, right)


class Runner:
  """Runs tests of `session` by their index, each within a budget."""

  def __init__(self, session: pytest.Session, alarm: alarm_lib.Alarm):
    self.items = session.items
    self.comparisons = description.Comparisons()
    self._session = session
    self._alarm = alarm
    self._recorder = Recorder(self.comparisons)
    self._calls = [direct.direct_call(item) for item in self.items]
    self._parameters = [_parameters(item) for item in self.items]
    self._random: Collection[int] = range(len(self.items))
    session.config.pluginmanager.register(self._recorder, "jepa-recorder")

  def insist_on_protocol(self, tests: Sequence[int]) -> None:
    """Never calls these tests directly."""
    for index in tests:
      self._calls[index] = None

  def seed_only(self, tests: Collection[int]) -> None:
    """Seeds `random` before these tests, not before each of them."""
    self._random = tests

  @property
  def drew_random(self) -> bool:
    """Whether `random` was used since it was seeded."""
    return random.getstate() != _SEEDED

  def run(
      self, index: int, budget: float, rest: Sequence[int] = ()
  ) -> Result:
    """Runs one test.

    Args:
      index: of the test.
      budget: seconds it may take, see `alarm.Alarm`.
      rest: tests to run next; fixtures they share stay set up.
    """
    if index in self._random:
      random.seed(0)
    call = self._calls[index]
    if call is None:
      return self._run_protocol(index, budget, rest)
    error = None
    try:
      self._alarm.start(budget, index)
      try:
        call()
      finally:
        self._alarm.stop()
    except BaseException as raised:
      error = raised
    if self._alarm.fired:
      return Result("hang", None)
    if error is None:
      return _PASSED
    return Result("skipped" if isinstance(error, _SKIPS) else "failed", error)

  def run_by_protocol(self, index: int, budget: float) -> Result:
    """Runs one test alone, exactly as pytest would."""
    random.seed(0)
    return self._run_protocol(index, budget, ())

  def _run_protocol(
      self, index: int, budget: float, rest: Sequence[int]
  ) -> Result:
    item = self.items[index]
    following = next((i for i in rest if self._calls[i] is None), None)
    nextitem = None if following is None else self.items[following]
    if self._parameters[index]:
      item.callspec.params.update(direct.renewed(self._parameters[index]))
    _forget_subtests(item)
    self._recorder.begin()
    error = None
    try:
      self._alarm.start(budget, index)
      try:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
      finally:
        self._alarm.stop()
    except BaseException as raised:  # `pytest.exit`, or the alarm.
      error = raised
    result = self._recorder.end()
    if self._alarm.fired:
      result = Result("hang", None)
    elif error is not None:
      result = Result("failed", error)
    if error is not None or nextitem is None:
      self.unwind(index)
    return result

  def unwind(self, index: int) -> None:
    """Tears down every fixture that is still set up."""
    state = self._session._setupstate
    if not state.stack:
      return
    self.guarded(lambda: state.teardown_exact(None), index, None)
    state.stack.clear()

  def guarded(self, call: Callable[[], Any], index: int, otherwise: Any) -> Any:
    """Calls what may run code of the project, after a test has ended."""
    try:
      self._alarm.start(_EXPLAIN_SECONDS, index)
      try:
        return call()
      finally:
        self._alarm.stop()
    except BaseException:
      return otherwise

  def explain(
      self,
      result: Result,
      index: int,
      root: str,
      exits: Sequence[tracing.Exit] = (),
  ) -> dict[str, Any]:
    """Returns what `evidence.TestReport` holds of a failure."""
    error = result.error
    if error is None or not result.is_failing:
      return {}

    def details():
      name, message = description.brief(error)
      expected, observed = self.comparisons.sides(error)
      return {
          "exception": name,
          "message": message,
          "traceback": description.frames(error, root),
          "expected": expected,
          "observed": observed,
          "exits": description.exits(exits, root),
      }

    name = type(error).__name__
    return self.guarded(details, index, {"exception": name})

  def watch_comparisons(self, watch: bool) -> None:
    """Whether direct calls tell the two sides of a failed comparison."""
    record = self.comparisons.record if watch else None
    assertion_util._reprcompare = record


def _parameters(item: pytest.Item) -> dict:
  """Arguments that a test may change and that must be renewed for it."""
  call = getattr(item, "callspec", None)
  if call is None:
    return {}
  kept = direct.renewed(dict(call.params))
  return {k: v for k, v in kept.items() if v is not call.params[k]}


def _forget_subtests(item: pytest.Item) -> None:
  """pytest 9 counts failed subtests of an item over all of its runs."""
  subtests = sys.modules.get("_pytest.subtests")
  if subtests is not None:
    item.config.stash[subtests.failed_subtests_key].clear()
