"""Running the program as it is: the baseline of all candidates."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jepa.domains.code_repair.executor import baseline as baseline_lib
from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import errors
from jepa.domains.code_repair.executor import project as project_lib

_PASSING = ("passed", "skipped")
_FATAL = ("hang", "crash")


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
  left = list(tests)
  while left:
    introduce()
    connection.send({**message, "op": "observe", "tests": left})
    while True:
      answer = connection.receive()
      if isinstance(answer, connection_lib.Death):
        if left and answer.cause != "spent":
          yield {"test": left.pop(0), "outcome": answer.cause}
        break
      if answer["op"] == "refused":
        raise errors.CandidateError(answer["text"])
      if answer["op"] == "report":
        left.remove(answer["test"])
        yield answer
      elif answer["op"] == "observed" and not answer["spent"]:
        break


def run(
    connection: connection_lib.Connection,
    project: project_lib.Project,
    limits: project_lib.Limits,
) -> baseline_lib.Baseline:
  """Runs the suite traced, and again as candidates will run it.

  The second run times the tests and shows which ones a direct call would
  judge otherwise than pytest, and which ones change their mind.

  Raises:
    SuiteHangsError: it takes longer than `limits.suite_seconds`.
  """
  everything = range(len(connection.tests))
  connection.set_up(_setup(everything))
  traced = _whole_suite(connection, project, limits)
  judged = [
      i for i in everything
      if traced[i]["outcome"] not in (*_FATAL, "skipped")
  ]
  setup = _setup(everything, traced)
  connection.set_up(setup)
  plain = _plain(connection, judged, limits)
  setup["protocol"] = _differing(traced, plain)
  connection.set_up(setup)
  plain.update(_plain(connection, setup["protocol"], limits))
  setup["seconds"] = [
      plain.get(i, traced[i]).get("seconds", 0.0) for i in everything
  ]
  connection.set_up(setup)
  coverage = {i: traced[i].get("lines", {}) for i in everything}
  return baseline_lib.Baseline(
      tests=tuple(
          baseline_lib.to_report(connection.tests[i], traced[i])
          for i in everything
      ),
      coverage=baseline_lib.invert(coverage),
      seconds=sum(traced[i].get("seconds", 0.0) for i in everything),
      flaky=tuple(_differing(traced, plain)),
      errors=connection.errors,
      layers=connection.layers,
  )


def _whole_suite(
    connection: connection_lib.Connection,
    project: project_lib.Project,
    limits: project_lib.Limits,
) -> dict[int, dict[str, Any]]:
  message = {
      "target": None,
      "trace": True,
      "protocol": True,
      "budget": limits.test_seconds,
      "last": True,
  }
  found: dict[int, dict[str, Any]] = {}
  seconds = 0.0
  for report in observe(
      connection, range(len(connection.tests)), message
  ):
    found[report["test"]] = report
    seconds += report.get("seconds", limits.test_seconds)
    if seconds > limits.suite_seconds:
      raise errors.SuiteHangsError(
          f"{len(found)} of the {len(connection.tests)} tests of "
          f"{project.root} took {seconds:.0f} s, more than the "
          f"{limits.suite_seconds:.0f} s of Limits.suite_seconds; choose "
          "tests with Project.tests"
      )
  return found


def _plain(
    connection: connection_lib.Connection,
    tests: Sequence[int],
    limits: project_lib.Limits,
) -> dict[int, dict[str, Any]]:
  message = {
      "target": None,
      "trace": False,
      "protocol": False,
      "budget": limits.test_seconds,
      "last": False,
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
      "random": [i for i in tests if reports[i].get("random", True)],
  }
