"""Tests of walks, on a verifier that knows no compiler."""

import random

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.orb import actions
from jepa.domains.orb import generation
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import verdict as verdict_lib
from jepa.domains.orb import walk as walk_lib
from tests.domains.orb import samples


def _approve(programs):
  return [verdict_lib.Verdict(compiles=True) for _ in programs]


def _walk(seed, verify=samples.judge, **habits):
  task = walk_lib.Task(
      origin="test", intent=(), plan=samples.generated_plan(seed)
  )
  rng = random.Random(seed)
  return list(walk_lib.walk(task, rng, verify, walk_lib.Habits(**habits)))


class WalkTest(parameterized.TestCase):

  @parameterized.parameters(*range(6))
  def test_forks_are_what_they_say(self, seed):
    forks = _walk(seed)
    self.assertNotEmpty(forks)
    for fork in forks:
      self.assertLen(fork.actions, 12)
      self.assertEqual([fork.verdict], samples.judge([fork.state]))
      self.assertEqual(list(fork.verdicts), samples.judge(fork.programs))
      for action, program in zip(fork.actions, fork.programs):
        self.assertEqual(actions.apply(fork.state, action), program)
      texts = {program_lib.canonical(p) for p in fork.programs}
      self.assertLen(texts, len(fork.programs))
      self.assertNotIn(program_lib.canonical(fork.state), texts)

  @parameterized.parameters(*range(6))
  def test_goes_on_along_what_was_taken(self, seed):
    forks = _walk(seed, hurry=0.0)
    for fork, following in zip(forks, forks[1:]):
      self.assertEqual(following.state, fork.programs[fork.taken])

  @parameterized.parameters(*range(6))
  def test_reaches_the_target_if_it_never_strays(self, seed):
    forks = _walk(seed, verify=_approve, straying=0.0, max_length=99)
    last = forks[-1]
    self.assertEqual(
        program_lib.canonical(last.programs[last.taken]),
        program_lib.canonical(samples.generated_plan(seed).target),
    )

  def test_is_decided_by_its_seed(self):
    self.assertEqual(_walk(3), _walk(3))
    job = generation.GeneratedJob(key="train/5")
    self.assertEqual(
        list(job.forks(samples.judge)), list(job.forks(samples.judge))
    )

  def test_mostly_takes_valid_steps(self):
    taken = [
        fork.verdicts[fork.taken].is_valid
        for seed in range(10)
        for fork in _walk(seed, straying=0.1)
    ]
    offered = [
        verdict.is_valid
        for seed in range(10)
        for fork in _walk(seed, straying=0.1)
        for verdict in fork.verdicts
    ]
    share = sum(taken) / len(taken)
    self.assertGreater(share, sum(offered) / len(offered) + 0.1)

  def test_repairs_are_offered_after_straying(self):
    repaired = 0
    for seed in range(12):
      forks = _walk(seed, straying=1.0, hurry=0.0)
      for before, fork in zip(forks, forks[1:]):
        back = program_lib.canonical(before.state)
        reached = map(program_lib.canonical, fork.programs)
        repaired += back in reached
    self.assertGreater(repaired, 10)

  def test_plans_are_moved_by_stray_steps(self):
    """A state that was not planned moves those that are planned after it."""
    trait = ("orbitals", 0, "traits", 0)
    steps = [
        samples.step("add_trait", "orbitals", 0, slots=("T", None, "Task")),
        samples.step("add_field", "orbitals", 0, slots=("a", "number", None,
                                                        None)),
        samples.step(
            "add_state", "orbitals", 0, "traits", 1, slots=("s", "initial")
        ),
    ]
    plan = plan_lib.make_plan(steps, samples.wired())
    remaining = walk_lib._Remaining(plan)
    stray = samples.step("use_behavior", "orbitals", 0,
                         slots=("browse", "B", None, None))
    remaining.rebase(samples.wired(), stray)
    self.assertEqual(
        remaining.steps[2].at, ("orbitals", 0, "traits", 2)
    )
    remove = samples.step("remove", *trait)
    remaining.rebase(actions.apply(samples.wired(), stray), remove)
    self.assertEqual(
        remaining.steps[2].at, ("orbitals", 0, "traits", 1)
    )
    gone = samples.step("remove", "orbitals", 0)
    remaining.rebase(samples.wired(), gone)
    self.assertEmpty(remaining.steps)


if __name__ == "__main__":
  absltest.main()
