"""What executing a program showed: the records that executors return.

Everything that observes or ranks reads these; nothing here executes.
"""

import dataclasses
from typing import Literal

# "error" is a test that could not run (fixture, import); "hang" ran over its
# budget; "crash" took the worker process with it.
TestOutcome = Literal["passed", "failed", "error", "skipped", "hang", "crash"]

# "invalid" is a candidate that does not compile or cannot be put in place.
Status = Literal["passed", "failed", "hang", "crash", "invalid"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
  """The outermost function that holds an edit.

  path: file relative to the project's root, with forward slashes.
  qualname: "f" or "Class.method" or "Outer.Inner.method": never inside
    another function.
  lineno: first line of the function in its file, decorators included, from 1.
  """
  path: str
  qualname: str
  lineno: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frame:
  """One line of a traceback, outermost first."""
  path: str
  lineno: int
  function: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Value:
  """What a variable held.

  name: "x", "self.x", or "return" for what the function returned.
  type: name of its type.
  size: its length, -1 where it is not a built-in container or a string.
  text: a representation of at most 60 characters.
  """
  name: str
  type: str
  size: int
  text: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Exit:
  """How a function left when a test called it last.

  path, function: the file and the function's own name.
  lineno: where it returned, yielded or raised.
  values: "return" first (None where it raised), then its variables, some
    attributes of `self` among them. They are described when the test has
    ended.
  """
  path: str
  lineno: int
  function: str
  values: tuple[Value, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class TestReport:
  """One test, run with the target's lines traced.

  nodeid: pytest's name of the test.
  seconds: wall time.
  exception: type name, "" where it passed.
  message: at most 2,000 characters.
  traceback: frames inside the project, tests included.
  expected, observed: short reprs of the two sides of the failed comparison,
    "" where the assertion does not show them. `observed` is the side that
    the code under test computed, as far as the convention
    `assert observed == expected` and `assertEqual(observed, expected)` tells.
  lines: lines of the target that the test executed, ascending.
  exits: of a failing test that was traced, the last exit of each traced
    function; the last to leave is last.
  """
  nodeid: str
  outcome: TestOutcome
  seconds: float
  exception: str = ""
  message: str = ""
  traceback: tuple[Frame, ...] = ()
  expected: str = ""
  observed: str = ""
  lines: tuple[int, ...] = ()
  exits: tuple[Exit, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evidence:
  """What the tests that reach the target say of one program.

  tests: reports, failing ones first.
  """
  target: Target
  tests: tuple[TestReport, ...]

  @property
  def failing(self) -> tuple[TestReport, ...]:
    return tuple(
        t for t in self.tests if t.outcome not in ("passed", "skipped")
    )

  @property
  def passing(self) -> tuple[TestReport, ...]:
    return tuple(t for t in self.tests if t.outcome == "passed")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Execution:
  """The verdict on one candidate; tests run until the first failure.

  status: "passed" if no test that ran failed.
  num_run: tests that ran, the failing one included.
  num_fixed: tests that failed before and passed now.
  failed_test: nodeid of the first failing test, "" if none.
  was_passing: whether `failed_test` passed before: the candidate broke it.
  exception, message: of `failed_test`, as in `TestReport`.
  seconds: wall time spent on the candidate.
  """
  status: Status
  num_run: int = 0
  num_fixed: int = 0
  failed_test: str = ""
  was_passing: bool = False
  exception: str = ""
  message: str = ""
  seconds: float = 0.0
