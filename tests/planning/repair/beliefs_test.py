"""Tests for `beliefs`: what the model is shown of what was tried, and when."""

import math

from absl.testing import absltest
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair import records
from jepa.evaluation import code_repair as evaluation
from jepa.planning.repair import beliefs
from jepa.planning.repair import progress
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import ranking
import numpy as np
from tests.planning.repair import queue_test

_TEST = "test_a.py::test_a"
_SAME = evidence.Execution(
    status="failed", num_run=1, failed_test=_TEST, exception="AssertionError"
)
_HANG = evidence.Execution(status="hang", num_run=1, failed_test=_TEST)
_OUTCOME = 1 + [name for name, _ in nodes.NODE_FEATURES].index("outcome")


class Scorer:
  """Stands in for a trained model: prefers the first candidate it is given.

  seen: each observation and its candidates, in the order of the calls.
  """

  def __init__(self):
    self.seen = []

  def __call__(self, state, candidates):
    self.seen.append((state, candidates))
    return -np.arange(len(candidates), dtype=np.float32)[:, None]


def make_suspect():
  return queue_test.make_suspects(failing={
      _TEST: evidence.TestReport(
          nodeid=_TEST, outcome="failed", seconds=0.0,
          exception="AssertionError",
      )
  })[0]


def try_some(queue, executions):
  tried = []
  for execution in executions:
    tried.append(queue.pop())
    queue.learn(tried[-1], execution, progress.Progress.NONE)
  return tried


class TriesTest(absltest.TestCase):

  def test_the_model_sees_what_evaluation_shows_it(self):
    suspect, scorer = make_suspect(), Scorer()
    queue = queue_lib.Queue([suspect], ranking.learned(scorer, "fake"))
    executions = [_SAME, _HANG]
    tried = try_some(queue, executions)
    self.assertLen(scorer.seen, 1)
    queue.pop()
    self.assertLen(scorer.seen, 2)

    edits = [p.edit for p in tried]
    record = records.Record(
        package="a", target=suspect.target,
        broken=records.Observed(
            text=suspect.function.text, spectrum=suspect.state.spectrum,
            failure=suspect.state.failure,
        ),
        exceptions=suspect.exceptions,
        candidates=tuple(edits), executions=tuple(executions), fix=0,
        following=(),
    )
    expected, _ = evaluation.make_case(record).after([0, 1])
    before, after = (state for state, _ in scorer.seen)
    self.assertEqual(self._rows(after), self._rows(expected))
    self.assertFalse(any(row[_OUTCOME] for row in before.nodes))
    self.assertTrue(any(row[_OUTCOME] for row in after.nodes))

  def _rows(self, state):
    """Returns its nodes with the texts of their symbols."""
    return [(state.symbols[row[0]], *row[1:]) for row in state.nodes]

  def test_only_what_is_left_is_scored_anew_after_2_4_8_outcomes(self):
    scorer = Scorer()
    queue = queue_lib.Queue([make_suspect()], ranking.learned(scorer, "fake"))
    try_some(queue, [_SAME] * 40)
    counts = [len(candidates) for _, candidates in scorer.seen]
    self.assertEqual(
        counts, [counts[0] - n for n in (0, 2, 4, 8, 16, 32)]
    )

  def test_each_edit_still_comes_once(self):
    suspect = make_suspect()
    queue = queue_lib.Queue([suspect], ranking.learned(Scorer(), "fake"))
    tried = try_some(queue, [_SAME] * len(suspect.edits))
    self.assertCountEqual([p.edit for p in tried], suspect.edits)
    self.assertIsNone(queue.pop())

  def test_without_a_model_only_the_rules_speak(self):
    suspect = make_suspect()
    known = beliefs.Beliefs(ranking.static())
    for edit in suspect.edits[:8]:
      one = beliefs.Proposal(suspect=suspect, edit=edit, score=0.0)
      known.learn(one, _SAME, progress.Progress.NONE)
    self.assertEmpty(list(known.due()))
    self.assertLess(known.of(one), 0.0)

  def test_other_suspects_gain_nothing_by_a_second_look(self):
    """What is left of one function shares what it had together."""
    suspect = make_suspect()
    known = beliefs.Beliefs(ranking.learned(Scorer(), "fake"))
    every = [
        beliefs.Proposal(suspect=suspect, edit=edit, score=-float(i % 3))
        for i, edit in enumerate(suspect.edits)
    ]
    left = every[2:]
    for proposal in every[:2]:
      known.learn(proposal, evidence.Execution(status="failed"),
                  progress.Progress.FIXED)
    self.assertEqual(list(known.due()), [suspect])
    known.look_again(suspect, left)
    self.assertEmpty(list(known.due()))
    total = lambda scores: sum(map(math.exp, scores))
    promised = 2.0  # On the line that both are on.
    self.assertEqual(every[0].line, every[1].line)
    self.assertAlmostEqual(
        total(
            known.of(p) - promised * (p.line == every[0].line) for p in left
        ),
        total(p.score for p in left),
        places=3,
    )


if __name__ == "__main__":
  absltest.main()
