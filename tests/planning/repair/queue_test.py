"""Tests for `queue`, `ranking` and the static rankers, without executing."""

import dataclasses
import math
from unittest import mock

from absl.testing import absltest
from jepa.baselines import code_repair as baselines
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import source
from jepa.planning.repair import progress
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import suspects

_SOURCE = b"""
def first(x, y):
  if x < y:
    return x - 1
  return y + 1


def second(a):
  b = a + 2
  return b * 3
"""
_FAILED = evidence.Execution(status="failed", num_run=1)
_HELPED = evidence.Execution(status="failed", num_run=2, num_fixed=1)


def make_suspects(passing=(0, 0), failing=()):
  """One failing test reaches all lines; `passing[i]` tests the i-th too."""
  made = []
  for function, count in zip(source.functions(_SOURCE, "a.py"), passing):
    lines = range(function.lineno + 1, function.end_lineno + 1)
    spectrum = localization.Spectrum(
        num_failing=1,
        num_passing=count,
        failing=dict.fromkeys(lines, 1),
        passing=dict.fromkeys(lines, count),
    )
    state = observation.State(
        function=function, spectrum=spectrum, failure=None
    )
    made.append(suspects.Suspect(
        state=state, num_failing=1, failing=dict(failing)
    ))
  return made


def drain(queue):
  found = []
  while (proposal := queue.pop()) is not None:
    found.append(proposal)
  return found


class BaselinesTest(absltest.TestCase):

  def test_the_mix_orders_by_line_then_by_kind(self):
    suspect = make_suspects()[0]
    spectrum = localization.Spectrum(
        num_failing=1, num_passing=3, failing={3: 1, 4: 1}, passing={3: 3}
    )
    state = observation.State(
        function=suspect.function, spectrum=spectrum, failure=None
    )
    scores = baselines.ochiai_kind(state, suspect.edits)
    kind = {k: i for i, k in enumerate(edits_lib.KINDS)}
    blame = {2: 0.5, 3: 0.5, 4: 1.0, 5: 0.0}
    tokens = suspect.function.tokens
    for edit, score in zip(suspect.edits, scores):
      lines = {t.line for t in tokens[edit.start:edit.end]}
      if len(lines) == 1:
        self.assertAlmostEqual(
            score, 100 * blame[lines.pop()] - kind[edit.kind]
        )

  def test_every_ranker_scores_every_edit(self):
    suspect = make_suspects()[0]
    for name, ranker in baselines.RANKERS.items():
      with self.subTest(name):
        scores = ranker(suspect.state, suspect.edits)
        self.assertLen(scores, len(suspect.edits))


