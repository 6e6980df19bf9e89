"""Tests of all advisors together: kept in one file, and asked odd things."""

import dataclasses
import json
import os
import random

from absl.testing import absltest
from absl.testing import parameterized
import jax
from jepa import manifest
from jepa.domains.orb import program as program_lib
from jepa.planning.advisors import advice as advice_lib
from jepa.planning.advisors import fitting
from jepa.planning.advisors import samples as samples_lib
from jepa.planning.advisors import suite as suite_lib
from tests.domains.orb import odd
from tests.domains.orb import samples


def _questions(count):
  for sample in samples_lib.generated(count, seed=7):
    proposal = sample.proposal(random.Random(0))
    yield advice_lib.Question(
        program=proposal.start, steps=proposal.steps, intent=sample.intent
    )


class SuiteTest(parameterized.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.suite = fitting.fit_suite(samples_lib.generated(24))

  def test_comes_back_from_its_file(self):
    path = os.path.join(self.create_tempdir().full_path, "advisors.npz")
    suite_lib.save(path, self.suite)
    ours = suite_lib.make_advisors(self.suite)
    theirs = suite_lib.make_advisors(suite_lib.load(path))
    for question in _questions(3):
      for before, after in zip(ours, theirs, strict=True):
        a, b = before(question), after(question)
        self.assertEqual(
            [r.about for r in a.remarks], [r.about for r in b.remarks]
        )
        for x, y in zip(a.remarks, b.remarks):
          self.assertAlmostEqual(x.confidence, y.confidence, places=4)

  def test_advice_is_ordered_and_sure_of_itself_or_abstains(self):
    for question in _questions(3):
      for advise in suite_lib.make_advisors(self.suite):
        advice = advise(question)
        sure = [r.confidence for r in advice.remarks]
        self.assertEqual(sure, sorted(sure, reverse=True))
        self.assertTrue(all(0 <= c <= 1 for c in sure))
        self.assertNotEmpty(advice.reason)
        json.dumps(advice.to_json(), allow_nan=False)
        self.assertIn(advice.advisor, advice_lib.format_advice(advice))

  def test_without_a_plan_there_is_nothing_to_say_of_it(self):
    plan, *_ = suite_lib.make_advisors(self.suite)
    advice = plan(advice_lib.Question(program=samples.wired()))
    self.assertTrue(advice.abstained)
    self.assertEqual(advice.reason, "no plan was given")

  def test_needs_the_model_it_was_fitted_with(self):
    suite_lib.check_model(self.suite, "", "it")
    with self.assertRaisesRegex(manifest.ManifestError, "it: .* no model"):
      suite_lib.check_model(self.suite, "abc", "it")

  def test_files_that_are_none(self):
    with self.assertRaisesRegex(FileNotFoundError, "fit_advisors writes"):
      suite_lib.load("/no/such")
    text = self.create_tempfile(content="text").full_path
    with self.assertRaisesRegex(manifest.ManifestError, "no advisors"):
      suite_lib.load(text)

  def test_too_few_programs(self):
    with self.assertRaisesRegex(ValueError, "too few"):
      fitting.fit_suite(samples_lib.generated(2))

  def test_a_judge_depends_on_its_seed_only(self):
    """Tests that fitting is a function: the shipped file can be made again."""
    again = fitting.fit_suite(samples_lib.generated(24))
    for a, b in zip(
        jax.tree.leaves(self.suite.plan.judge.params),
        jax.tree.leaves(again.plan.judge.params),
    ):
      self.assertEqual(a.tolist(), b.tolist())


class ShippedTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.advisors = suite_lib.make_advisors(suite_lib.load(suite_lib.SHIPPED))

  def test_is_small(self):
    self.assertLess(os.path.getsize(suite_lib.SHIPPED), 300_000)

  def test_tells_a_plan_from_itself_spoilt(self):
    plan, right = self.advisors[0], 0
    questions = list(_questions(12))
    for question in questions:
      reverse = dataclasses.replace(question, steps=question.steps[::-1])
      good, bad = plan(question), plan(reverse)
      right += good.remarks[0].score > bad.remarks[0].score
    self.assertGreaterEqual(right, 11)

  def test_odd_programs_are_no_trouble(self):
    rng = random.Random(0)
    for _ in range(60):
      program = odd.spoil(samples.generated_plan(rng.randrange(9)).target, rng)
      steps = samples.generated_plan(rng.randrange(9)).steps[:4]
      question = advice_lib.Question(program=program, steps=steps)
      for advise in self.advisors:
        with self.subTest(program_lib.canonical(program)[:80]):
          json.dumps(advise(question).to_json(), allow_nan=False)


if __name__ == "__main__":
  absltest.main()
