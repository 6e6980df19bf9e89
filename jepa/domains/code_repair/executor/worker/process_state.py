"""What a test may change in the process, put back after each candidate."""

import os
import sys
import threading


class ProcessState:
  """A snapshot of what candidates most often leave changed."""

  def __init__(self):
    self._folder = os.getcwd()
    # Its inner table: comparing `os.environ` decodes every variable.
    self._environ = dict(os.environ._data)
    self._recursion_limit = sys.getrecursionlimit()
    self._path = list(sys.path)
    self._streams = (sys.stdout, sys.stderr, sys.stdin)
    self._num_threads = threading.active_count()

  def restore(self) -> None:
    """Puts the snapshot back."""
    if sys.getrecursionlimit() != self._recursion_limit:
      sys.setrecursionlimit(self._recursion_limit)
    if sys.path != self._path:
      sys.path[:] = self._path
    if os.environ._data != self._environ:
      os.environ.clear()
      os.environ.update({
          os.fsdecode(k): os.fsdecode(v) for k, v in self._environ.items()
      })
    sys.stdout, sys.stderr, sys.stdin = self._streams
    if not _is_in(self._folder):
      os.chdir(self._folder)

  @property
  def is_spoilt(self) -> bool:
    """Whether a test left what cannot be put back: threads, closed files."""
    return (
        threading.active_count() > self._num_threads
        or any(stream.closed for stream in self._streams if stream)
    )


def _is_in(folder: str) -> bool:
  try:
    return os.getcwd() == folder
  except FileNotFoundError:  # Its folder was removed.
    return False

