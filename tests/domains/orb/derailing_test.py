"""Tests of coherent plans, and of what spoils them."""

import random

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.orb import actions
from jepa.domains.orb import derailing
from jepa.domains.orb import excision
from jepa.domains.orb import program as program_lib
from tests.domains.orb import samples


def _proposals(count):
  """Returns coherent proposals, their programs' plans in turn."""
  found = []
  for seed in range(count):
    plan, rng = samples.generated_plan(seed), random.Random(seed)
    proposal = derailing.completion(plan, rng, num_steps=9)
    if proposal is not None:
      found.append((plan.target, proposal))
    start, steps = excision.excise(plan.target, rng, num_steps=8)
    if len(steps) > 2:
      found.append((None, derailing.Proposal(start=start, steps=steps)))
  return found


_PROPOSALS = _proposals(16)


def _uses_too_early(proposal, steps):
  """Whether a name is used before the step that first makes it."""
  order = {id(step): i for i, step in enumerate(steps)}
  place = [order.get(id(step)) for step in proposal.steps]
  return any(
      place[i] > place[j]
      for i, j in derailing.counts_on(proposal)
      if place[i] is not None and place[j] is not None
  )


class DerailingTest(parameterized.TestCase):

  def test_completions_complete(self):
    for target, proposal in _PROPOSALS:
      self.assertBetween(len(proposal.steps), 3, 12)
      end = actions.replay(proposal.steps, proposal.start)
      if target is not None:
        self.assertEqual(
            program_lib.canonical(end), program_lib.canonical(target)
        )

  def test_any_coherent_order_leads_to_the_same_end(self):
    """Tests up to the order of elements in lists, which is that of steps."""
    rng, orders = random.Random(0), 0
    for _, proposal in _PROPOSALS:
      other = derailing.reorder(proposal, rng)
      orders += other.steps != proposal.steps
      self.assertFalse(_uses_too_early(proposal, other.steps))
      self.assertEqual(
          program_lib.canonical(
              actions.replay(proposal.steps, proposal.start)
          ),
          program_lib.canonical(actions.replay(other.steps, other.start)),
      )
    self.assertGreater(orders, len(_PROPOSALS) / 4)

  @parameterized.parameters("shuffled", "foreign", "dropped")
  def test_spoilt_plans_still_apply(self, kind):
    """Tests that a spoilt plan is not given away by a place that is missing."""
    rng, spoilt = random.Random(0), 0
    for i, (_, proposal) in enumerate(_PROPOSALS):
      donors = [s for _, p in _PROPOSALS[:i] for s in p.steps]
      if not donors:
        continue
      steps = derailing.DERAILINGS[kind](proposal, donors, rng)
      if steps is None:
        continue
      spoilt += 1
      self.assertTrue(derailing.replays(proposal.start, steps))
      self.assertNotEqual(steps, proposal.steps)
      if kind == "shuffled":
        self.assertTrue(_uses_too_early(proposal, steps))
      if kind == "dropped":
        self.assertLess(len(steps), len(proposal.steps))
    self.assertGreater(spoilt, len(_PROPOSALS) / 4)


if __name__ == "__main__":
  absltest.main()
