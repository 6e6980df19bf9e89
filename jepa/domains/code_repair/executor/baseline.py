"""How the tests did on the program as it is, and which lines they ran."""

from collections.abc import Iterable, Mapping
import dataclasses
import functools
from typing import Any

from jepa.domains.code_repair import evidence


@dataclasses.dataclass(frozen=True, kw_only=True)
class Baseline:
  """The program as it is, before any candidate.

  tests: report of each test, in pytest's order; a test's index here is its
    name everywhere else. `seconds` are without tracing; `lines` is empty:
    see `coverage`.
  coverage: for each file of the project that is not a test, and each of its
    lines that a test ran, the tests that ran it.
  rank: for each test its place in the order in which candidates run them:
    fast ones first, of those the ones that run few lines.
  stateful: like `coverage`, lines that a test runs or not depending on what
    ran before in the process: those that fill a cache, say. Candidates for a
    function that has some face these tests in a process each.
  seconds: what the whole suite takes, without tracing.
  flaky: tests that passed once and failed once, when run alone and when run
    after others, say; no candidate is judged by them.
  errors: what pytest could not collect, if that was to be tolerated.
  layers: names of the sandbox's layers that were in force.
  """
  tests: tuple[evidence.TestReport, ...]
  coverage: Mapping[str, Mapping[int, tuple[int, ...]]]
  rank: tuple[int, ...]
  seconds: float
  stateful: Mapping[str, Mapping[int, tuple[int, ...]]] = dataclasses.field(
      default_factory=dict
  )
  flaky: tuple[int, ...] = ()
  errors: tuple[str, ...] = ()
  layers: tuple[str, ...] = ()

  @functools.cached_property
  def failing(self) -> frozenset[int]:
    """Tests that failed, by index."""
    good = ("passed", "skipped")
    return frozenset(
        i for i, test in enumerate(self.tests) if test.outcome not in good
    )

  def index(self, nodeid: str) -> int:
    """Returns the index of a test by pytest's name.

    Raises:
      KeyError: there is no such test.
    """
    for index, test in enumerate(self.tests):
      if test.nodeid == nodeid:
        return index
    raise KeyError(f"no test {nodeid}; pytest collected {len(self.tests)}")


def to_report(
    nodeid: str, message: Mapping[str, Any], lines: Iterable[int] = ()
) -> evidence.TestReport:
  """From what a worker sent to a record."""
  frames = message.get("traceback", ())
  return evidence.TestReport(
      nodeid=nodeid,
      outcome=message["outcome"],
      seconds=message.get("seconds", 0.0),
      exception=message.get("exception", ""),
      message=message.get("message", ""),
      traceback=tuple(
          evidence.Frame(path=path, lineno=lineno, function=function)
          for path, lineno, function in frames
      ),
      expected=message.get("expected", ""),
      observed=message.get("observed", ""),
      lines=tuple(sorted(lines)),
  )


def invert(
    lines_by_test: Mapping[int, Iterable[tuple[str, int]]]
) -> dict[str, dict[int, tuple[int, ...]]]:
  """From the lines of each test to the tests of each line."""
  found: dict[str, dict[int, list[int]]] = {}
  for test, places in sorted(lines_by_test.items()):
    for path, line in places:
      found.setdefault(path, {}).setdefault(line, []).append(test)
  return {
      path: {line: tuple(tests) for line, tests in sorted(lines.items())}
      for path, lines in sorted(found.items())
  }
