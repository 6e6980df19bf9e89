"""JSON lines between the two processes, and a page of memory they share."""

import collections
import fcntl
import json
import mmap
import os
import struct
from typing import Any

from .clock import clock

# High, so that code which closes or reuses small descriptors leaves them be.
_FIRST_FD = 200
# Each write wakes the reader, which costs more than a small candidate.
_HOLD_SECONDS = 0.02
_HOLD_BYTES = 1 << 14


def _move_up(fd: int) -> int:
  """Returns a copy of `fd` that child processes do not inherit."""
  moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_FD)
  os.close(fd)
  return moved


class Wire:
  """The worker's end: blocking, one JSON value a line.

  What is sent may be held back for a moment, until more has come together or
  the worker waits: a worker that dies takes it along.
  """

  def __init__(self, read_fd: int, write_fd: int):
    self._read_fd = _move_up(read_fd)
    self._write_fd = _move_up(write_fd)
    self._lines: collections.deque[bytes] = collections.deque()
    self._rest = b""
    self.take_over()

  def take_over(self) -> None:
    """Makes this process, a fork perhaps, the one that speaks."""
    self._owner = os.getpid()
    self._held = bytearray()
    self._held_since = 0.0

  def send(self, message: Any, *, hold: bool = False) -> None:
    """Sends a message; ends a process that a test has forked off.

    Args:
      message: anything JSON can hold.
      hold: whether it may leave a little later, with others.

    Raises:
      OSError: the other end cannot be reached, because it is gone or because
        a test has closed the pipe.
    """
    if os.getpid() != self._owner:
      os._exit(0)
    os.fstat(self._write_fd)  # Later would be another candidate's turn.
    now = clock.monotonic()
    if not self._held:
      self._held_since = now
    self._held += json.dumps(message, separators=(",", ":")).encode() + b"\n"
    is_due = now - self._held_since > _HOLD_SECONDS
    if not hold or is_due or len(self._held) > _HOLD_BYTES:
      self.flush()

  def flush(self) -> None:
    """Lets go of what was held back."""
    while self._held:
      del self._held[:os.write(self._write_fd, self._held)]

  def receive(self) -> Any:
    """Returns the next message, or None when the other end is closed."""
    line = self._next_line()
    return None if line is None else json.loads(line)

  def skip_to(self, message: Any) -> bool:
    """Drops what was meant for a process that died; False at the end."""
    while (line := self._next_line()) is not None:
      try:
        if json.loads(line) == message:
          return True
      except ValueError:
        continue  # Half a line: its reader died.
    return False

  def _next_line(self) -> bytes | None:
    while not self._lines:
      self.flush()
      chunk = os.read(self._read_fd, 1 << 16)
      if not chunk:
        return None
      *lines, self._rest = (self._rest + chunk).split(b"\n")
      self._lines.extend(lines)
    return self._lines.popleft()


class Page:
  """What the parent must know even of a worker that cannot speak.

  deadline: `clock.monotonic()` after which the worker counts as hanging.
  test: index of the test that runs.
  pid, starved: the process that runs it, and `starvation.seconds_of` it when
    the test began: what was added since moves the deadline.
  latest: whither it moves at most.
  cancelled: jobs with a smaller number need not run any more.
  job: number of the job that runs, -1 where none is to blame.
  """

  _DEADLINE, _TEST, _CANCELLED, _JOB, _PID = range(0, 40, 8)
  _STARVED, _LATEST = 40, 48
  SIZE = 56

  def __init__(self, fd: int):
    self._memory = mmap.mmap(fd, self.SIZE)
    self._double = struct.Struct("d")
    self._long = struct.Struct("q")

  def begin(
      self, test: int, deadline: float, latest: float = 0.0, pid: int = 0,
      starved: float = 0.0,
  ) -> None:
    self._long.pack_into(self._memory, self._TEST, test)
    self._long.pack_into(self._memory, self._PID, pid)
    self._double.pack_into(self._memory, self._STARVED, starved)
    self._double.pack_into(self._memory, self._LATEST, latest)
    self._double.pack_into(self._memory, self._DEADLINE, deadline)

  def rest(self) -> None:
    """Says that nothing runs that could hang."""
    self._double.pack_into(self._memory, self._DEADLINE, float("inf"))
    self.job = -1

  @property
  def deadline(self) -> float:
    return self._double.unpack_from(self._memory, self._DEADLINE)[0]

  @property
  def is_idle(self) -> bool:
    return self.deadline == float("inf")

  @property
  def test(self) -> int:
    return self._long.unpack_from(self._memory, self._TEST)[0]

  @property
  def pid(self) -> int:
    return self._long.unpack_from(self._memory, self._PID)[0]

  @property
  def starved(self) -> float:
    return self._double.unpack_from(self._memory, self._STARVED)[0]

  @property
  def latest(self) -> float:
    return self._double.unpack_from(self._memory, self._LATEST)[0]

  @property
  def cancelled(self) -> int:
    return self._long.unpack_from(self._memory, self._CANCELLED)[0]

  @cancelled.setter
  def cancelled(self, job: int) -> None:
    self._long.pack_into(self._memory, self._CANCELLED, job)

  @property
  def job(self) -> int:
    return self._long.unpack_from(self._memory, self._JOB)[0]

  @job.setter
  def job(self, job: int) -> None:
    self._long.pack_into(self._memory, self._JOB, job)
