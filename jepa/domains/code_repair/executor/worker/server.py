"""Serves jobs: candidates to execute, programs to observe."""

import contextlib
import os
import time
from typing import Any

import pytest

from . import alarm as alarm_lib
from . import candidate
from . import definition
from . import description
from . import live
from . import process_state
from . import runner as runner_lib
from . import suite as suite_lib
from . import tracing
from . import verdict as verdict_lib
from . import wire as wire_lib
from . import zygote

_COMPILE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)
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
    self._import_lines = import_lines
    self._test_files = frozenset(
        # A doctest's file is a file of the project like any other.
        str(i.path) for i in runner.items if isinstance(i, pytest.Function)
    )
    self._targets: dict[int, candidate.Function | str] = {}
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
        "target": self._add_target,
        "execute": self._execute,
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

  def _add_target(self, message: dict) -> None:
    coverage = {int(k): v for k, v in message["coverage"].items()}
    filename = os.path.join(self._root, *message["path"].split("/"))

    def find():
      site = definition.Site(
          filename=filename,
          qualname=message["qualname"],
          lineno=message["lineno"],
          text=message["text"],
          future=message["future"],
      )
      return candidate.Function(
          site,
          coverage=coverage,
          suite=self._suite,
          functions=self._functions,
          import_lines=self._import_lines.get(filename, set()),
      )

    try:
      try:
        target = find()
      except definition.CannotSwap:
        self._import_by_testing(coverage)
        target = find()
    except (definition.CannotSwap, *_COMPILE_ERRORS) as error:
      target = f"{type(error).__name__}: {error}"
    self._targets[message["target"]] = target

  def _import_by_testing(self, coverage: dict[int, list[int]]) -> None:
    """Runs a test, for modules that are imported by tests only."""
    for test in set().union(*coverage.values()):
      self._runner.run(test, self._suite.budget(test))
      break
    self._functions.scan()

  def _execute(self, message: dict) -> None:
    job = message["job"]
    if job < self._page.cancelled:
      return
    if message["apart"] and self._forked:
      if self._is_pristine:
        self._execute_apart(message)
        if message["check"]:  # What ran apart has left nothing behind.
          self._wire.send({"op": "checked", "ok": True})
      else:
        self._is_spent = True  # The parent asks the next server again.
      return
    start = time.perf_counter()
    verdict, tests = self._judge(message)
    self._answer(job, verdict, start)
    if tests:
      self._is_pristine = False
      self._check.note(
          tests[:verdict.num_run], time.perf_counter() - start
      )
      self._clean_up(verdict)
    self._is_spent |= message["apart"]
    is_due = self._check.num_candidates >= self._limits["check_every"]
    if (message["check"] or is_due) and not self._is_spent:
      ok = self._check.run()
      self._is_spent = not ok
      self._wire.send({"op": "checked", "ok": ok})

  def _execute_apart(self, message: dict) -> None:
    """Judges a candidate in a fork of this process, which has run no test."""
    start = time.perf_counter()
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
    seconds = round(time.perf_counter() - start, 6)
    self._wire.send([job, *verdict, seconds])

  def _judge(self, message: dict) -> tuple[verdict_lib.Verdict, list[int]]:
    suite = self._suite
    self._page.begin(-1, time.monotonic() + _PREPARE_SECONDS)
    try:
      swap, tests = self._prepare(message)
    except definition.CannotSwap as error:
      return verdict_lib.Verdict("unswappable", message=str(error)), []
    except _COMPILE_ERRORS as error:
      name, text = description.brief(error)
      return verdict_lib.Verdict("invalid", exception=name, message=text), []
    failing, chosen = message["failing"], message["tests"]
    if failing is None:
      failing = suite.failing
    if chosen is not None or failing is not suite.failing:
      tests = suite.ordered(tests if chosen is None else chosen, failing)
    self._functions.clear_caches()
    verdict = verdict_lib.judge(self._runner, suite, tests, failing, swap)
    self._functions.clear_caches()
    return verdict, tests

  def _prepare(self, message: dict):
    target = self._targets[message["target"]]
    if isinstance(target, str):
      raise definition.CannotSwap(target)
    return target.prepare(message["text"])

  def _clean_up(self, verdict: verdict_lib.Verdict) -> None:
    """Restores the process, or gives it up where that is not enough."""
    self._num_candidates += 1
    self._state.restore()
    if not self._alarm.is_installed:
      self._alarm.install()
    self._is_spent = (
        verdict.exception == "MemoryError"
        or self._state.is_spoilt
        or time.process_time() > self._limits["cpu_seconds"] / 2
        or self._forked and (
            verdict.status == "hang"
            or self._num_candidates >= self._limits["renew_every"]
        )
    )

  # --- observation ------------------------------------------------------------

  def _observe(self, message: dict) -> None:
    """Reports each of some tests, one message a test.

    `target` is None for the program as it is; `trace` is "project", "target"
    or None; with `protocol`, tests run as pytest would, each on its own;
    with `apart`, each in a fork of this process; `last` asks for a new
    server afterwards.
    """
    swap, wanted = contextlib.nullcontext(), self._is_source
    if message["target"] is not None:
      try:
        swap, _ = self._prepare(message)
      except (definition.CannotSwap, *_COMPILE_ERRORS) as error:
        name, text = description.brief(error)
        self._wire.send({"op": "refused", "text": f"{name}: {text}"})
        return
      wanted = self._targets[message["target"]].contains
    self._runner.watch_comparisons(True)
    self._functions.clear_caches()
    tracer = tracing.LineTracer(wanted) if message["trace"] else None
    is_apart = message["apart"] and self._forked
    self._is_pristine &= is_apart
    report = self._report_apart if is_apart else self._report
    with swap:
      for test in message["tests"]:
        report(test, tracer, message)
        self._state.restore()
    self._functions.clear_caches()
    self._runner.watch_comparisons(False)
    self._is_spent = self._forked and message["last"]
    self._wire.send({"op": "observed", "spent": self._is_spent})

  def _is_source(self, code) -> bool:
    """Whether `code` is of the project, its tests left out."""
    name = code.co_filename
    return name.startswith(self._root) and name not in self._test_files

  def _report_apart(self, test: int, tracer: Any, message: dict) -> None:
    code = zygote.run_apart(
        self._wire, lambda: self._report(test, tracer, message)
    )
    if code != 0:
      self._wire.send({"op": "report", "test": test, "outcome": "crash"})

  def _report(self, test: int, tracer: Any, message: dict) -> None:
    budget = message["budget"] or self._suite.traced_budget(test)
    run = self._runner.run
    if message["protocol"]:
      run = self._runner.run_by_protocol
    self._runner.comparisons.clear()
    if tracer:
      tracer.start()
    start = time.perf_counter()
    try:
      result = run(test, budget)
    finally:
      seconds = time.perf_counter() - start
      if tracer:
        tracer.stop()
    lines = tracer.take() if tracer else {}
    exits = tracer.take_exits() if tracer else ()
    self._wire.send({
        "op": "report",
        "test": test,
        "outcome": result.outcome,
        "seconds": round(seconds, 6),
        "random": self._runner.drew_random,
        "lines": {
            os.path.relpath(k, self._root): sorted(v)
            for k, v in lines.items()
        },
        **self._runner.explain(result, test, self._root, exits),
    })
