"""Running the program as it is: the baseline of all candidates."""

from collections.abc import Callable, Iterator, Sequence
import math
from typing import Any

from jepa.domains.code_repair.executor import baseline as baseline_lib
from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import errors
from jepa.domains.code_repair.executor import project as project_lib

_PASSING = ("passed", "skipped")
_SHORT = 0.002  # Seconds; of shorter tests, the one with fewer lines is first.
_FATAL = ("hang", "crash")
_MAX_LOST = 3  # Servers of a survey that may vanish without a test to blame.


def observe(
    connection: connection_lib.Connection,
    tests: Sequence[int],
    message: dict[str, Any],
    introduce: Callable[[], None] = lambda: None,
) -> Iterator[dict[str, Any]]:
  """Yields the worker's report of each test, whatever happens to the worker.

  Args:
    connection: to the server.
    tests: indices, in the order to run.
    message: of the operation "observe", but for the tests.
    introduce: tells a server of the target.

  Raises:
    CandidateError: the candidate to observe cannot be put in place.
  """
  left, num_lost = list(tests), 0
  while left:
    introduce()
    connection.send({**message, "op": "observe", "tests": left})
    while True:
      answer = connection.receive()
      if isinstance(answer, connection_lib.Death):
        num_lost += answer.cause == "lost"
        is_blamed = answer.cause in _FATAL or num_lost > _MAX_LOST
        if is_blamed and answer.test in left:
          left.remove(answer.test)
          yield {"test": answer.test, "outcome": answer.cause}
        break
      if answer["op"] == "refused":
        raise errors.CandidateError(answer["text"])
      if answer["op"] == "report" and answer["test"] in left:
        left.remove(answer["test"])
        yield answer
      elif answer["op"] == "observed" and not answer["spent"]:
        break  # Else its death follows.


def check(connection: connection_lib.Connection) -> bool:
  """Whether what was observed last came from a process in a sound state."""
  connection.send({"op": "check"})
  while True:
    answer = connection.receive()
    if isinstance(answer, connection_lib.Death):
      return False
    if answer["op"] == "checked":
      return answer["ok"]


def run(
    connection: connection_lib.Connection,
    project: project_lib.Project,
    limits: project_lib.Limits,
    on_failure: Callable[[], None] = lambda: None,
) -> baseline_lib.Baseline:
  """Runs the suite three times.

  First every test by pytest's protocol, alone in a process, its lines
  traced. Then all of them one after the other, as candidates run them: that
  times them, and shows which ones a direct call judges otherwise and which
  ones change their mind. Last the same traced: lines that differ from the
  first time depend on what ran before.

  Args:
    connection: to the server.
    project, limits: what to run, and how long it may take.
    on_failure: called for each test that fails when run alone.

  Raises:
    SuiteHangsError: it takes longer than `limits.suite_seconds`.
  """
  everything = range(len(connection.tests))
  connection.set_up(_setup(everything))
  alone = _run_alone(connection, project, limits, on_failure)
  lasting = [i for i in everything if alone[i]["outcome"] not in _FATAL]
  setup = _setup(everything, alone)
  connection.set_up(setup)
  plain = _run_in_turn(connection, lasting, limits, trace=False)
  setup["protocol"] = _differing(alone, plain)
  connection.set_up(setup)
  plain.update(
      _run_in_turn(connection, setup["protocol"], limits, trace=False)
  )
  traced = _run_in_turn(connection, lasting, limits, trace=True)
  baseline = _to_baseline(connection, alone, plain, traced)
  setup["seconds"] = [test.seconds for test in baseline.tests]
  setup["rank"] = baseline.rank
  connection.set_up(setup)
  return baseline


