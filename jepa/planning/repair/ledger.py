"""What a repair may spend, and what it has spent."""

import dataclasses
import math
import time

from jepa.planning.repair import errors


@dataclasses.dataclass(frozen=True, kw_only=True)
class Budget:
  """What a repair may spend.

  executions: candidates executed.
  seconds: wall time.
  patches: verified patches after which to stop, and to show at the most.

  Raises:
    RepairError: nothing may be spent.
  """
  executions: int = 5000
  seconds: float = 300.0
  patches: int = 1

  def __post_init__(self):
    for name, value in dataclasses.asdict(self).items():
      if not value > 0:
        raise errors.RepairError(
            "budget", f"a repair with {value} {name} can do nothing: give more"
        )


class Ledger:
  """Counts executions and seconds of one repair, from its start.

  Args:
    budget: what may be spent.
  """

  def __init__(self, budget: Budget):
    self._budget = budget
    self._start = time.monotonic()
    self.executions = 0

  @property
  def seconds(self) -> float:
    return time.monotonic() - self._start

  @property
  def seconds_left(self) -> float:
    return max(0.0, self._budget.seconds - self.seconds)

  @property
  def room(self) -> int:
    """Executions that are left; none when the time is up."""
    if not self.seconds_left:
      return 0
    return max(0, self._budget.executions - self.executions)

  def spend(self) -> int:
    """Counts one execution; returns its number, from 1."""
    self.executions += 1
    return self.executions


class Allowance:
  """A part of a ledger's room, for one search.

  Args:
    ledger: what is spent from; perhaps an allowance itself.
    executions: how many more it may count.
    seconds: wall time from now on.
  """

  def __init__(
      self,
      ledger: "Ledger | Allowance",
      executions: int,
      seconds: float = math.inf,
  ):
    self._ledger = ledger
    self._last = ledger.executions + executions
    self._end = ledger.seconds + seconds

  @property
  def executions(self) -> int:
    return self._ledger.executions

  @property
  def seconds(self) -> float:
    """Since the start of the whole repair."""
    return self._ledger.seconds

  def spend(self) -> int:
    """Counts one execution; returns its number in the whole repair."""
    return self._ledger.spend()

  @property
  def room(self) -> int:
    if self.seconds >= self._end:
      return 0
    left = self._last - self._ledger.executions
    return max(0, min(left, self._ledger.room))
