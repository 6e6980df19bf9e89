"""One process that has imported everything, and servers forked from it."""

from collections.abc import Callable
import os
import signal

from . import sandbox
from . import wire as wire_lib

_NOBODY_ASKS = 17  # A server's exit status when the parent is gone.


def keep_serving(
    serve: Callable[[int, bool], bool], wire: wire_lib.Wire
) -> None:
  """Forks a server at a time, until the parent closes the pipe.

  A server that dies, or that no longer trusts its own state, is replaced
  within milliseconds: nothing is imported or collected again. Where the
  project has started threads, forking is not safe; then this process serves,
  and dies, itself.

  Args:
    serve: takes the server's number and whether it was forked; returns
      whether it should be replaced.
    wire: to the parent, which hears of every death.
  """
  if not _is_single_threaded():
    serve(0, False)
    return
  generation = 0
  zygote = os.getpid()
  strays = Strays()
  while True:
    child = os.fork()
    if child == 0:
      wire.take_over()
      _serve_forked(serve, generation, zygote)
    _, status = os.waitpid(child, 0)
    kill_group(child)
    strays.end()
    code = os.waitstatus_to_exitcode(status)
    if code == _NOBODY_ASKS:
      return
    wire.send({"op": "died", "generation": generation, "code": code})
    generation += 1


class Strays:
  """Processes that tests start, also those that leave their group."""

  def __init__(self):
    sandbox.adopt_orphans()
    self._known = _children()  # The project started them when imported.

  def end(self) -> None:
    """Ends them and their descendants, once their parent has ended."""
    while strays := _children() - self._known:
      for pid in strays:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _children() -> set[int]:
  """Processes that this one has to wait for."""
  try:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
      return set(map(int, file.read().split()))
  except FileNotFoundError:  # Not Linux, or a kernel that does not tell.
    return set()


def become_child(parent: int) -> None:
  """Gives a fork a group of its own, to be killed with all it starts."""
  os.setpgid(0, 0)
  sandbox.die_with(parent)


def run_apart(wire: wire_lib.Wire, work: Callable[[], None]) -> int:
  """Does `work` in a fork of this process and returns its exit code.

  Whatever it changes is gone with it; so are processes that it started.
  """
  parent = os.getpid()
  wire.flush()
  child = os.fork()
  if child == 0:
    code = 1
    try:
      become_child(parent)
      wire.take_over()
      work()
      wire.flush()
      code = 0
    finally:
      os._exit(code)
  _, status = os.waitpid(child, 0)
  kill_group(child)
  return os.waitstatus_to_exitcode(status)


def _serve_forked(serve, generation: int, zygote: int) -> None:
  code = 1
  try:
    become_child(zygote)
    code = 0 if serve(generation, True) else _NOBODY_ASKS
  finally:
    os._exit(code)


def _is_single_threaded() -> bool:
  try:
    return len(os.listdir("/proc/self/task")) == 1
  except FileNotFoundError:  # No such file system: not Linux.
    return False


def kill_group(group: int) -> None:
  """Ends the processes that the server's tests left behind."""
  try:
    os.killpg(group, signal.SIGKILL)
  except ProcessLookupError:
    pass
