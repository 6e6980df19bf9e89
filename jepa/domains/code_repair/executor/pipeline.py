"""Keeping a worker busy with candidates, whatever they do to it."""

import collections
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import errors

_WINDOW = 32  # Candidates on their way at a time.
_MAX_LOSSES = 3


class Answered(NamedTuple):
  """answer is the worker's list, or the `Death` that the job caused."""
  job: dict[str, Any]
  answer: list | connection_lib.Death


class Verified(NamedTuple):
  """All answers so far came from a process in the state it began with."""


class Retracted(NamedTuple):
  """The last answers are void, and will come again.

  Something that a candidate left behind in the process has changed a test.
  The same jobs now run in a process each.
  """
  count: int


def run(
    connection: connection_lib.Connection,
    jobs: Iterable[dict[str, Any]],
    introduce: Callable[[dict[str, Any]], None],
) -> Iterator[Answered | Verified | Retracted]:
  """Yields answers in the order of `jobs`, and checks between them.

  A job that kills its server is answered by the `Death`; those behind it run
  in the next server. If the consumer stops early the rest is cancelled.

  Args:
    connection: to the servers.
    jobs: messages of the operation "execute".
    introduce: tells the server of a job's target.

  Raises:
    WorkerError: servers die without a candidate to blame.
  """
  line = _Line(connection, introduce)
  jobs = iter(jobs)
  losses = 0
  try:
    while True:
      while line.has_room() and (job := next(jobs, None)) is not None:
        line.send(job)
      if line.is_done():
        return
      message = connection.receive()
      if isinstance(message, connection_lib.Death):
        losses = losses + 1 if message.cause == "lost" else 0
        if losses > _MAX_LOSSES:
          raise errors.WorkerError(
              f"{losses} workers in a row died between two candidates"
          )
        yield from line.bury(message)
      elif isinstance(message, list):
        yield from line.answer(message)
      elif message["op"] == "checked":
        yield line.check(message["ok"])
  finally:
    line.cancel()


class _Line:
  """Jobs on their way, and those answered that may have to go again."""

  def __init__(self, connection, introduce):
    self._connection: connection_lib.Connection = connection
    self._introduce = introduce
    self._sent: collections.deque[dict[str, Any]] = collections.deque()
    self._unchecked: list[dict[str, Any]] = []
    self._awaits_check = False

  def has_room(self) -> bool:
    return len(self._sent) < _WINDOW and self._connection.has_room()

  def is_done(self) -> bool:
    return not self._sent and not self._awaits_check

  def send(self, job: dict[str, Any]) -> None:
    self._sent.append(job)
    self._introduce(job)
    self._connection.send(job)

  def answer(self, message: list) -> Iterator[Answered]:
    if self._sent and message[0] == self._sent[0]["job"]:
      job = self._sent.popleft()
      if not job["apart"]:
        self._unchecked.append(job)
      # A process of its own leaves nothing behind to check for.
      self._awaits_check = job["check"] and not job["apart"]
      yield Answered(job, message)

  def check(self, ok: bool) -> Verified | Retracted:
    self._awaits_check = False
    retracted, self._unchecked = self._unchecked, []
    if ok:
      return Verified()
    # The server ends itself now, and then all that is in line goes again.
    again = [{**job, "apart": True, "check": False} for job in retracted]
    self._sent.extendleft(reversed(again))
    return Retracted(len(again))

  def bury(self, death: connection_lib.Death) -> Iterator[Answered]:
    self._awaits_check = False
    if death.cause in ("hang", "crash") and self._sent:
      yield Answered(self._sent.popleft(), death)
    for job in self._sent:
      self._introduce(job)
      self._connection.send(job)

  def cancel(self) -> None:
    if self._sent:
      self._connection.cancel_before(self._sent[-1]["job"] + 1)
