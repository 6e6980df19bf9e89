"""How each test did on the program as it is, and what it may take now."""

from collections.abc import Collection, Iterable, Mapping, Sequence


class Suite:
  """The baseline, as the parent tells it to every new server.

  failing: tests that do not pass on the program as it is.
  random: tests that draw random numbers.
  protocol: tests that pass or fail otherwise when called directly.
  seconds: what each test takes.
  """

  def __init__(self, message: Mapping, limits: Mapping[str, float]):
    self.failing = frozenset(message["failing"])
    self.random = frozenset(message["random"])
    self.protocol: Sequence[int] = message["protocol"]
    self.seconds: Sequence[float] = message["seconds"]
    self._rank: Sequence[int] = message["rank"]
    self._traced_seconds: Sequence[float] = message["traced_seconds"]
    self._hanging = frozenset(message["hanging"])
    self._limits = limits

  def budget(self, test: int) -> float:
    """Seconds that the test may take on a candidate."""
    if test in self._hanging:  # How long it should take is unknown.
      return 3 * self._limits["budget_floor"]
    # The traced run was the first in its process: it paid for imports that
    # tests do themselves, as the first run in a new worker does again.
    first = 1.5 * self._traced_seconds[test]
    return max(first, self._budget(test, self.seconds[test]))

  def traced_budget(self, test: int) -> float:
    """The same while lines are traced, which takes longer."""
    if test in self._hanging:
      return 3 * self._limits["budget_floor"]
    return self._budget(test, self._traced_seconds[test])

  def _budget(self, test: int, seconds: float) -> float:
    floor = self._limits["budget_floor"]
    return max(floor, self._limits["budget_factor"] * seconds)

  def ordered(
      self,
      tests: Iterable[int],
      failing: Collection[int],
      stateful: Collection[int],
  ) -> list[int]:
    """Those that failed before come first, then by the baseline's rank.

    Before the rank counts whether a test needs a process of its own, which
    is not needed where another test fails.
    """
    return sorted(
        tests, key=lambda i: (i not in failing, i in stateful, self._rank[i])
    )
