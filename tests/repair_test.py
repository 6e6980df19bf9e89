"""Tests for `jepa.repair`, the three functions."""

import pathlib

from absl.testing import absltest
from jepa import repair
from tests.planning.repair import projects

_BUG = next(bug for bug in projects.BUGS if bug.name == "range")


class RepairTest(absltest.TestCase):

  def test_from_a_diagnosis_to_a_written_patch(self):
    root = _BUG.write(pathlib.Path(self.create_tempdir().full_path))
    how = {"test_command": _BUG.test_command, "checkpoint": "none"}

    diagnosis = repair.diagnose(root, **how)
    self.assertEqual(
        diagnosis.failing, ("tests/test_dates.py::test_day_of_year",)
    )
    self.assertEqual(diagnosis.num_tests, 3)
    self.assertIn("day_of_year", [s.name for s in diagnosis.suspicions])
    scores = [s.score for s in diagnosis.suspicions]
    self.assertEqual(scores, sorted(scores, reverse=True))

    proposals = repair.propose(root, count=3, **how)
    self.assertLen({p.diff for p in proposals}, 3)
    self.assertGreaterEqual(
        proposals[0].probability, proposals[-1].probability
    )

    report = repair.repair(root, **how)
    self.assertEqual(report.trials[0].probability, proposals[0].probability)
    repair.write(root, report.patches[0])
    fixed = (root / "dates.py").read_bytes()
    self.assertEqual(fixed, report.patches[0].after["dates.py"])
    with self.assertRaisesRegex(repair.RepairError, "none of the 3 tests"):
      repair.repair(root, **how)

  def test_what_cannot_be_used_is_named(self):
    with self.assertRaisesRegex(repair.RepairError, "/nowhere is not there"):
      repair.diagnose("/nowhere")
    with self.assertRaisesRegex(repair.RepairError, "0 executions"):
      repair.Budget(executions=0)


if __name__ == "__main__":
  absltest.main()
