"""How long a process was ready to run while the machine ran others."""

import fcntl
import os

# High, and never the parent's: see `wire`.
_FIRST_FD = 200
_pread, _getpid = os.pread, os.getpid  # As they were before any test ran.


def seconds_of(pid: int) -> float:
  """Returns what the main thread of a process has waited for a processor.

  Neither sleeping nor waiting for other processes counts. Where the system
  does not tell, it is 0.
  """
  try:
    with open(f"/proc/{pid}/schedstat", "rb") as file:
      return _waited(file.read())
  except OSError:
    return 0.0


def _waited(text: bytes) -> float:
  try:
    _, nanoseconds, _ = text.split()
    return int(nanoseconds) * 1e-9
  except ValueError:
    return 0.0


class Starvation:
  """The same of this process, in microseconds."""

  def __init__(self):
    self.pid = 0
    self._fd = -1

  def seconds(self) -> float:
    if self.pid != _getpid():  # A fork, whose numbers are its own.
      self._open()
    try:
      return _waited(_pread(self._fd, 64, 0))
    except OSError:  # A test may have closed it.
      return 0.0

  def _open(self) -> None:
    self.pid = _getpid()
    try:
      fd = os.open("/proc/self/schedstat", os.O_RDONLY)
    except OSError:
      self._fd = -1
      return
    self._fd = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_FD)
    os.close(fd)
