"""Tests for `jepa/evaluation/table.py`."""

from absl.testing import absltest
from jepa.domains import base
from jepa.evaluation import table
import numpy as np

_STATE = base.Observation(symbols=("", "x"), nodes=((1, 0),))


def make_case(success, static):
  candidates = tuple(
      base.Candidate(kind=0, start=0, end=1, args=()) for _ in success
  )
  return table.Case(
      state=_STATE,
      candidates=candidates,
      success=np.array(success, bool),
      static={"prior": np.array(static, float)},
      origin="p",
  )


class TableTest(absltest.TestCase):

  def test_counts_executions_to_the_first_success(self):
    cases = [
        make_case([0, 0, 1, 0], [4, 3, 2, 1]),
        make_case([1, 0, 0, 0], [4, 3, 2, 1]),
    ]
    rows = table.tabulate(
        cases, table.make_rankers({}, ["prior"]), reference="prior"
    )
    by_name = {r.name: r for r in rows}
    self.assertAlmostEqual(by_name["prior"].total, 3 + 1)
    self.assertAlmostEqual(by_name["prior"].geometric_mean, 3**0.5)
    self.assertEqual(by_name["prior"].ratio, 1.0)
    self.assertEqual(by_name["prior"].within[1], 1)
    # One success among four, in random order: (4 + 1) / (1 + 1).
    self.assertAlmostEqual(by_name["random"].median, 2.5)
    self.assertAlmostEqual(by_name["random"].auc, 0.5)

  def test_controls_cost_what_ignoring_or_spoiling_the_action_costs(self):
    # The scorer sees which candidate solves the case.
    success = np.arange(64) == 7
    case = make_case(success, np.zeros(64))
    candidates = tuple(
        base.Candidate(kind=int(s), start=0, end=1, args=()) for s in success
    )
    case = case._replace(candidates=candidates)
    scorer = lambda state, cs: np.array([[float(c.kind)] for c in cs])
    rankers = table.make_rankers({"model": scorer}, ["prior"])
    rows = {r.name: r for r in table.tabulate([case], rankers, "prior")}
    self.assertEqual(rows["model"].total, 1.0)
    self.assertEqual(rows["model, no action"].total, rows["random"].total)
    self.assertGreater(rows["model, shuffled actions"].total, 1.0)

  def test_scores_anew_once_outcomes_are_seen(self):
    # The scorer is wrong until it has seen that candidates 0 and 1 fail.
    success = np.arange(64) == 7
    case = make_case(success, np.zeros(64))
    told = base.Observation(symbols=("", "x"), nodes=((1, 1),))
    case = case._replace(
        candidates=tuple(
            base.Candidate(kind=i, start=0, end=1, args=()) for i in range(64)
        ),
    )
    case = case._replace(after=lambda tried: (told, case.candidates))
    scorer = lambda state, cs: np.array(
        [[float(c.kind == 7 if state == told else -c.kind)] for c in cs]
    )
    rankers = table.make_rankers({"model": scorer}, ["prior"])
    rows = {r.name: r for r in table.tabulate([case], rankers, "prior")}
    self.assertEqual(rows["model"].total, 8.0)
    self.assertEqual(rows["model, outcomes seen"].total, 3.0)

  def test_says_whether_logits_can_be_believed(self):
    cases = [make_case([0, 1, 0, 0], [-9, 9, -9, -9]) for _ in range(4)]
    rankers = table.make_rankers({}, ["prior"])
    rows = {r.name: r for r in table.tabulate(
        cases, rankers, "prior", logits=["prior"]
    )}
    found = rows["prior"].calibration
    self.assertLess(found["ece"], 1e-3)
    self.assertEqual([b["count"] for b in found["bins"]], [12, 4])
    self.assertIsNone(rows["random"].calibration)
    self.assertEqual(rows["prior"].executions, (1.0,) * 4)
    text = table.format_calibration(list(rows.values()))
    self.assertIn("1.00:1.00(4)", text)

  def test_probabilities_are_of_all_candidates(self):
    few, many = np.array([2.0, -1.0]), np.zeros(2800)
    np.testing.assert_array_equal(table.at_large(few), few)
    chance = 1 / (1 + np.exp(-table.at_large(many)))
    np.testing.assert_allclose(chance, 1 / 101, rtol=1e-6)

  def test_controls_run_on_the_models_asked_for(self):
    scorer = lambda state, cs: np.zeros((len(cs), 1))
    models = {"a": scorer, "b": scorer}
    rankers = table.make_rankers(models, [], controlled=["b"])
    self.assertIn("b, no action", rankers)
    self.assertNotIn("a, no action", rankers)

  def test_leaves_out_cases_that_nothing_solves(self):
    cases = [make_case([0, 0], [1, 2]), make_case([1, 0], [1, 2])]
    rows = table.tabulate(cases, table.make_rankers({}, ["prior"]), "prior")
    self.assertEqual(rows[-1].total, 2.0)
    with self.assertRaisesRegex(ValueError, "nothing to rank"):
      table.tabulate(cases[:1], table.make_rankers({}, ["prior"]), "prior")


if __name__ == "__main__":
  absltest.main()
