"""Keeping a worker busy with candidates, whatever they do to it."""

import collections
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import errors

_WINDOW = 64  # Candidates on their way at a time.
_REST_TOGETHER = 16  # Each such group costs a new server.
_MAX_LOSSES = 3

Job = dict[str, Any]


class Answered(NamedTuple):
  """answer is the worker's list, or the `Death` that the job caused."""
  job: Job
  answer: list | connection_lib.Death


class Retracted(NamedTuple):
  """That many answers were void, and will be found again.

  Something that a candidate left behind in the process has changed a test.
  The same jobs now run in a process each.
  """
  count: int


def run(
    connection: connection_lib.Connection,
    jobs: Iterable[Job],
    introduce: Callable[[Job], None],
    *,
    check: bool,
) -> Iterator[Answered | Retracted]:
  """Yields answers in the order of `jobs`.

  A job that kills its server is answered by the `Death`; those behind it run
  in the next server. If the consumer stops early the rest is cancelled.

  Args:
    connection: to the servers.
    jobs: messages of the operation "execute".
    introduce: tells the server of a job's target.
    check: whether to hold each answer back until the process that gave it
      is known to be in the state it began with.

  Raises:
    WorkerError: servers die without a candidate to blame.
  """
  line = _Line(connection, introduce)
  jobs = iter(jobs)
  losses = 0
  try:
    while True:
      if line.is_short():
        while line.has_room() and (job := next(jobs, None)) is not None:
          line.add(job)
      if not line.is_waiting() and not line.finish(check):
        break
      message = connection.receive()
      if isinstance(message, connection_lib.Death):
        is_loss = message.cause != "spent" and not line.holds(message.job)
        losses = losses + 1 if is_loss else 0
        if losses > _MAX_LOSSES:
          raise errors.WorkerError(
              f"{losses} workers in a row died between two candidates"
          )
        line.bury(message)
      elif isinstance(message, list):
        line.answer(message)
      elif message["op"] == "checked" and (count := line.check(message["ok"])):
        yield Retracted(count)
      yield from line.release(only_checked=check)
    yield from line.release(only_checked=False)
  finally:
    line.cancel()


class _Line:
  """Jobs in their order: on their way, answered, and to go again.

  Attributes of it, by number of the job:
    order: all that are not yet released.
    sent: on their way to the server, oldest first.
    rest: passed all tests but those that need a process of their own.
    answers: the last answer of each.
    unchecked: those that ran in the server since its state was checked.
  """

  def __init__(self, connection, introduce):
    self._connection: connection_lib.Connection = connection
    self._introduce = introduce
    self._order: collections.deque[int] = collections.deque()
    self._sent: collections.deque[Job] = collections.deque()
    self._rest: list[Job] = []
    self._answers: dict[int, Answered] = {}
    self._unchecked: dict[int, Job] = {}
    self._awaits_check = False

  def is_short(self) -> bool:
    return len(self._sent) <= _WINDOW // 2

  def has_room(self) -> bool:
    """Whether to add a job: always, where none is on its way."""
    if not self._sent:
      return True
    return len(self._sent) < _WINDOW and self._connection.has_room()

  def is_waiting(self) -> bool:
    return bool(self._sent) or self._awaits_check

  def holds(self, number: int) -> bool:
    """Whether that job is on its way."""
    return any(job["job"] == number for job in self._sent)

  def add(self, job: Job) -> None:
    self._order.append(job["job"])
    self._send(job)

  def finish(self, check: bool) -> bool:
    """Sends what is left to do once all have been sent; False if nothing."""
    if self._rest:
      self._send_rest()
    elif check and self._unchecked:
      self._awaits_check = True
      self._connection.send({"op": "check"})
    else:
      return False
    return True

  def answer(self, message: list) -> None:
    if not self._sent or message[0] != self._sent[0]["job"]:
      return  # Of a stream that was cancelled.
    job = self._sent.popleft()
    number, status, num_run, num_fixed = message[:4]
    if not job["apart"]:
      self._unchecked[number] = job
    if status == "rest":
      self._rest.append({**job, "apart": True, "done": [num_run, num_fixed]})
      if len(self._rest) >= _REST_TOGETHER:
        self._send_rest()
    else:
      self._answers[number] = Answered(job, message)

  def check(self, ok: bool) -> int:
    """Believes the server's answers or retracts them; returns how many."""
    self._awaits_check = False
    jobs = list(self._unchecked.values())
    self._unchecked.clear()
    if ok:
      return 0
    # The server ends itself now, and then all that is in line goes again.
    self._put_back({**job, "apart": True} for job in jobs)
    return len(jobs)

  def bury(self, death: connection_lib.Death) -> None:
    """Blames the job that ran, and asks the next server about the others.

    Answers of a server that could not be checked any more are not believed.
    """
    self._awaits_check = False
    if death.cause in ("hang", "crash") and self.holds(death.job):
      job = next(job for job in self._sent if job["job"] == death.job)
      self._sent.remove(job)
      self._answers[death.job] = Answered(job, death)
    jobs = list(self._unchecked.values())
    self._unchecked.clear()
    self._put_back(jobs)
    for job in self._sent:
      self._introduce(job)
      self._connection.send(job)

  def release(self, only_checked: bool) -> Iterator[Answered]:
    while self._order:
      number = self._order[0]
      if number not in self._answers:
        return
      if only_checked and number in self._unchecked:
        return
      self._order.popleft()
      yield self._answers.pop(number)

  def cancel(self) -> None:
    if self._order:
      self._connection.cancel_before(self._order[-1] + 1)

  def _send(self, job: Job) -> None:
    self._sent.append(job)
    self._introduce(job)
    self._connection.send(job)

  def _send_rest(self) -> None:
    rest, self._rest = self._rest, []
    for job in rest:
      self._send(job)

  def _put_back(self, jobs: Iterable[Job]) -> None:
    """Puts jobs in front of the line, to be sent with all of it."""
    again = list(jobs)
    numbers = {job["job"] for job in again}
    for number in numbers:
      self._answers.pop(number, None)
    self._rest = _without(self._rest, numbers)
    self._sent = collections.deque([*again, *_without(self._sent, numbers)])


def _without(jobs: Iterable[Job], numbers: Collection[int]) -> list[Job]:
  return [job for job in jobs if job["job"] not in numbers]
