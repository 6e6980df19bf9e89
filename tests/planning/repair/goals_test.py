"""Tests for `goals`: which failing tests one edit may mend."""

import pathlib

from absl.testing import absltest
from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import goals

_CORE = '''
LIMIT = 3


def share(x):
  return x + 1


def first(x):
  return share(x) * 2


def second(x):
  return share(x) * 2


def alone(x):
  return x < LIMIT
'''
_TESTS = '''
import core


def test_first():
  assert core.first(1) == 2


def test_first_again():
  assert core.first(2) == 4


def test_second():
  assert core.second(1) == 2


def test_alone():
  assert core.alone(3)


def test_limit():
  assert core.LIMIT == 4


def test_hopeless():
  assert False
'''


class GoalsTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    root = pathlib.Path(absltest.get_default_test_tmpdir(), "goals")
    root.mkdir(parents=True, exist_ok=True)
    (root / "core.py").write_text(_CORE)
    (root / "test_core.py").write_text(_TESTS)
    cls.executor = cls.enterClassContext(
        executor_lib.FastExecutor(executor_lib.Project(root=root))
    )

  def _find(self, *names):
    """Returns tests and suspects of each goal by name, and what is noted."""
    baseline, notes = self.executor.baseline, []
    failing = [baseline.index(f"test_core.py::test_{name}") for name in names]
    found = goals.find(self.executor, failing, notes.append)
    named = [
        (
            [baseline.tests[i].nodeid.partition("::test_")[2] for i in g.tests],
            {s.function.qualname for s in g.suspects if not s.statement},
        )
        for g in found
    ]
    return found, named, notes

  def test_what_all_reach_comes_first_and_alone(self):
    found, named, _ = self._find("first", "first_again", "second")
    self.assertTrue(found[0].is_whole)
    self.assertEqual(named, [
        (["first", "first_again", "second"], {"share"}),
        (["first", "first_again"], {"share", "first"}),
        (["second"], {"share", "second"}),
        (["first_again"], {"share", "first"}),
    ])

  def test_failures_that_share_nothing_are_apart(self):
    found, named, notes = self._find("alone", "second")
    self.assertFalse(any(goal.is_whole for goal in found))
    self.assertEqual(
        named, [(["alone"], {"alone"}), (["second"], {"share", "second"})]
    )
    self.assertEmpty(notes)

  def test_what_others_fail_at_raises_no_suspicion(self):
    (one,), _, _ = self._find("second")
    (share,) = (s for s in one.suspects if s.function.qualname == "share")
    self.assertEqual(share.suspicion, 1.0)
    self.assertLen(share.state.spectrum.failing, 1)
    self.assertEqual(share.state.spectrum.num_failing, 1)

  def test_what_a_test_reads_itself_is_suspected(self):
    found, named, notes = self._find("limit", "alone")
    self.assertEqual(named, [
        (["limit", "alone"], set()), (["alone"], {"alone"}),
        (["limit"], set()),
    ])
    statements = [s.statement.names for s in found[0].suspects if s.statement]
    self.assertEqual(statements, [{"LIMIT"}])
    self.assertEmpty(notes)

  def test_what_reaches_no_code_is_named(self):
    _, named, notes = self._find("hopeless", "alone")
    self.assertEqual(named, [(["alone"], {"alone"})])
    self.assertEqual(
        notes,
        ["test_core.py::test_hopeless: reached no code that may be edited, as "
         "tests and configuration never are; fails with AssertionError: assert "
         "False"],
    )


if __name__ == "__main__":
  absltest.main()