class QueueTest(absltest.TestCase):

  def test_every_edit_comes_once_best_first(self):
    both = make_suspects(passing=(0, 1))
    queue = queue_lib.Queue(both, ranking.static())
    found = drain(queue)
    self.assertLen({id(p) for p in found}, sum(len(s.edits) for s in both))
    scores = [p.score for p in found]
    self.assertEqual(scores, sorted(scores, reverse=True))
    self.assertAlmostEqual(sum(map(queue.probability, found)), 1.0)

  def test_suspects_are_opened_when_it_is_their_turn(self):
    both = make_suspects(passing=(0, 99))
    queue = queue_lib.Queue(both, ranking.static())
    for _ in both[0].edits:
      self.assertEqual(queue.pop().suspect.function.qualname, "first")
    self.assertEqual(
        queue.num_candidates, {both[0].key: len(both[0].edits)}
    )
    self.assertEqual(queue.pop().suspect.function.qualname, "second")

  def test_bounds_hold(self):
    suspect = make_suspects(passing=(2, 2))[0]
    random = lambda state, candidates: _Column([
        math.sin(i) for i in range(len(candidates))
    ])
    for ranker in (ranking.static(), ranking.learned(random, "sine")):
      self.assertLessEqual(
          max(ranker.score(suspect)), ranker.bound(suspect) + 1e-9
      )

  def test_a_model_spreads_the_probability_of_its_function(self):
    suspect = make_suspects()[0]
    ranker = ranking.learned(
        lambda state, candidates: _Column([0.0] * len(candidates)), "flat"
    )
    total = sum(map(math.exp, ranker.score(suspect)))
    self.assertAlmostEqual(total, 1.0)  # Suspicion is 1.

  def test_the_cheapest_are_popped_out_of_turn(self):
    def cost(proposal):
      is_const = proposal.edit.kind == "const"
      return proposal.edit.start if is_const else None

    queue = queue_lib.Queue(make_suspects(), ranking.static())
    self.assertEmpty(queue.take_cheapest(3, cost))  # Nothing is open yet.
    first = queue.pop()
    taken = queue.take_cheapest(3, cost)
    self.assertLen(taken, 3)
    rest = drain(queue)
    self.assertNoCommonElements([first, *taken], rest)
    left = [
        cost(p) for p in rest if p.suspect is first.suspect and cost(p)
    ]
    self.assertLessEqual(max(map(cost, taken)), min(left))

  def test_what_was_tried_in_vain_moves_back(self):
    queue = queue_lib.Queue(make_suspects()[:1], ranking.static())
    first = queue.pop()
    for _ in range(200):
      queue.learn(first, _FAILED, progress.Progress.NONE)
    rest = drain(queue)
    line = lambda p: p.line == first.line
    self.assertFalse(any(map(line, rest[:20])))
    self.assertTrue(any(map(line, rest)))

  def test_where_a_test_turned_green_moves_forward(self):
    queue = queue_lib.Queue(make_suspects()[:1], ranking.static())
    everything = [queue.pop() for _ in range(30)]
    last = everything[-1]
    before = [p.line for p in everything].count(last.line)
    queue = queue_lib.Queue(make_suspects()[:1], ranking.static())
    queue.learn(queue.pop(), _FAILED, progress.Progress.NONE)
    queue.learn(last, _HELPED, progress.Progress.FIXED)
    after = [queue.pop().line for _ in range(30)].count(last.line)
    self.assertGreater(after, before)


  def test_what_follows_progress_waits_for_its_turn(self):
    (suspect, other), seen = make_suspects(), []
    queue = queue_lib.Queue([suspect], ranking.static())
    first = queue.pop()
    after = dataclasses.replace(other, origin=suspect, first=first.edit)
    queue.extend(
        first, progress.Progress.NEARER, lambda p: seen.append(p) or after
    )
    self.assertIsNone(queue.pop().suspect.first)
    self.assertEmpty(seen)
    found = drain(queue)
    self.assertEqual(seen, [first])
    self.assertLen([p for p in found if p.suspect is after], len(after.edits))
    self.assertLess(
        max(p.score for p in found if p.suspect is after), first.score
    )

  @mock.patch.object(queue_lib, "_TRIES_PER_FIRST_EDIT", 10)
  def test_a_model_is_not_asked_for_second_edits_all_the_time(self):
    (suspect, other), found, places = make_suspects(), [], []
    flat = lambda state, candidates: _Column([0.0] * len(candidates))
    queue = queue_lib.Queue([suspect], ranking.learned(flat, "flat"))
    for _ in range(3):
      first = queue.pop()
      after = dataclasses.replace(other, origin=suspect, first=first.edit)
      queue.extend(
          first, progress.Progress.FIXED,
          lambda p, after=after: places.append(len(found)) or after,
      )
    while (proposal := queue.pop()) is not None:
      found.append(proposal)
    count = min(queue_lib._MAX_SECOND_EDITS, len(other.edits))
    self.assertLen(found, len(suspect.edits) - 3 + 3 * count)
    self.assertLen(places, 3)
    self.assertGreaterEqual(places[1], 10 - 3)
    self.assertGreaterEqual(places[2], 20 - 3)

  def test_second_edits_are_forgotten_when_one_is_enough(self):
    suspect, other = make_suspects()
    queue = queue_lib.Queue([suspect], ranking.static())
    first = queue.pop()
    after = dataclasses.replace(other, origin=suspect, first=first.edit)
    queue.extend(first, progress.Progress.FIXED, lambda p: after)
    while queue.pop().suspect is not after:
      pass
    queue.extend(first, progress.Progress.FIXED, lambda p: after)
    queue.forget_second_edits()
    self.assertNotIn(after, [p.suspect for p in drain(queue)])


class _Column:
  """Stands in for an array of logits of one signal."""

  def __init__(self, values):
    self._values = values

  def __getitem__(self, index):
    assert index == (slice(None), 0)
    return self

  def tolist(self):
    return self._values


if __name__ == "__main__":
  absltest.main()
