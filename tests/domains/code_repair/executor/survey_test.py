"""Tests of what a survey makes of servers that vanish."""

import collections

from absl.testing import absltest
from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import survey

_DONE = {"op": "observed", "spent": False}


def _report(test):
  return {"op": "report", "test": test, "outcome": "passed"}


class _Connection:
  """Answers as it is told, and keeps which tests it was asked for."""

  def __init__(self, answers):
    self._answers = collections.deque(answers)
    self.asked = []

  def send(self, message):
    self.asked.append(list(message["tests"]))

  def receive(self):
    return self._answers.popleft()


def _observe(answers, tests):
  connection = _Connection(answers)
  found = {r["test"]: r["outcome"] for r in survey.observe(
      connection, tests, {}
  )}
  return found, connection.asked


class SurveyTest(absltest.TestCase):

  def test_asks_again_where_a_server_vanished_between_tests(self):
    lost = connection_lib.Death("lost", 1, -1)
    found, asked = _observe([lost, _report(1), _report(2), _DONE], [1, 2])
    self.assertEqual(found, {1: "passed", 2: "passed"})
    self.assertEqual(asked, [[1, 2], [1, 2]])

  def test_blames_a_test_at_which_servers_keep_vanishing(self):
    lost = connection_lib.Death("lost", 1, -1)
    found, asked = _observe([lost] * 4 + [_report(2), _DONE], [1, 2])
    self.assertEqual(found, {1: "lost", 2: "passed"})
    self.assertLen(asked, 5)

  def test_blames_a_test_that_crashes_at_once(self):
    crash = connection_lib.Death("crash", 2, 0)
    found, asked = _observe([_report(1), crash], [1, 2])
    self.assertEqual(found, {1: "passed", 2: "crash"})
    self.assertEqual(asked, [[1, 2]])


if __name__ == "__main__":
  absltest.main()
