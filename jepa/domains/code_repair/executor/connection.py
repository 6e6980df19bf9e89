"""Servers that die and come back, seen as one."""

from collections.abc import Callable, Mapping
import time
from typing import Any, NamedTuple

from jepa.domains.code_repair.executor import collection
from jepa.domains.code_repair.executor import errors
from jepa.domains.code_repair.executor import process as process_lib
from jepa.domains.code_repair.executor import project as project_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib

_MAX_FALSE_STARTS = 3


class Death(NamedTuple):
  """The server is gone, and another one is ready.

  cause: "hang" and "crash" are the fault of the job that was running;
    "spent" and "lost" are no one's: between two jobs the server gave itself
    up, or was killed.
  test: index of the test that was running, -1 if none.
  job: number of the candidate that was running, -1 if none.
  """
  cause: str
  test: int
  job: int


class Connection:
  """Talks to whichever server is alive.

  Args:
    project, limits: what to run and how much it may take.
    scratch: the copy to run it in.

  Raises:
    ExecutorError: the tests could not be collected; see `errors`.
  """

  def __init__(
      self,
      project: project_lib.Project,
      limits: project_lib.Limits,
      scratch: scratch_lib.Scratch,
  ):
    self._project = project
    self._limits = limits
    self._scratch = scratch
    self._process: process_lib.Process | None = None
    self._server = 0
    self._setup: Mapping[str, Any] | None = None
    self._introduced: set[int] = set()
    self.num_servers = 0
    self.tests: tuple[str, ...] = ()
    self.errors: tuple[str, ...] = ()
    self.layers: tuple[str, ...] = ()
    try:
      self._launch()
      self._meet()
    except BaseException:
      self.close()
      raise

  def set_up(self, message: Mapping[str, Any]) -> None:
    """Tells this server and every later one of the baseline."""
    self._setup = message
    self.send(message)

  def send(self, message: Any) -> None:
    self._process.send(message)

  def introduce(
      self, target: int, message: Callable[[], Mapping[str, Any]]
  ) -> None:
    """Sends what a server must know of a target, once to each server."""
    if target not in self._introduced:
      self._introduced.add(target)
      self.send(message())

  def has_room(self) -> bool:
    """Whether the worker takes messages as fast as they come."""
    return self._process.num_unsent < 1 << 16

  def cancel_before(self, job: int) -> None:
    """Tells the server to skip jobs with a smaller number."""
    self._process.page.cancelled = job

  def receive(self) -> Any:
    """Returns the next message, or a `Death` once the next server is ready."""
    cause = None
    while True:
      try:
        message = self._process.receive(
            idle_seconds=self._limits.start_seconds
        )
      except process_lib.Overdue:
        cause = "lost" if self._process.page.is_idle else "hang"
        self._kill_server()
        continue
      operation = message["op"] if isinstance(message, dict) else ""
      if operation == "spent":
        cause = "spent"
      elif message is None or operation == "died":
        return self._bury(cause, is_alone=message is None)
      else:
        return message

  def _bury(self, cause: str | None, is_alone: bool) -> Death:
    """Says what killed the server, and meets the next one.

    Args:
      cause: if known.
      is_alone: whether no process is left to fork the next one.
    """
    page = self._process.page
    if cause is None:
      cause = "lost" if page.is_idle else "crash"
    death = Death(cause, page.test, page.job)
    if is_alone:
      self._launch()
    self._meet()
    return death

  def close(self) -> None:
    if self._process is not None:
      self._kill_server()
      self._process.close()

  def _kill_server(self) -> None:
    if self._server:
      process_lib.kill_group(self._server)

  def _launch(self) -> None:
    """Starts a process and waits until it has collected the tests."""
    if self._process is not None:
      self.close()
      self._scratch.renew()  # Candidates may have deleted the tests there.
    config = {"mode": "serve"}
    process = self._process = process_lib.Process(
        self._project, self._limits, self._scratch, config
    )
    try:
      collection.await_start(process, self._project, self._limits)
      collected = collection.collect(process, self._project, self._limits)
    except BaseException:
      process.close()  # Or else it would be taken for one that serves.
      raise
    self.tests = tuple(collected["tests"])
    self.errors = tuple(collected["errors"])
    self.layers = tuple(collected["layers"])

  def _meet(self) -> None:
    """Waits for the next server and tells it what it must know."""
    for _ in range(_MAX_FALSE_STARTS):
      deadline = time.monotonic() + self._limits.start_seconds
      try:
        message = self._process.receive(deadline)
      except process_lib.Overdue:
        break
      if message is None:
        self._launch()
      elif message["op"] == "serving":
        self._server = message["pid"]
        self.num_servers += 1
        self._process.drop_unsent()
        self._introduced.clear()
        self.send({"generation": message["generation"]})
        if self._setup is not None:
          self.send(self._setup)
        return
    raise errors.WorkerError(
        f"the worker for {self._project.root} died {_MAX_FALSE_STARTS} times "
        "before it could serve"
    )
