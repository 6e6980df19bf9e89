"""Tests that whatever reads programs can read odd ones."""

import random

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.orb import actions
from jepa.domains.orb import branches
from jepa.domains.orb import catalogue
from jepa.domains.orb import corpus
from jepa.domains.orb import decompose
from jepa.domains.orb import excision
from jepa.domains.orb import generation
from jepa.domains.orb import loose_ends
from jepa.domains.orb import points
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import tampering
from jepa.domains.orb import walk
from tests.domains.orb import odd
from tests.domains.orb import samples


def _programs(count, seed):
  rng = random.Random(seed)
  for _ in range(count):
    yield odd.spoil(samples.generated_plan(rng.randrange(12)).target, rng)


class OddTest(parameterized.TestCase):

  def test_come_apart_and_together_again(self):
    for program in _programs(60, 0):
      steps = decompose.decompose(program)
      self.assertEqual(
          program_lib.canonical(actions.replay(steps)),
          program_lib.canonical(program),
      )

  def test_are_surveyed(self):
    for i, program in enumerate(_programs(60, 1)):
      rng = random.Random(i)
      loose_ends.loose_ends(program)
      corpus.outline(program)
      for facet in catalogue.FACETS:
        catalogue.learn([program], facet)
      excision.excise(program, rng, num_steps=6)
      found = points.points(program)
      for kind in tampering.KINDS:
        tampering.tamper(program, kind, found, rng)

  def test_are_walked_through(self):
    for i, program in enumerate(_programs(30, 2)):
      job = generation.PublicJob(
          entry=corpus.Entry(name=str(i), program=program),
          num_walks=1,
          habits=walk.Habits(max_length=2),
      )
      for fork in job.forks(samples.judge):
        branches.make_branch(fork)

  def test_tampering_sets_one_point(self):
    for i, program in enumerate(_programs(20, 3)):
      own = points.points(program)
      for kind in tampering.KINDS:
        spoilt = tampering.tamper(program, kind, own, random.Random(i))
        if spoilt is None:
          continue
        self.assertEqual(
            program_lib.get(spoilt.program, spoilt.point.path),
            spoilt.point.value,
        )
        self.assertNotEqual(
            program_lib.canonical(spoilt.program),
            program_lib.canonical(program),
        )


if __name__ == "__main__":
  absltest.main()
