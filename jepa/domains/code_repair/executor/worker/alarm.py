"""Budgets of time: an alarm that raises inside whatever is running."""

import signal

from . import starvation
from . import wire
from .clock import clock

_AGAIN = 0.02  # Seconds until the alarm rings again, if it was swallowed.
_GRACE = 0.5  # Seconds past the alarm after which only killing helps.
# Multiples of a test's time by the clock that the machine may withhold from it.
# Beyond that it may be the test itself that keeps the machine busy.
_MOST_STARVED = 10


class Hang(BaseException):
  """Raised in code that used up its budget."""


class Alarm:
  """Rings when a test has used its budget.

  The budget is CPU time, so that a busy machine does not turn slow tests
  into hanging ones. A multiple of it bounds the time by the clock, as for a
  test that sleeps; what passes while the machine runs others does not count.
  `fired` says whether the alarm rang, also where the test swallowed the
  exception.
  """

  def __init__(self, page: wire.Page, wall_factor: float):
    self._page = page
    self._wall_factor = wall_factor
    self._armed = False
    self._cpu_end = 0.0
    self._wall_end = self._latest = 0.0
    self._starvation = starvation.Starvation()
    self._starved = 0.0
    self.fired = False

  def install(self) -> None:
    """Takes the signal over, also from a test that took or blocked it."""
    signal.signal(signal.SIGALRM, self._ring)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})

  @property
  def is_installed(self) -> bool:
    return signal.getsignal(signal.SIGALRM) == self._ring

  def start(self, budget: float, test: int) -> None:
    """Allows `budget` CPU seconds from now on for the test of that index."""
    self.fired = False
    self._cpu_end = clock.process_time() + budget
    wall = budget * self._wall_factor
    self._wall_end = clock.monotonic() + wall
    self._latest = self._wall_end + _MOST_STARVED * wall
    self._starved = self._starvation.seconds()
    self._page.begin(
        test, self._wall_end + _GRACE, self._latest + _GRACE,
        self._starvation.pid, self._starved,
    )
    self._armed = True
    signal.setitimer(signal.ITIMER_REAL, budget, _AGAIN)

  def stop(self) -> None:
    self._armed = False
    signal.setitimer(signal.ITIMER_REAL, 0.0)

  def _ring(self, unused_signum, unused_frame) -> None:
    if not self._armed:
      return
    if clock.process_time() < self._cpu_end:
      starved = self._starvation.seconds() - self._starved
      if clock.monotonic() < min(self._wall_end + starved, self._latest):
        return
    self.fired = True
    raise Hang
