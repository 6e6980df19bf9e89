"""Running the tests of a candidate until one fails."""

from collections.abc import Collection, Sequence
import contextlib
import functools
from typing import NamedTuple

from . import description
from . import runner as runner_lib
from . import suite as suite_lib


class Verdict(NamedTuple):
  """The fields of `evidence.Execution`, in the order they are sent.

  status: also "unswappable", for what only a fresh import can run, and
    "rest", for what passed all tests but those that need a process of their
    own.
  test: index of the failed test, -1 if none.
  """
  status: str
  num_run: int = 0
  num_fixed: int = 0
  test: int = -1
  exception: str = ""
  message: str = ""


def judge(
    runner: runner_lib.Runner,
    suite: suite_lib.Suite,
    tests: Sequence[int],
    failing: Collection[int],
    swap: contextlib.AbstractContextManager,
) -> Verdict:
  """Runs `tests` in their order on the candidate that `swap` puts in place.

  Args:
    runner: of the session.
    suite: the baseline.
    tests: what to run.
    failing: those that failed before the edit.
    swap: puts the candidate in place, and takes it out.
  """
  num_fixed = 0
  with swap:
    for count, test in enumerate(tests, start=1):
      budget = suite.budget(test)
      result = runner.run(test, budget, tests[count:])
      if result.is_failing:
        name, message = runner.guarded(
            functools.partial(description.brief, result.error), test, ("", "")
        )
        runner.unwind(test)
        status = "hang" if result.outcome == "hang" else "failed"
        return Verdict(status, count, num_fixed, test, name, message)
      if test in failing and result.outcome == "passed":
        num_fixed += 1
  return Verdict("passed", len(tests), num_fixed)


class LeakCheck:
  """Finds out whether candidates left something behind that changes tests.

  It runs tests which the last candidates ran, without any candidate: those
  that passed on the program as it is must still pass.
  """

  _SHARE = 0.1  # Of the time spent on candidates.

  def __init__(self, runner: runner_lib.Runner, suite: suite_lib.Suite):
    self._runner = runner
    self._suite = suite
    self._tests: dict[int, None] = {}
    self._seconds = 0.0
    self.num_candidates = 0

  def note(self, tests: Sequence[int], seconds: float) -> None:
    """Says that a candidate ran these tests, and for how long."""
    self.num_candidates += 1
    self._seconds += seconds
    self._tests.update(dict.fromkeys(tests))

  def run(self) -> bool:
    """Returns whether nothing was found, and starts anew."""
    tests = [t for t in self._tests if t not in self._suite.failing]
    seconds = self._suite.seconds
    tests.sort(key=lambda t: seconds[t])
    left = self._SHARE * self._seconds
    self._tests.clear()
    self._seconds = 0.0
    self.num_candidates = 0
    for count, test in enumerate(tests):
      left -= seconds[test]
      if count and left < 0:  # At least one.
        break
      if self._runner.run(test, self._suite.budget(test)).is_failing:
        return False
    return True
