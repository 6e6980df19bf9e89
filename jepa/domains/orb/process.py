"""Runs the verifier once: bytes in, bytes out, with a deadline.

Input and output are anonymous files in memory, so no pipe can fill up and no
thread has to drain one: starting a process costs half of what
`subprocess.run` takes, which counts when a verdict takes milliseconds.
"""

import dataclasses
import os
import select
import signal
import time


class HangError(TimeoutError):
  """A process ran over its deadline and was killed."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Output:
  """code: exit status, negative the number of the signal that ended it."""
  code: int
  stdout: bytes


@dataclasses.dataclass(kw_only=True)
class Process:
  """A started process; `result` must be called, once."""
  pid: int
  pidfd: int
  stdout: int
  deadline: float

  def result(self) -> Output:
    """Waits for the end and returns what was said.

    Raises:
      HangError: the deadline passed; the process is dead by then.
    """
    try:
      is_over = _wait(self.pidfd, self.deadline)
      if not is_over:
        os.kill(self.pid, signal.SIGKILL)
      _, status = os.waitpid(self.pid, 0)
      if not is_over:
        raise HangError(f"process {self.pid} was killed at its deadline.")
      return Output(
          code=os.waitstatus_to_exitcode(status),
          stdout=os.pread(self.stdout, os.fstat(self.stdout).st_size, 0),
      )
    finally:
      os.close(self.pidfd)
      os.close(self.stdout)


def start(argv: list[str], stdin: bytes, *, seconds: float) -> Process:
  """Starts `argv` with `stdin` as its input and an empty environment.

  An empty environment makes verdicts independent of the caller's (and spares
  the backtraces that RUST_BACKTRACE asks for).
  """
  source, target = os.memfd_create("stdin"), os.memfd_create("stdout")
  try:
    _write_all(source, stdin)
    os.lseek(source, 0, os.SEEK_SET)
    pid = os.posix_spawn(
        argv[0],
        argv,
        {},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, source, 0),
            (os.POSIX_SPAWN_DUP2, target, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsigdef=[signal.SIGPIPE],  # Python ignores it; the child shall not.
    )
  except BaseException:
    os.close(target)
    raise
  finally:
    os.close(source)
  return Process(
      pid=pid,
      pidfd=os.pidfd_open(pid),
      stdout=target,
      deadline=time.monotonic() + seconds,
  )


def _write_all(fd: int, content: bytes) -> None:
  view = memoryview(content)
  while view:
    view = view[os.write(fd, view) :]


def _wait(pidfd: int, deadline: float) -> bool:
  """Returns whether the process ended before `deadline`."""
  poll = select.poll()
  poll.register(pidfd, select.POLLIN)
  left = max(deadline - time.monotonic(), 0.0)
  return bool(poll.poll(1000.0 * left))
