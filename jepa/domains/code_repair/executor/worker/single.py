"""One clean run of the tests: the referee's side of the worker."""

from typing import Any

from . import alarm as alarm_lib
from . import runner as runner_lib
from . import wire as wire_lib


def run(
    session,
    config: dict[str, Any],
    wire: wire_lib.Wire,
    page: wire_lib.Page,
) -> None:
  """Runs tests by pytest's protocol, in pytest's order, and reports each.

  `only` names the tests to run, None meaning all; `budgets` gives seconds by
  node id where they are known; `stop` ends the run at the first failure.
  """
  alarm = alarm_lib.Alarm(page, config["limits"]["wall_factor"])
  alarm.install()
  runner = runner_lib.Runner(session, alarm)
  runner.insist_on_protocol(range(len(session.items)))
  only = config["only"]
  names = [item.nodeid for item in session.items]
  if only is None:
    tests = list(range(len(names)))
  else:
    order = {name: rank for rank, name in enumerate(only)}
    tests = [i for i, name in enumerate(names) if name in order]
    tests.sort(key=lambda i: order[names[i]])
  for count, test in enumerate(tests, start=1):
    budget = config["budgets"].get(names[test])
    budget = budget or config["limits"]["test_seconds"]
    result = runner.run(test, budget, tests[count:])
    wire.send({
        "op": "report",
        "test": test,
        "outcome": result.outcome,
        **runner.explain(result, test, config["root"]),
    })
    if config["stop"] and result.is_failing:
      break
  wire.send({"op": "finished"})