def _to_baseline(
    connection, alone, plain, traced
) -> baseline_lib.Baseline:
  tests = range(len(connection.tests))
  lines = {i: _lines(alone[i]) for i in tests}
  lines_after = {i: _lines(traced.get(i, alone[i])) for i in tests}
  either = {i: lines[i] | lines_after[i] for i in tests}
  seconds = [
      {**alone, **plain}[i].get("seconds", 0.0) for i in tests
  ]
  order = sorted(
      tests, key=lambda i: (_magnitude(seconds[i]), len(either[i]), i)
  )
  return baseline_lib.Baseline(
      tests=tuple(
          baseline_lib.to_report(
              connection.tests[i], {**alone[i], "seconds": seconds[i]}
          )
          for i in tests
      ),
      coverage=baseline_lib.invert(either),
      stateful=baseline_lib.invert(
          {i: lines[i] ^ lines_after[i] for i in tests}
      ),
      rank=tuple(place for _, place in sorted(zip(order, tests))),
      seconds=sum(seconds),
      flaky=tuple(sorted({
          *_differing(alone, plain), *_differing(alone, traced)
      })),
      errors=connection.errors,
      layers=connection.layers,
  )


def _magnitude(seconds: float) -> int:
  """Coarse, so that the order of tests varies little from run to run."""
  return max(0, math.ceil(math.log(max(seconds, 1e-9) / _SHORT, 4)))


def _lines(report: dict[str, Any]) -> set[tuple[str, int]]:
  files = report.get("lines", {})
  return {(path, line) for path, lines in files.items() for line in lines}


def _run_alone(
    connection: connection_lib.Connection,
    project: project_lib.Project,
    limits: project_lib.Limits,
    on_failure: Callable[[], None],
) -> dict[int, dict[str, Any]]:
  message = {
      "target": None,
      "trace": True,
      "protocol": True,
      "budget": limits.test_seconds,
      "apart": list(range(len(connection.tests))),
      "last": False,
  }
  found: dict[int, dict[str, Any]] = {}
  seconds = 0.0
  for report in observe(
      connection, range(len(connection.tests)), message
  ):
    found[report["test"]] = report
    if report["outcome"] not in _PASSING:
      on_failure()
    seconds += report.get("seconds", limits.test_seconds)
    if seconds > limits.suite_seconds:
      raise errors.SuiteHangsError(
          f"{len(found)} of the {len(connection.tests)} tests of "
          f"{project.root} took {seconds:.0f} s, more than the "
          f"{limits.suite_seconds:.0f} s of Limits.suite_seconds; choose "
          "tests with Project.tests"
      )
  return found


def _run_in_turn(
    connection: connection_lib.Connection,
    tests: Sequence[int],
    limits: project_lib.Limits,
    trace: bool,
) -> dict[int, dict[str, Any]]:
  message = {
      "target": None,
      "trace": trace,
      "protocol": False,
      "budget": limits.test_seconds,
      "apart": [],
      "last": trace,
  }
  return {r["test"]: r for r in observe(connection, tests, message)}


def _differing(
    traced: dict[int, dict[str, Any]], plain: dict[int, dict[str, Any]]
) -> list[int]:
  """Tests that passed in one run and failed in the other."""
  return [
      test
      for test, report in plain.items()
      if (report["outcome"] in _PASSING)
      != (traced[test]["outcome"] in _PASSING)
  ]


def _setup(
    tests: Sequence[int], traced: dict[int, dict[str, Any]] | None = None
) -> dict[str, Any]:
  """The message that tells a server of the baseline."""
  reports = [(traced or {}).get(i, {"outcome": "passed"}) for i in tests]
  seconds = [r.get("seconds", 0.0) for r in reports]
  outcomes = [r["outcome"] for r in reports]
  return {
      "op": "setup",
      "seconds": seconds,
      "traced_seconds": seconds,
      "failing": [i for i in tests if outcomes[i] not in _PASSING],
      "hanging": [i for i in tests if outcomes[i] in _FATAL],
      "protocol": [],
      "rank": list(tests),
      "random": [i for i in tests if reports[i].get("random", True)],
  }
