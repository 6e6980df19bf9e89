"""Tests of programs as values."""

import copy
import json

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from tests.domains.orb import samples


class ProgramTest(parameterized.TestCase):

  @hypothesis.settings(max_examples=50, deadline=None)
  @hypothesis.given(samples.objects(), st.randoms())
  def test_canonical_text_ignores_the_order_of_keys(self, value, rng):
    def shuffle(v):
      if isinstance(v, dict):
        pairs = [(k, shuffle(x)) for k, x in v.items()]
        rng.shuffle(pairs)
        return dict(pairs)
      return [shuffle(x) for x in v] if isinstance(v, list) else v

    text = program_lib.canonical(value)
    self.assertEqual(program_lib.canonical(shuffle(value)), text)
    self.assertEqual(json.loads(text), value)
    self.assertEqual(program_lib.parse(text), value)

  @parameterized.parameters("", "{", "[]", "3", '{"a": NaN}', '{"a": 1e999}')
  def test_refuses_what_is_no_program(self, text):
    with self.assertRaises(program_lib.ProgramError):
      program_lib.parse(text)

  def test_update_shares_and_does_not_change(self):
    program = samples.wired()
    before = copy.deepcopy(program)
    path = ("orbitals", 1, "entity", "name")
    changed = program_lib.update(program, path, lambda name: name + "s")
    self.assertEqual(program, before)
    self.assertEqual(program_lib.get(changed, path), "Orders")
    self.assertIs(changed["orbitals"][0], program["orbitals"][0])

  def test_update_makes_what_is_missing(self):
    changed = program_lib.update({}, ("a", "b"), lambda old: [old])
    self.assertEqual(changed, {"a": {"b": [None]}})

  @parameterized.parameters(
      ("name", 0), ("orbitals", 9, "name"), ("orbitals", "first"),
      ("orbitals", -1),
  )
  def test_wrong_paths_are_named(self, *path):
    with self.assertRaises(program_lib.ProgramError):
      program_lib.update(samples.wired(), path, lambda x: x)
    self.assertEqual(
        program_lib.find(samples.wired(), path, "none"), "none"
    )
    if path[-1] != -1:
      with self.assertRaisesRegex(program_lib.ProgramError, "nothing at"):
        program_lib.get(samples.wired(), path)

  def test_roles(self):
    trait = ("orbitals", 3, "traits", 0)
    machine = (*trait, "stateMachine")
    effect = (*machine, "transitions", 1, "effects", 0)
    self.assertEqual(schema.role(()), "program")
    self.assertEqual(schema.role(trait), "trait")
    self.assertEqual(schema.role(effect), "effect")
    self.assertIsNone(schema.role((*effect, 2, "title")))
    self.assertEqual(schema.element_role((*machine, "states")), "state")
    self.assertEqual(schema.enclosing((*effect, 2, "title"), "trait"), trait)
    self.assertIsNone(schema.enclosing(("name",), "trait"))

  def test_shows_paths_as_the_compiler_does(self):
    path = ("orbitals", 0, "entity", "fields", 2, "name")
    self.assertEqual(
        program_lib.show(path), "orbitals[0].entity.fields[2].name"
    )


if __name__ == "__main__":
  absltest.main()
