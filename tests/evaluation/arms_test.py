"""Tests for `jepa/evaluation/arms.py`."""

import json

from absl.testing import absltest
from jepa import stats
from jepa.evaluation import arms
from jepa.evaluation import table
import numpy as np
from tests.evaluation import table_test

# Of three cases with four candidates, one of which works: its place in the
# order of each ranker.
_PLACES = {
    "prior": (2, 4, 4),
    "jepa-0": (1, 4, 2),
    "jepa-1": (4, 1, 2),
    "plain-0": (2, 2, 4),
}
_ARMS = {"jepa-0": "jepa", "jepa-1": "jepa", "plain-0": "plain"}


def _rows():
  cases = [
      table_test.make_case(np.arange(4) == i, [0] * 4) for i in range(3)
  ]
  places = {id(c): i for i, c in enumerate(cases)}

  def ranker(name):
    # One that succeeds is behind `place - 1` that fail.
    def score(case):
      place = _PLACES[name][places[id(case)]]
      scores = np.zeros(4)
      scores[~case.success] = [1.0] * (place - 1) + [-1.0] * (4 - place)
      return scores

    return score

  return table.tabulate(cases, {n: ranker(n) for n in _PLACES}, "prior")


class ArmsTest(absltest.TestCase):

  def test_averages_seeds_before_it_compares_cases(self):
    found = arms.compare(_rows(), _ARMS, ["prior", "plain", "missing"])
    by_name = {arm.name: arm for arm in found}
    self.assertEqual(list(by_name), ["prior", "jepa", "plain"])
    jepa = by_name["jepa"]
    self.assertEqual(jepa.num_seeds, 2)
    self.assertAlmostEqual(jepa.geometric_mean, 2.0)
    self.assertAlmostEqual(jepa.least, 2.0)
    self.assertEqual(jepa.within[1], 1.0)  # One case of either seed.
    expected = stats.paired_ratio([2, 2, 2], _PLACES["plain-0"])
    np.testing.assert_allclose(jepa.ratios["plain"], expected)
    self.assertEqual(list(by_name["plain"].ratios), ["prior"])
    text = arms.format_arms(found, ["prior", "plain", "missing"])
    self.assertLen(text.splitlines(), 2 + 3)
    self.assertNotIn("missing", text)
    json.dumps(arms.to_json(found))

  def test_what_differs_in_more_than_its_seed_is_another_arm(self):
    config = lambda **more: {"arm": "jepa", "model": {"width": 8}} | more
    named = arms.name_arms({
        "a": config(seed=0, start_from="x"),
        "b": config(seed=1, start_from="y", later={"setting": 0}),
    })
    self.assertEqual(named, {"a": "jepa", "b": "jepa"})
    named = arms.name_arms({
        "a": config(seed=0),
        "b": config(seed=1, model={"width": 16}),
        "c": {"arm": "bag"},
        "d": {},
    })
    self.assertEqual(named, {
        "a": "jepa as a", "b": "jepa as b", "c": "bag", "d": "d",
    })


if __name__ == "__main__":
  absltest.main()
