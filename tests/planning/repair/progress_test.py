"""Tests for `progress`."""

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import evidence
from jepa.planning.repair import progress

_TEST = "test_a.py::test_a"


def measure(before, after, **fields):
  """Both are exception and message of the one failing test."""
  known = evidence.TestReport(
      nodeid=_TEST, outcome="failed", seconds=0.0, exception=before[0],
      message=before[1],
  )
  execution = evidence.Execution(**{
      "status": "failed", "failed_test": _TEST, "exception": after[0],
      "message": after[1], **fields,
  })
  return progress.measure(execution, {_TEST: known})


class ProgressTest(parameterized.TestCase):

  @parameterized.parameters(
      (("AssertionError", "assert 9 == 1"), ("AssertionError", "assert 5 == 1"),
       "NEARER"),
      (("AssertionError", "assert 9 == 1"), ("AssertionError", "assert 8 == 1"),
       "NONE"),
      (("AssertionError", "assert 'abcd' == 'abxyz'\n + where"),
       ("AssertionError", "assert 'abxy' == 'abxyz'\n + where"), "NEARER"),
      (("AssertionError", "assert 9 == nan"),
       ("AssertionError", "assert 8 == nan"), "NONE"),
      (("AssertionError", "[1, 2, 3] != [4, 5, 6]"),
       ("AssertionError", "[4, 5, 3] != [4, 5, 6]"), "NEARER"),
      (("AssertionError", "assert [3, 20, 12, 1] == [1, 2, 0, 3]"),
       ("AssertionError", "assert [3, 0, 2, 1] == [1, 2, 0, 3]"), "NEARER"),
      (("AssertionError", "assert [3, 0, 2, 1] == [1, 2, 0, 3]"),
       ("AssertionError", "assert [0, 3, 1, 2] == [1, 2, 0, 3]"), "NONE"),
      (("AssertionError", "assert {'a': 1, 'b': 2} == {'a': 3, 'b': 4}"),
       ("AssertionError", "assert {'b': 4, 'a': 1} == {'a': 3, 'b': 4}"),
       "NEARER"),
      (("AssertionError", "assert (1, 2, 3) == (30, 40, 50)"),
       ("AssertionError", "assert (1, 30, 3) == (30, 40, 50)"), "NONE"),
      (("AssertionError", "assert None == [1, 2]"),
       ("AssertionError", "assert [1, 3] == [1, 2]"), "NEARER"),
      (("AssertionError", "assert f(9)"), ("AssertionError", "assert f(1)"),
       "NONE"),
      (("KeyError", "'a'"), ("AssertionError", "assert 5 == 1"), "MOVED"),
      (("KeyError", "'a'"), ("TypeError", "no len"), "NONE"),
      (("AssertionError", "assert 5 == 1"), ("KeyError", "'a'"), "NONE"),
  )
  def test_of_one_failure(self, before, after, expected):
    self.assertEqual(measure(before, after).name, expected)

  def test_a_test_that_turns_green_says_most(self):
    same = ("AssertionError", "assert 5 == 1")
    found = measure(same, same, num_fixed=1)
    self.assertEqual(found, progress.Progress.FIXED)
    traded = measure(same, same, num_fixed=1, was_passing=True)
    self.assertEqual(traded, progress.Progress.TRADED)
    self.assertLess(traded, progress.Progress.MOVED)

  def test_another_test_that_breaks_says_nothing(self):
    before, after = ("KeyError", ""), ("AssertionError", "assert 5 == 1")
    found = measure(before, after, failed_test="test_b.py::test_b")
    self.assertEqual(found, progress.Progress.NONE)

  def test_hanging_is_no_progress(self):
    before, after = ("KeyError", ""), ("AssertionError", "assert 5 == 1")
    found = measure(before, after, status="hang")
    self.assertEqual(found, progress.Progress.NONE)


if __name__ == "__main__":
  absltest.main()
