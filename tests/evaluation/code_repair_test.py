"""Tests for `jepa/evaluation/code_repair.py`: which rows a table has."""

from unittest import mock

from absl.testing import absltest
from jepa import checkpoint
from jepa.domains import base
from jepa.evaluation import code_repair
from jepa.planning import rank
import numpy as np
from tests.evaluation import table_test

# By model: its arm, and what it was trained to see.
_MODELS = {
    "jepa-0": ("jepa", "none"),
    "jepa-1": ("jepa", "none"),
    "supervised-0": ("supervised", "none"),
    "no_action-0": ("no_action", "no_action"),
    "shuffled-0": ("shuffled_action", "shuffled_action"),
}


def _model(arm, control):
  config = {"arm": arm, "control": control, "model": {}}
  return checkpoint.Exported({}, None, {"config": config})


class RankCasesTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    knows = lambda state, cs: np.array([[float(c.kind)] for c in cs])
    self.enter_context(mock.patch.object(
        rank, "make_scorers", lambda models: dict.fromkeys(models, knows)
    ))
    case = table_test.make_case([0, 0, 0, 1], [4, 3, 2, 1])
    case = case._replace(
        static={code_repair.REFERENCE: case.static["prior"]},
        candidates=tuple(
            base.Candidate(kind=int(s), start=0, end=1, args=())
            for s in case.success
        ),
    )
    self.cases = [case] * 5
    self.models = {name: _model(*x) for name, x in _MODELS.items()}

  def test_has_controls_of_the_first_of_each_arm_and_arms_beside_others(self):
    rows, arms = code_repair.rank_cases(
        self.models, self.cases, [code_repair.REFERENCE]
    )
    total = {row.name: row.total for row in rows}
    for name in ("jepa-0", "supervised-0"):
      self.assertEqual(total[f"{name}, no action"], total["random"])
      self.assertIn(f"{name}, with the prior", total)
      self.assertIn(f"{name}, outcomes seen", total)
    for name in ("jepa-1", "no_action-0", "shuffled-0"):
      self.assertNotIn(f"{name}, no action", total)
    self.assertEqual(total["jepa-1"], 5.0)
    self.assertEqual(total["no_action-0"], total["random"])
    by_name = {arm.name: arm for arm in arms}
    self.assertEqual(by_name["jepa"].num_seeds, 2)
    self.assertEqual(by_name["jepa"].ratios["supervised"].estimate, 1.0)
    self.assertAlmostEqual(
        by_name["jepa"].ratios[code_repair.REFERENCE].estimate, 0.25
    )


if __name__ == "__main__":
  absltest.main()
