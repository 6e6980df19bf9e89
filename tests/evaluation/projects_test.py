"""Tests for `jepa/evaluation/projects.py`."""

import pathlib

from absl.testing import absltest
from jepa.evaluation import projects
from jepa.evaluation import table
from jepa.planning.repair import errors
import numpy as np

_SHOP = """\
def total(prices):
  result = 0
  for price in prices:
    result -= price
  return result


def mean(prices):
  return total(prices) / len(prices)
"""
_TESTS = """\
import shop


def test_total():
  assert shop.total([1, 2]) == 3


def test_mean():
  assert shop.mean([2, 4]) == 3
"""


class ProjectsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.folder = pathlib.Path(self.create_tempdir().full_path)

  def _write(self, name, source):
    root = self.folder / name
    root.mkdir()
    (root / "shop.py").write_text(source)
    (root / "test_shop.py").write_text(_TESTS)
    return root

  def test_counts_executions_of_every_ranker(self):
    self._write("broken", _SHOP)
    (root,) = projects.find(self.folder)
    case = projects.make_case(root, max_executed=300)
    self.assertEqual(case.origin, "broken")
    self.assertLen(case.success, 300)
    self.assertGreater(case.num_left, 0)
    edits = [edit for part in case.parts for edit in part.edits]
    self.assertLen(edits, 300)
    names = {p.suspect.function.qualname for p in case.parts}
    self.assertEqual(names, {"total", "mean"})

    found = iter(100.0 * case.success)
    knows = lambda state, cs: np.array([[next(found)] for _ in cs])
    rankers = projects.make_rankers({"oracle": knows})
    rankers = {n: rankers[n] for n in ("random", "kind", "oracle")}
    rows = {r.name: r for r in table.tabulate([case], rankers, "random")}
    self.assertEqual(rows["oracle"].total, 1.0)
    self.assertGreater(rows["random"].total, 1.0)

  def test_says_what_is_no_case(self):
    with self.assertRaisesRegex(FileNotFoundError, "no subfolder"):
      projects.find(self.folder)
    with self.assertRaisesRegex(FileNotFoundError, "No folder"):
      projects.find(self.folder / "nowhere")
    root = self._write("green", _SHOP.replace("-=", "+="))
    with self.assertRaisesRegex(errors.RepairError, "no test fails"):
      projects.make_case(root, max_executed=10)


if __name__ == "__main__":
  absltest.main()
