"""Tests that branches are the same however they are made."""

from absl.testing import absltest
from jepa.domains.orb import actions
from jepa.domains.orb import compiler
from jepa.domains.orb import corpus
from jepa.domains.orb import generation
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import traced
from jepa.domains.orb import verdict as verdict_lib
from jepa.domains.orb import walk
from tests.domains.orb import fake
from tests.domains.orb import samples

_HABITS = walk.Habits(num_candidates=4, max_length=3)


def _step(origin, state, action, verdict):
  return traced.read_step(
      traced.to_record(state, action, verdict, origin=origin, intent=("a",))
  )


class GenerationTest(absltest.TestCase):

  def test_parallel_equals_serial_and_cached(self):
    cli = fake.write(self.create_tempdir().full_path)
    cache = self.create_tempdir().full_path
    entry = corpus.Entry(
        name="x.orb", program=samples.generated_plan(4).target
    )
    jobs = [
        *(generation.GeneratedJob(key=f"s/{i}", habits=_HABITS)
          for i in range(3)),
        generation.PublicJob(entry=entry, num_walks=1, habits=_HABITS),
    ]

    def run(num_workers):
      settings = generation.Settings(
          cli=cli, cache=cache, num_workers=num_workers
      )
      return list(generation.run(jobs, settings))

    serial = run(1)
    self.assertEqual([job for job, _ in serial], jobs)
    self.assertTrue(all(branches for _, branches in serial))
    num_runs = fake.num_runs(cli)
    self.assertEqual(run(2), serial)
    self.assertEqual(fake.num_runs(cli), num_runs)  # All was in the cache.

  def test_fails_at_once_without_a_compiler(self):
    settings = generation.Settings(cli="/no/such", num_workers=2)
    with self.assertRaises(compiler.MissingCompilerError):
      next(generation.run([], settings))


class TracedTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.state = samples.wired()
    self.action = samples.step(
        "add_field", "orbitals", 0, slots=("n", "number", None, None)
    )
    self.verdict = verdict_lib.Verdict(compiles=True, passed=9, total=9)

  def test_logged_steps_come_back(self):
    step = _step("me", self.state, self.action, self.verdict)
    self.assertEqual(step.action, self.action)
    self.assertEqual(step.verdict, self.verdict)
    self.assertEqual((step.origin, step.intent), ("me", ("a",)))

  def test_refuses_what_is_no_step(self):
    good = traced.to_record(
        self.state, self.action, self.verdict, origin="me"
    )
    for change in (
        {"action": {"kind": "dance"}},
        {"next_state": {"name": "elsewhere"}},
        {"signals": {"valid": True}},
        {"meta": {}},
        {"state": None},
    ):
      with self.assertRaises(actions.ActionError):
        traced.read_step({**good, **change})

  def test_other_actions_are_tried_beside_the_logged_one(self):
    after = actions.apply(self.state, self.action)
    second = samples.step(
        "add_field", "orbitals", 0, slots=("m", "number", None, None)
    )
    steps = [
        _step("me", self.state, self.action, self.verdict),
        _step("me", after, second, self.verdict),
        _step("you", self.state, second, self.verdict),
    ]
    jobs = traced.make_jobs(steps)
    self.assertEqual([job.key for job in jobs], ["me", "you"])
    asked = []

    def verify(programs):
      asked.extend(map(program_lib.digest, programs))
      return samples.judge(programs)

    first, following = jobs[0].forks(verify)
    self.assertEqual(first.actions[0], self.action)
    self.assertEqual(first.verdicts[0], self.verdict)
    self.assertLen(first.actions, 12)
    self.assertEqual(following.state, after)
    self.assertEqual(following.verdict, self.verdict)  # The log said it.
    self.assertNotIn(program_lib.digest(after), asked)


if __name__ == "__main__":
  absltest.main()
