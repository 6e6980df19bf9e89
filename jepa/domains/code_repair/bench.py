"""A bench: the tests of one function, and versions of it put to them."""

from collections.abc import Collection, Sequence
import dataclasses
import functools

from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import trials


class Bench:
  """Judges versions of a function by a choice of its tests, then by all.

  target: the function.
  tests: indices of those that its states are run on.
  """

  def __init__(
      self,
      checkout: settings_lib.Checkout,
      settings: settings_lib.Settings,
      executor: executor_lib.FastExecutor,
      function: source.Function,
  ):
    self.target = trials.target_of(function)
    self._executor = executor
    self._original = function.text
    self._all_tests = trials.quick_tests(
        executor, trials.sound_tests(executor, self.target)
    )
    self._names = [t.nodeid for t in executor.baseline.tests]
    self.tests = trials.choose_tests(
        self._all_tests, self._names, settings.max_tests
    )
    self._read_text = functools.partial(trials.read_text, checkout.root)

  def execute(
      self, texts: Sequence[str], failing: Collection[str] = ()
  ) -> list[evidence_lib.Execution]:
    """Executes programs against the chosen tests.

    Args:
      texts: the lines of versions of the function.
      failing: nodeids of the tests that fail in the state they come from.
    """
    before = {i for i in self.tests if self._names[i] in failing}
    return list(
        self._executor.execute_many(self.target, texts, self.tests, before)
    )

  def judge(
      self,
      texts: Sequence[str],
      failing: Collection[str],
      sure: int | None = None,
  ) -> list[evidence_lib.Execution]:
    """Is `execute`, but what passes faces all other tests, too.

    Args:
      texts, failing: as of `execute`.
      sure: index of a program that need not.
    """
    executions = self.execute(texts, failing)
    others = sorted(set(self._all_tests).difference(self.tests))
    passed = [
        i
        for i, e in enumerate(executions)
        if e.status == "passed" and i != sure
    ]
    if not others or not passed:
      return executions
    verdicts = self._executor.execute_many(
        self.target, [texts[i] for i in passed], others
    )
    for i, verdict in zip(passed, verdicts):
      if verdict.status != "passed":
        # What was not observed before may have failed before, too.
        executions[i] = dataclasses.replace(
            verdict, num_fixed=executions[i].num_fixed, was_passing=False
        )
    return executions

  def passes_all(self, text: str) -> bool:
    """Whether a program passes every test."""
    execution, = self._executor.execute_many(
        self.target, [text], self._all_tests
    )
    return execution.status == "passed"

  def hangs(self, text: str, count: int) -> bool:
    """Whether one of the first `count` tests hangs."""
    evidence = self._executor.observe(self.target, text, self.tests[:count])
    return any(t.outcome == "hang" for t in evidence.failing)

  def observe(
      self, functions: Sequence[source.Function]
  ) -> list[tuple[evidence_lib.Evidence, records.Observed]]:
    """Runs the chosen tests of versions; see `trials.observe`."""
    return trials.observe(
        self._executor, functions, self.tests, self._read_text,
        original=self._original,
    )
