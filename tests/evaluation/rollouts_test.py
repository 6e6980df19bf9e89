"""Tests of bugs that take two edits, and of the searches for them."""

import json
import pathlib

from absl.testing import absltest
from jepa.domains.code_repair import branches
from jepa.domains.code_repair import double_bugs
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import pairs
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings
from jepa.domains.code_repair import trials
from jepa.evaluation import rollouts
import numpy as np
from tests.domains.code_repair import one_function

_SHOP = """\
def total(prices, limit):
  result = 0
  for price in prices:
    if price < limit:
      result += price
  return result
"""
_TESTS = """\
import shop


def test_total():
  assert shop.total([1, 2, 9], 9) == 3


def test_nothing():
  assert shop.total([], 1) == 0
"""
_BROKEN = _SHOP.replace("price <", "price >").replace("result +=", "result -=")


class RolloutsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.root = pathlib.Path(self.create_tempdir().full_path)
    (self.root / "shop.py").write_text(_SHOP)
    (self.root / "test_shop.py").write_text(_TESTS)

  def test_finds_what_takes_two_edits(self):
    checkout = settings.Checkout(
        name="shop-1", root=self.root, files=("shop.py",), tests=()
    )
    few = settings.Settings(num_states=6, num_candidates=4, num_next=1)
    found = list(branches.make_records(checkout, few))
    with trials.make_executor(checkout) as executor:
      bug = next(
          bug for record in found
          for bug in double_bugs.make_double_bugs(record, executor, self.root)
      )
      self.assertEqual(
          double_bugs.DoubleBug.from_json(json.loads(json.dumps(
              bug.to_json()))), bug
      )
      function = bug.state.function
      both = pairs.both(function, *bug.fixes)
      first = trials.edited_text(function, bug.fixes[0])

      def looks(unused_bug, look):
        yield first
        yield records.restore_function(first, bug.target).text
        self.assertIsNotNone(look(first))
        self.assertIsNone(look(both))
        self.assertIsNone(look("def total(:"))
        # What is annotated is evaluated at import: it cannot be swapped in.
        self.assertIsNone(look(first.replace(")", ", other: int = 0)", 1)))
        yield both

      counts = rollouts.Trial(executor, self.root).run({
          "told": lambda bug, look: iter([both]),
          "one edit": lambda bug, look: (
              trials.edited_text(bug.state.function, e) for e in bug.edits
          ),
          "looks": looks,
      }, bug, limit=1000)
    self.assertEqual(counts, {"told": 1, "one edit": None, "looks": 2})

  def test_counts_a_program_once(self):
    search = iter(["a", "b", "a", "b", "c"])
    self.assertEqual(rollouts.count_executions(search, "c".__eq__, 3), 3)
    search = iter(["a", "b", "c"])
    self.assertIsNone(rollouts.count_executions(search, "c".__eq__, 2))

  def test_compares_searches_at_equal_executions(self):
    found = {"greedy": [4, None, 60], "latent rollout": [2, 100, 15]}
    rows = rollouts.summarize(found, limit=200, within=(50, 200))
    greedy, latent = rows["greedy"], rows["latent rollout"]
    self.assertEqual(greedy.repaired, {50: 1, 200: 2})
    self.assertEqual(latent.repaired, {50: 2, 200: 3})
    self.assertAlmostEqual(latent.ratio.estimate, (1 / 16) ** (1 / 3))
    self.assertAlmostEqual(latent.gains[50].estimate, 1 / 3)
    self.assertEqual(greedy.ratio, (1.0, 1.0, 1.0))
    self.assertLen(rollouts.format_rows(rows, 3).splitlines(), 4)
    json.dumps(rollouts.to_json(rows))
    with self.assertRaisesRegex(ValueError, "No function"):
      rollouts.summarize({"greedy": []}, limit=200)

  def test_orders_pairs_by_what_the_model_foresees(self):
    spectrum = localization.Spectrum(
        num_failing=1, num_passing=0, failing={4: 1}, passing={}
    )
    bug = rollouts.make_bug(observation.State(
        function=one_function.parse(_BROKEN), spectrum=spectrum, failure=None
    ))
    fixes = [
        one_function.edit(bug.state.function, *texts)
        for texts in ((">", "<"), ("-=", "+="))
    ]
    first, second = (bug.candidates[bug.edits.index(fix)] for fix in fixes)
    function = bug.state.function
    decoy = next(
        c for c, e in zip(bug.candidates, bug.edits)
        if c != second
        and pairs.both(function, one_function.edit(function, ">", "<"), e)
    )
    is_it = lambda it, candidates: np.array([c == it for c in candidates])
    model = rollouts.Model(
        lambda state, candidates: (
            is_it(first, candidates) + 0.5 * is_it(decoy, candidates)
        )[:, None],
        lambda state, firsts, seconds: 1.0 * (
            is_it(first, firsts)[:, None] & is_it(second, seconds)[None, :]
        ),
    )
    searches = rollouts.make_searches(model)
    self.assertEqual(next(searches["latent rollout"](bug, None)), _SHOP)
    self.assertNotEqual(next(searches["no rollout"](bug, None)), _SHOP)

    # Looks first at what has the best pair, be it unlikely by itself.
    model = model._replace(score_pairs=lambda state, firsts, seconds: 5.0 * (
        is_it(second, firsts)[:, None] & is_it(first, seconds)[None, :]
    ))
    searches = rollouts.make_searches(model)
    texts = [trials.edited_text(function, fix) for fix in fixes]
    self.assertEqual(
        [next(searches[name](bug, None))
         for name in ("greedy", "rollout, then greedy")], texts
    )


if __name__ == "__main__":
  absltest.main()
