"""What a test may change in the process, put back after each candidate."""

import builtins
import os
import sys
import threading
import time
import unittest

import pytest

# What decides whether tests pass, or how they are run: a replacement that
# stays would change the verdicts of other candidates.
_TRUSTED = (builtins, os, time, pytest, unittest.TestCase)
_MAX_LEAKED_FILES = 8


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
    self._trusted = [dict(vars(thing)) for thing in _TRUSTED]
    self._free_fd = _lowest_free_fd()

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
    """Whether a test left what is not put back: threads, files, patches."""
    return (
        threading.active_count() > self._num_threads
        or any(stream.closed for stream in self._streams if stream)
        or _lowest_free_fd() > self._free_fd + _MAX_LEAKED_FILES
        or any(
            vars(thing) != before
            for thing, before in zip(_TRUSTED, self._trusted)
        )
    )


def _lowest_free_fd() -> int:
  try:
    fd = os.dup(2)
  except OSError:  # All are taken, or the one to copy is closed.
    return sys.maxsize
  os.close(fd)
  return fd


def _is_in(folder: str) -> bool:
  try:
    return os.getcwd() == folder
  except FileNotFoundError:  # Its folder was removed.
    return False

