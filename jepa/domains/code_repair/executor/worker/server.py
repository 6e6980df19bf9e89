"""Serves jobs: candidates to execute, programs to observe."""

from collections.abc import Sequence
import os
from typing import Any

import pytest

from . import alarm as alarm_lib
from . import definition
from . import description
from . import live
from . import observer
from . import process_state
from . import runner as runner_lib
from . import suite as suite_lib
from . import targets as targets_lib
from . import verdict as verdict_lib
from . import wire as wire_lib
from . import zygote
from .clock import clock

_PREPARE_SECONDS = 10.0  # For compiling and placing one candidate.


class Server:
  """One process's answers; it ends when its state can no longer be trusted.

  Args:
    config: what the parent sent first.
    wire, page: to the parent.
    alarm: rings in tests that `runner` runs.
    runner: of the collected session.
    functions: the index of live functions.
    import_lines: by file name, lines of functions that ran at collection.
  """

  def __init__(
      self,
      *,
      config: dict[str, Any],
      wire: wire_lib.Wire,
      page: wire_lib.Page,
      alarm: alarm_lib.Alarm,
      runner: runner_lib.Runner,
      functions: live.LiveFunctions,
      import_lines: dict[str, set[int]],
  ):
    self._wire = wire
    self._page = page
    self._root: str = config["root"]
    self._limits: dict[str, float] = config["limits"]
    self._alarm = alarm
    self._runner = runner
    self._functions = functions
    test_files = frozenset(
        # A doctest's file is a file of the project like any other.
        str(i.path) for i in runner.items if isinstance(i, pytest.Function)
    )
    self._observer = observer.Observer(runner, wire, self._root, test_files)
    self._targets = targets_lib.Targets(
        self._root, runner, functions, import_lines
    )
    self._num_candidates = 0
    self._is_pristine = True  # No test has run in this process.
    self._is_spent = False

  def run(self, generation: int, forked: bool) -> bool:
    """Answers until spent; False where nobody asks any more.

    Args:
      generation: the server's number, by which the parent knows it.
      forked: whether another server can take over in milliseconds.
    """
    self._forked = forked
    self._alarm.install()
    self._page.rest()
    self._state = process_state.ProcessState()
    self._wire.send({
        "op": "serving", "pid": os.getpid(), "generation": generation,
    })
    if not self._wire.skip_to({"generation": generation}):
      return False
    operations = {
        "setup": self._set_up,
        "target": lambda message: self._targets.add(message, self._suite),
        "execute": self._execute,
        "check": lambda unused_message: self._verify(),
        "observe": self._observe,
    }
    while (message := self._wire.receive()) is not None:
      operations[message["op"]](message)
      self._page.rest()
      if self._is_spent:
        self._wire.send({"op": "spent"})
        return True
    return False

  def _set_up(self, message: dict) -> None:
    self._suite = suite_lib.Suite(message, self._limits)
    self._check = verdict_lib.LeakCheck(self._runner, self._suite)
    self._runner.insist_on_protocol(self._suite.protocol)
    self._runner.seed_only(self._suite.random)

  # --- candidates -------------------------------------------------------------

  def _execute(self, message: dict) -> None:
    """Judges a candidate, here or, if it is to be `apart`, in a fork.

    Here only tests run for which it does not matter what ran before; the
    verdict "rest" asks for the others, of which `done` tells the parent's
    count later. A process that has run tests does not fork for that: it asks
    to be replaced, and the parent asks again.
    """
    if message["job"] < self._page.cancelled:
      return
    if message["apart"] and not self._is_pristine:
      self._give_up()
      return
    self._page.job = message["job"]
    start = clock.perf_counter()
    if message["apart"] and self._forked:
      self._execute_apart(message, start)
      return
    verdict, tests = self._judge(message)
    self._answer(message["job"], verdict, start)
    if tests:
      self._is_pristine = False
      hung = verdict.status == "hang"
      self._check.note(
          tests, 0.0 if hung else clock.perf_counter() - start
      )
      self._clean_up(verdict.exception)
      self._is_spent |= self._forked and hung
    if message["apart"]:
      self._is_spent = True
    elif self._is_spent:
      self._give_up()
    elif self._check.num_candidates >= self._limits["check_every"]:
      self._verify()

  def _execute_apart(self, message: dict, start: float) -> None:
    code = zygote.run_apart(
        self._wire,
        lambda: self._answer(message["job"], self._judge(message)[0], start),
    )
    if code != 0:
      verdict = verdict_lib.Verdict("crash", 1, test=self._page.test)
      self._answer(message["job"], verdict, start)

  def _answer(
      self, job: int, verdict: verdict_lib.Verdict, start: float
  ) -> None:
    seconds = round(clock.perf_counter() - start, 6)
    self._wire.send([job, *verdict, seconds], hold=True)

  def _judge(
      self, message: dict
  ) -> tuple[verdict_lib.Verdict, Sequence[int]]:
    """Returns a verdict and the tests that ran."""
    self._page.begin(-1, clock.monotonic() + _PREPARE_SECONDS)
    try:
      swap, tests = self._targets.prepare(message)
    except definition.CannotSwap as error:
      return verdict_lib.Verdict("unswappable", message=str(error)), ()
    except targets_lib.COMPILE_ERRORS as error:
      name, text = description.brief(error)
      return verdict_lib.Verdict("invalid", exception=name, message=text), ()
    target = self._targets[message["target"]]
    failing, chosen = message["failing"], message["tests"]
    if failing is None:
      failing = self._suite.failing
    if chosen is not None or failing is not self._suite.failing:
      tests = target.ordered(tests if chosen is None else chosen, failing)
    num_done, num_fixed = message["done"]
    end = len(tests)
    if not message["apart"]:
      end = next(
          (n for n, i in enumerate(tests) if i in target.stateful), end
      )
    verdict = verdict_lib.judge(
        self._runner, self._suite, tests[num_done:end], failing, swap
    )
    ran = tests[num_done:num_done + verdict.num_run]
    if verdict.status == "passed" and end < len(tests):
      verdict = verdict._replace(status="rest")
    return verdict._replace(
        num_run=num_done + verdict.num_run,
        num_fixed=num_fixed + verdict.num_fixed,
    ), ran

  def _clean_up(self, exception: str = "") -> None:
    """Restores the process, or gives it up where that is not enough."""
    self._functions.clear_caches()
    self._num_candidates += 1
    self._state.restore()
    if not self._alarm.is_installed:
      self._alarm.install()
    self._is_spent = (
        exception == "MemoryError"
        or self._state.is_spoilt
        or clock.process_time() > self._limits["cpu_seconds"] / 2
        or self._forked
        and self._num_candidates >= self._limits["renew_every"]
    )

  def _verify(self) -> bool:
    """Tells the parent whether the tests still do as they did at first."""
    self._page.job = -1
    ok = self._check.run()
    self._is_spent |= not ok
    self._wire.send({"op": "checked", "ok": ok})
    return ok

  def _give_up(self) -> None:
    """Lets another server take over, its own answers checked."""
    self._verify()
    self._is_spent = True

  # --- observation ------------------------------------------------------------

  def _observe(self, message: dict) -> None:
    """Reports each of some tests, one message a test.

    `target` is None for the program as it is; `trace` says whether to trace
    lines; with `protocol`, tests run as pytest would, each on its own; tests
    in `apart` run in a fork each, of a process that has run no test; `last`
    asks for a new server afterwards.
    """
    self._functions.clear_caches()
    swap, contains = None, None
    if message["target"] is not None:
      try:
        swap, _ = self._targets.prepare(message)
      except (definition.CannotSwap, *targets_lib.COMPILE_ERRORS) as error:
        name, text = description.brief(error)
        self._wire.send({"op": "refused", "text": f"{name}: {text}"})
        return
      contains = self._targets[message["target"]].contains
    apart = frozenset(message["apart"] if self._forked else ())
    tests = message["tests"]
    here = [i for i in tests if i not in apart]
    forked = [i for i in tests if i in apart] if self._is_pristine else []
    outcomes = set()
    start = clock.perf_counter()
    with self._observer.watching(message, swap, contains):
      for test in forked:
        self._observer.report_apart(test, self._suite)
      for test in here:
        outcomes.add(self._observer.report(test, self._suite))
        self._state.restore()
    if here:
      self._is_pristine = False
      self._check.note(here, clock.perf_counter() - start)
      self._clean_up()
    self._is_spent |= self._forked and (
        message["last"]
        or "hang" in outcomes
        or len(forked) + len(here) < len(tests)
    )
    self._wire.send({"op": "observed", "spent": self._is_spent})
