"""Running tests to tell all there is to tell of them."""

from collections.abc import Callable, Iterator
import contextlib
import os
from types import CodeType

from . import runner as runner_lib
from . import suite as suite_lib
from . import swap as swap_lib
from . import tracing
from . import wire as wire_lib
from . import zygote
from .clock import clock


class Observer:
  """Sends a report of each test, of a candidate or of the program as it is.

  Args:
    runner: of the collected session.
    wire: to the parent.
    root: folder of the project, with a separator at the end.
    test_files: files whose lines are not traced.
  """

  def __init__(
      self,
      runner: runner_lib.Runner,
      wire: wire_lib.Wire,
      root: str,
      test_files: frozenset[str],
  ):
    self._runner = runner
    self._wire = wire
    self._root = root
    self._test_files = test_files

  @contextlib.contextmanager
  def watching(
      self,
      message: dict,
      swap: swap_lib.Swap | None,
      contains: Callable[[CodeType], bool] | None,
  ) -> Iterator[None]:
    """What holds while the tests of a message run.

    Args:
      message: of the operation "observe".
      swap: puts a candidate in place.
      contains: whether to trace that code; by default all of the project.
    """
    self._budget = message["budget"]
    self._run = self._runner.run
    if message["protocol"]:
      self._run = self._runner.run_by_protocol
    self._tracer = None
    if message["trace"]:
      self._tracer = tracing.LineTracer(contains or self._is_source)
    self._runner.watch_comparisons(True)
    try:
      with swap or contextlib.nullcontext():
        yield
    finally:
      self._runner.watch_comparisons(False)

  def _is_source(self, code: CodeType) -> bool:
    """Whether `code` is of the project, its tests left out."""
    name = code.co_filename
    return name.startswith(self._root) and name not in self._test_files

  def report_apart(self, test: int, suite: suite_lib.Suite) -> None:
    """Runs a test in a fork of this process and sends its report."""
    code = zygote.run_apart(self._wire, lambda: self.report(test, suite))
    if code != 0:
      self._wire.send({"op": "report", "test": test, "outcome": "crash"})

  def report(self, test: int, suite: suite_lib.Suite) -> str:
    """Runs a test, sends its report, and returns its outcome."""
    budget = self._budget or suite.traced_budget(test)
    tracer = self._tracer
    self._runner.comparisons.clear()
    if tracer:
      tracer.start()
    start = clock.perf_counter()
    try:
      result = self._run(test, budget)
    finally:
      seconds = clock.perf_counter() - start
      if tracer:
        tracer.stop()
    lines = tracer.take() if tracer else {}
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
        **self._runner.explain(result, test, self._root),
    }, hold=True)
    return result.outcome
