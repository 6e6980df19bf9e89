"""Tests for `leads`: what candidates executed in vain say."""

import dataclasses

from absl.testing import absltest
from jepa.domains.code_repair import evidence
from jepa.planning.repair import beliefs
from jepa.planning.repair import leads
from jepa.planning.repair import search
from tests.planning.repair import queue_test

_FAILED = evidence.Execution(
    status="failed", num_run=1, failed_test="test_a", exception="ValueError"
)


def make_trials(*executions):
  """Returns trials of the first edits, each less likely than the one before."""
  (suspect, _) = queue_test.make_suspects(passing=(3, 0))
  return [
      search.Trial(
          number=number, probability=1 / number, execution=execution,
          proposal=beliefs.Proposal(suspect=suspect, edit=edit, score=0.0),
      )
      for number, (edit, execution) in enumerate(
          zip(suspect.edits, executions), 1
      )
  ]


class LeadsTest(absltest.TestCase):

  def test_what_came_closest(self):
    helped = dataclasses.replace(_FAILED, num_fixed=1)
    broke = dataclasses.replace(helped, was_passing=True)
    trials = make_trials(_FAILED, broke, _FAILED, helped)
    found = leads.find(trials, is_cut_short=False)
    self.assertEqual(
        [near.outcome for near in found.closest],
        ["mends 1 test, but test_a still fails (ValueError)",
         "mends 1 test, but test_a fails then (ValueError)"],
    )
    self.assertIn("line", found.closest[0].description)
    self.assertIn("may be the first", found.advice)

  def test_where_to_look(self):
    found = leads.find(make_trials(_FAILED), is_cut_short=True)
    self.assertEqual(found.closest, ())
    self.assertEqual([place.line for place in found.places], [3, 4, 5])
    self.assertEqual(found.places[0].suspicion, 0.5)
    self.assertIn("--max_executions", found.advice)
    self.assertIn("larger", leads.find([], is_cut_short=False).advice)


if __name__ == "__main__":
  absltest.main()
