"""A worker process as the parent sees it: messages, deadlines, death."""

import collections
from collections.abc import Mapping
import dataclasses
import json
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import time
from typing import Any

from jepa.domains.code_repair.executor import errors
from jepa.domains.code_repair.executor import project as project_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib
from jepa.domains.code_repair.executor.worker import sandbox
from jepa.domains.code_repair.executor.worker import starvation
from jepa.domains.code_repair.executor.worker import wire

_LAUNCH = pathlib.Path(__file__).parent / "worker" / "launch.py"
_POLL = 0.1  # Seconds between two looks at a silent worker's deadline.


class Overdue(Exception):
  """The worker is past its deadline: only killing helps."""


class Process:
  """A confined process running `worker/launch.py`.

  It is started without a fork of this process's memory, so threads and an
  initialised JAX backend here do no harm. It dies with the thread that made
  it.

  Args:
    project: what to run.
    limits: of the process.
    scratch: the copy of the project to run it in.
    config: further fields of the worker's first message.

  Raises:
    InterpreterError: the interpreter cannot be started.
  """

  def __init__(
      self,
      project: project_lib.Project,
      limits: project_lib.Limits,
      scratch: scratch_lib.Scratch,
      config: Mapping[str, Any],
  ):
    roots = [
        str(folder)
        for name in project.import_roots
        if (folder := scratch.tree / name).is_dir()
    ]
    with tempfile.TemporaryFile() as file:
      file.truncate(wire.Page.SIZE)
      self.page = wire.Page(file.fileno())
      self.page.rest()
      self._start(project, scratch, roots, file.fileno())
    self._lines: collections.deque[bytes] = collections.deque()
    self._rest = b""
    self._unsent = bytearray()
    self.send({
        "root": f"{scratch.tree}{os.sep}",
        "roots": roots,
        "writable": [str(scratch.base)],
        "tests": list(project.tests),
        "options": list(project.options),
        "limits": dataclasses.asdict(limits),
        "parent": os.getpid(),
        **config,
    })

  def _start(self, project, scratch, roots, page_fd: int) -> None:
    its_read, self._write_fd = os.pipe()
    self._read_fd, its_write = os.pipe()
    inherited = (its_read, its_write, page_fd)
    try:
      self._popen = subprocess.Popen(
          [project.python, str(_LAUNCH), *map(str, inherited)],
          pass_fds=inherited,
          stdin=subprocess.DEVNULL,
          stdout=subprocess.DEVNULL,
          stderr=subprocess.PIPE,
          cwd=scratch.tree,
          env=sandbox.environment(
              str(scratch.home), str(scratch.tmp), roots, project.env
          ),
          start_new_session=True,
      )
    except OSError as error:
      os.close(self._read_fd)
      os.close(self._write_fd)
      raise errors.InterpreterError(
          f"cannot start {project.python}: {error}"
      ) from error
    finally:
      os.close(its_read)
      os.close(its_write)
    os.set_blocking(self._write_fd, False)

  def send(self, message: Any) -> None:
    """Queues a message; it leaves when `receive` has to wait."""
    self._unsent += json.dumps(message, separators=(",", ":")).encode()
    self._unsent += b"\n"

  @property
  def num_unsent(self) -> int:
    """Bytes that the worker had no room for yet."""
    return len(self._unsent)

  def drop_unsent(self) -> None:
    """Forgets what was queued; a line may be left half-written."""
    self._unsent.clear()
    self._unsent += b"\n"

  def receive(
      self,
      deadline: float = float("inf"),
      idle_seconds: float = float("inf"),
  ) -> Any:
    """Returns the next message, None when the process is gone.

    Args:
      deadline: by `time.monotonic`, beside the one the worker sets itself.
      idle_seconds: for how long a worker that runs nothing may be silent.

    Raises:
      Overdue: one of the three has passed.
    """
    last_busy = time.monotonic()
    while True:
      while self._lines:
        message = _parsed(self._lines.popleft())
        if message is not None:
          return message
      self._flush()
      ready = self._wait()
      if self._read_fd in ready:
        chunk = os.read(self._read_fd, 1 << 16)
        if not chunk:
          return None
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._lines.extend(lines)
        continue
      now = time.monotonic()
      if not self.page.is_idle:
        last_busy = now
      if now > min(deadline, last_busy + idle_seconds) or self._is_hung(now):
        raise Overdue

  def _is_hung(self, now: float) -> bool:
    """Whether what runs is over its time, had the machine let it run."""
    page = self.page
    if now <= page.deadline:
      return False
    starved = max(0.0, starvation.seconds_of(page.pid) - page.starved)
    return now > max(page.deadline, min(page.deadline + starved, page.latest))

  def _wait(self) -> set[int]:
    """Waits a moment for the pipes; returns those that are ready."""
    poll = select.poll()  # Unlike `select`, for any number of open files.
    poll.register(self._read_fd, select.POLLIN)
    if self._unsent:
      poll.register(self._write_fd, select.POLLOUT)
    return {fd for fd, _ in poll.poll(_POLL * 1000)}

  def _flush(self) -> None:
    try:
      while self._unsent:
        sent = os.write(self._write_fd, self._unsent)
        del self._unsent[:sent]
    except BlockingIOError:
      pass
    except BrokenPipeError:  # Its death shows when it is listened to.
      self._unsent.clear()

  def failure(self) -> str:
    """What a process that ended early wrote for people to read."""
    self._popen.wait()
    return self._popen.stderr.read().decode(errors="replace").strip()

  def close(self) -> None:
    """Kills the process and those it started; harmless when done twice."""
    kill_group(self._popen.pid)
    self._popen.wait()
    if self._read_fd >= 0:
      os.close(self._read_fd)
      os.close(self._write_fd)
      self._popen.stderr.close()
      self._read_fd = self._write_fd = -1


def _parsed(line: bytes) -> Any:
  try:
    return json.loads(line)
  except ValueError:  # The last words of a process that was killed.
    return None


def kill_group(group: int) -> None:
  try:
    os.killpg(group, signal.SIGKILL)
  except ProcessLookupError:
    pass
