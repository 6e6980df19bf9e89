"""Tests for the pipeline, against a server that is only pretended."""

import collections
import dataclasses
import itertools

from absl.testing import absltest
import hypothesis
from hypothesis import strategies as st
from jepa.domains.code_repair.executor import connection
from jepa.domains.code_repair.executor import errors
from jepa.domains.code_repair.executor import pipeline

# What a candidate does: pass; fail; leave something behind; have tests that
# need a process of their own; end the server, or hang in it; be refused.
_KINDS = ("good", "bad", "leak", "rest", "crash", "hang", "invalid")
_CHECK_EVERY = 5


@dataclasses.dataclass
class _Server:
  """The state of one pretended process."""
  is_leaky: bool = False
  is_pristine: bool = True
  num_unchecked: int = 0


class _Connection:
  """Does to messages what `worker.server` does, deaths included.

  Args:
    kinds: what each job's candidate does.
    held_back: how many answers get lost with a server, in turns.
  """

  def __init__(self, kinds, held_back):
    self._kinds = kinds
    self._held_back = itertools.cycle(held_back)
    self._inbox = collections.deque()
    self._outbox = collections.deque()
    self._server = _Server()
    self.cancelled = 0
    self.num_servers = 1

  def send(self, message):
    self._inbox.append(message)

  def has_room(self):
    return True

  def cancel_before(self, job):
    self.cancelled = job

  def receive(self):
    while not self._outbox:
      message = self._inbox.popleft()
      if message["op"] == "check":
        self._check()
      else:
        self._execute(message)
    return self._outbox.popleft()

  def _die(self, cause, job):
    if cause in ("crash", "hang"):
      for _ in range(min(next(self._held_back), len(self._outbox))):
        if isinstance(self._outbox[-1], list):
          self._outbox.pop()
    self._inbox.clear()
    self._server = _Server()
    self.num_servers += 1
    self._outbox.append(connection.Death(cause, 7, job))

  def _check(self):
    ok = not self._server.is_leaky
    self._server.num_unchecked = 0
    self._outbox.append({"op": "checked", "ok": ok})
    if not ok:
      self._die("spent", -1)
    return ok

  def _execute(self, message):
    server, job = self._server, message["job"]
    kind = self._kinds[job]
    if message["apart"] and not server.is_pristine:
      if self._check():
        self._die("spent", -1)
      return
    if kind == "invalid":
      self._answer(job, "invalid", 0)
      return
    if message["apart"]:  # In a fork: nothing of it stays.
      status = {"bad": "failed", "crash": "crash"}.get(kind, "passed")
      self._answer(job, status, message["done"][0] + 1)
      return
    server.is_pristine = False
    if kind in ("crash", "hang"):
      self._die(kind, job)
      return
    fails = kind == "bad" or server.is_leaky
    status = "failed" if fails else "rest" if kind == "rest" else "passed"
    self._answer(job, status, 1)
    server.is_leaky |= kind == "leak"
    server.num_unchecked += 1
    if server.num_unchecked >= _CHECK_EVERY:
      self._check()

  def _answer(self, job, status, num_run):
    self._outbox.append([job, status, num_run, 0, -1, "", "", 0.0])


_WANTED = {
    "good": "passed", "bad": "failed", "leak": "passed", "rest": "passed",
    "crash": "crash", "hang": "hang", "invalid": "invalid",
}


def _jobs(kinds):
  for job in range(len(kinds)):
    yield {"op": "execute", "job": job, "apart": False, "done": (0, 0)}


def _status(event):
  if isinstance(event.answer, connection.Death):
    return event.answer.cause
  return event.answer[1]


class PipelineTest(absltest.TestCase):

  def _run(self, kinds, held_back=(0,), check=True):
    self.connection = _Connection(kinds, held_back)
    events = pipeline.run(
        self.connection, _jobs(kinds), lambda job: None, check=check
    )
    return [e for e in events if isinstance(e, pipeline.Answered)]

  @hypothesis.settings(deadline=None)
  @hypothesis.given(
      st.lists(st.sampled_from(_KINDS), max_size=200),
      st.lists(st.integers(0, 9), min_size=1, max_size=5),
  )
  def test_every_job_gets_its_own_verdict_in_order(self, kinds, held_back):
    answers = self._run(kinds, held_back)
    self.assertEqual(
        [a.job["job"] for a in answers], list(range(len(kinds)))
    )
    for kind, answer in zip(kinds, answers, strict=True):
      self.assertEqual(_status(answer), _WANTED[kind])

  def test_tests_that_passed_already_are_counted_not_repeated(self):
    [answer] = self._run(["rest"])
    self.assertEqual(answer.job["done"], [1, 0])
    self.assertEqual(answer.answer[2], 2)

  def test_those_with_a_rest_share_servers(self):
    self._run(["rest"] * 64)
    self.assertLess(self.connection.num_servers, 10)

  def test_unchecked_answers_come_where_none_asks(self):
    [answer] = self._run(["leak"], check=False)
    self.assertEqual(_status(answer), "passed")

  def test_what_is_not_wanted_is_cancelled(self):
    self.connection = _Connection(["good"] * 1000, (0,))
    stream = pipeline.run(
        self.connection, _jobs(["good"] * 1000), lambda job: None, check=True
    )
    self.assertEqual(next(stream).job["job"], 0)
    stream.close()
    self.assertBetween(self.connection.cancelled, 6, 100)

  def test_a_worker_that_is_behind_gets_its_jobs_one_by_one(self):
    class Slow(_Connection):

      def has_room(self):
        return False

    kinds = ["good", "crash", "rest", "bad"]
    events = pipeline.run(
        Slow(kinds, (0,)), _jobs(kinds), lambda job: None, check=True
    )
    self.assertEqual([_status(e) for e in events], [_WANTED[k] for k in kinds])

  def test_servers_that_die_for_no_reason_end_it(self):
    class Dying(_Connection):

      def receive(self):
        return connection.Death("lost", -1, -1)

    with self.assertRaisesRegex(errors.WorkerError, "in a row"):
      list(pipeline.run(
          Dying(["good"], (0,)), _jobs(["good"]), lambda job: None, check=True
      ))


if __name__ == "__main__":
  absltest.main()
