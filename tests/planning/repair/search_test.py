"""Tests for `search` and `suspects`: code in many forms, in one project."""

import pathlib
from unittest import mock

from absl.testing import absltest
from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import ledger
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import search
from jepa.planning.repair import suspects

_CORE = '''
import asyncio
import contextlib
import dataclasses
import functools


def decorate(f):
  @functools.wraps(f)
  def inner(x):
    return f(x)
  return inner


@decorate
def decorated(x):
  return x + 3


@functools.lru_cache
def cached(x):
  return x + 3


def default(x, y=3):
  return x + y


def generator(x):
  yield x + 3


async def coroutine(x):
  await asyncio.sleep(0)
  return x + 3


@contextlib.contextmanager
def context(x):
  yield x + 3


def nested(x):
  def inner(y):
    return y + 3
  return inner(x)


anonymous = lambda x: x + 3

OFFSET = 3


def constant(x):
  return x + OFFSET


@dataclasses.dataclass
class Point:
  x: int
  extra: int = 3

  @property
  def total(self):
    return self.x + self.extra

  @classmethod
  def of(cls, x):
    return cls(x, 3)

  @staticmethod
  def static(x):
    return x + 3
'''

_TESTS = '''
import asyncio
import unittest

import core
import pytest


@pytest.fixture
def fixed():
  return core.nested(2)


def test_decorated():
  assert core.decorated(2) == 4


def test_cached():
  assert core.cached(2) == 4


def test_default():
  assert core.default(2) == 4


@pytest.mark.parametrize("x", [2], ids=["a b[::]"])
def test_generator(x):
  assert list(core.generator(x)) == [4]


def test_coroutine():
  assert asyncio.run(core.coroutine(2)) == 4


def test_context():
  with core.context(2) as x:
    assert x == 4


def test_fixture(fixed):
  assert fixed == 4


def test_anonymous():
  assert core.anonymous(2) == 4


def test_constant():
  assert core.constant(2) == 4


class PointTest(unittest.TestCase):

  def test_of(self):
    self.assertEqual(core.Point.of(2), core.Point(2, 2))

  def test_static(self):
    self.assertEqual(core.Point.static(2), 4)


def test_helper():
  assert _helper(2) == 4


def _helper(x):
  return x + 3
'''


def _believe(unused_executor, trial):
  return search.Verified(trial=trial, fixed=("test",), remaining=())


class SearchTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    root = pathlib.Path(absltest.get_default_test_tmpdir(), "forms")
    root.mkdir(parents=True, exist_ok=True)
    (root / "core.py").write_text(_CORE)
    (root / "test_core.py").write_text(_TESTS)
    project = executor_lib.Project(root=root)
    cls.executor = cls.enterClassContext(executor_lib.FastExecutor(project))

  def _first_passing(self, test, executions=120):
    """Returns the first candidate with which one test passes."""
    tests = self.executor.baseline.tests
    others = {t.nodeid for i, t in enumerate(tests) if i != test}
    queue = queue_lib.Queue(
        suspects.find(self.executor, [test]), ranking.static()
    )
    looking = search.Search(self.executor, queue, ignored=others)
    allowance = ledger.Allowance(
        ledger.Ledger(ledger.Budget()), executions
    )
    with mock.patch.object(search, "_HEAD_START", 0.0):
      with mock.patch.object(search, "verify", _believe):
        return next(looking.run(allowance), None)

  def test_every_form_of_code_is_repaired(self):
    for index, test in enumerate(self.executor.baseline.tests):
      if test.nodeid.endswith("test_helper"):
        continue
      with self.subTest(test.nodeid):
        self.assertEqual(test.outcome, "failed")
        self.assertIsNotNone(self._first_passing(index))

  def test_tests_are_not_suspected(self):
    index = self.executor.baseline.index("test_core.py::test_helper")
    self.assertEmpty(suspects.find(self.executor, [index]))

  def test_what_fails_a_test_is_not_tried_again(self):
    index = self.executor.baseline.index("test_core.py::test_cached")
    culprits = {}
    seen = []
    with mock.patch.object(search, "verify", lambda _, trial: None):
      for _ in range(2):
        queue = queue_lib.Queue(
            suspects.find(self.executor, [index]), ranking.static()
        )
        looking = search.Search(
            self.executor, queue, culprits=culprits, on_trial=seen.append
        )
        list(looking.run(ledger.Allowance(ledger.Ledger(ledger.Budget()), 8)))
    failed = [t for t in seen if t.execution.status == "failed"]
    contents = {t.proposal.suspect.edited(t.proposal.edit) for t in failed}
    self.assertLen(seen, 16)
    self.assertLen(contents, len(failed))

  def test_searching_goes_on_where_it_stopped(self):
    index = self.executor.baseline.index("test_core.py::test_cached")
    queue = queue_lib.Queue(
        suspects.find(self.executor, [index]), ranking.static()
    )
    count = sum(len(s.edits) for s in suspects.find(self.executor, [index]))
    seen = []
    looking = search.Search(self.executor, queue, on_trial=seen.append)
    book = ledger.Ledger(ledger.Budget())
    with (
        mock.patch.object(search, "verify", lambda _, trial: None),
        mock.patch.object(search.Search, "_follow"),  # No second edits.
    ):
      while not looking.is_exhausted:
        list(looking.run(ledger.Allowance(book, 7)))
    self.assertLen(seen, count)
    self.assertEqual([t.number for t in seen], list(range(1, count + 1)))

  @mock.patch.object(search.Search, "_follow", lambda *_: None)
  def test_who_stops_early_misses_nothing(self):
    index = self.executor.baseline.index("test_core.py::test_cached")
    found = suspects.find(self.executor, [index])
    others = {
        t.nodeid for i, t in enumerate(self.executor.baseline.tests)
        if i != index
    }
    count = sum(len(s.edits) for s in found)
    numbers, book = [], ledger.Ledger(ledger.Budget())
    for stops in (False, True):
      seen = []
      looking = search.Search(
          self.executor, queue_lib.Queue(found, ranking.static()),
          ignored=others, on_trial=seen.append,
      )
      passing = looking.passing(ledger.Allowance(book, count))
      while stops and next(passing, None):
        passing.close()
        left = count - len(seen)
        passing = looking.passing(ledger.Allowance(book, left))
      list(passing)
      numbers.append({text_of(trial) for trial in seen})
    self.assertLen(seen, count)
    self.assertEqual(*numbers)


def text_of(trial):
  return trial.proposal.suspect.text(trial.proposal.edit)


if __name__ == "__main__":
  absltest.main()
