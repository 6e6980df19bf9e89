"""Tests that programs come apart into steps and together again, exactly."""

import random

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from jepa.domains.orb import actions
from jepa.domains.orb import decompose
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib
from tests.domains.orb import samples


def _leaves(value):
  if isinstance(value, dict):
    return sum(map(_leaves, value.values())) or 1
  if isinstance(value, list):
    return sum(map(_leaves, value)) or 1
  return 1


def _shuffled(plan, rng):
  """Returns the plan's steps in a random order that works."""
  order = []
  while frontier := plan.frontier(order):
    order.append(rng.choice(frontier))
  return [plan.steps[i] for i in order]


class DecomposeTest(parameterized.TestCase):

  @hypothesis.settings(max_examples=150, deadline=None)
  @hypothesis.given(samples.objects())
  def test_any_object_comes_back(self, program):
    steps = decompose.decompose(program)
    self.assertEqual(
        program_lib.canonical(actions.replay(steps)),
        program_lib.canonical(program),
    )

  @parameterized.parameters(*range(12))
  def test_programs_come_back_in_any_order(self, seed):
    program = samples.generated_plan(seed).target
    plan = plan_lib.make_plan(decompose.decompose(program))
    rng = random.Random(seed)
    for _ in range(3):
      steps = _shuffled(plan, rng)
      self.assertLen(steps, len(plan.steps))
      self.assertEqual(
          program_lib.canonical(actions.replay(steps)),
          program_lib.canonical(program),
      )

  @parameterized.parameters(*range(12))
  def test_generated_plans_work_in_any_order(self, seed):
    plan = samples.generated_plan(seed)
    steps = _shuffled(plan, random.Random(seed))
    self.assertEqual(actions.replay(steps), plan.target)

  def test_steps_are_small_and_typed(self):
    program = samples.generated_plan(3).target
    steps = decompose.decompose(program)
    for step in steps:
      for slot in step.slots:
        self.assertLessEqual(_leaves(slot), actions.MAX_LEAVES)
    kinds = [step.kind for step in steps]
    for kind in ("add_orbital", "add_trait", "add_state", "add_transition"):
      self.assertIn(kind, kinds)
    untyped = kinds.count("set_knob") + kinds.count("insert_item")
    self.assertLess(untyped, len(kinds) / 5)

  def test_large_values_take_several_steps(self):
    children = [{"type": "badge", "label": str(i)} for i in range(30)]
    effect = ["render-ui", "main", {"type": "stack", "children": children}]
    path = ("orbitals", 0, "traits", 0, "stateMachine", "transitions", 0)
    program = program_lib.update(
        samples.wired(), (*path, "effects"), lambda old: [*old, effect]
    )
    steps = decompose.decompose(program)
    self.assertGreater(len(steps), 30)
    self.assertEqual(actions.replay(steps), program)

  def test_values_that_python_takes_for_equal_are_told_apart(self):
    for program in ({"a": True}, {"a": 1}, {"a": 1.0}):
      for other in ({"a": True}, {"a": 1}, {"a": 1.0}):
        steps = decompose.steps_between(other, program, ())
        self.assertEqual(
            program_lib.canonical(actions.replay(steps, other)),
            program_lib.canonical(program),
        )

  def test_a_plan_knows_what_must_come_first(self):
    steps = [
        samples.step("add_orbital", slots=("O", "E", "runtime", None)),
        samples.step("add_trait", "orbitals", 0, slots=("T", None, "E")),
        samples.step("add_field", "orbitals", 0, slots=("a", "number", None,
                                                        None)),
        samples.step("add_field", "orbitals", 0, slots=("b", "number", None,
                                                        None)),
    ]
    plan = plan_lib.make_plan(steps)
    self.assertEqual(plan.frontier([]), [0])
    self.assertEqual(plan.frontier([0]), [1, 2])  # Lists keep their order.
    self.assertEqual(plan.frontier([0, 2]), [1, 3])
    with self.assertRaises(actions.ActionError):
      plan_lib.make_plan(steps[1:])


if __name__ == "__main__":
  absltest.main()
