"""Tests of folders of programs, and of the tasks made from them."""

import itertools
import json
import pathlib
import random

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.orb import actions
from jepa.domains.orb import corpus
from jepa.domains.orb import fragments
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import verdict as verdict_lib
from jepa.domains.orb import walk as walk_lib
from tests.domains.orb import samples


def _approve(programs):
  return [verdict_lib.Verdict(compiles=True) for _ in programs]


def _unordered(value):
  """Returns `value` as text that does not depend on the order of lists."""
  if isinstance(value, dict):
    return json.dumps({k: _unordered(v) for k, v in sorted(value.items())})
  if isinstance(value, list):
    return json.dumps(sorted(map(_unordered, value)))
  return json.dumps(value)


def _renamed(program, **names):
  for old, new in names.items():
    rename = samples.step("rename", slots=(old, new))
    program = actions.apply(program, rename)
  return program


class CorpusTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.folder = pathlib.Path(self.create_tempdir().full_path)

  def _write(self, name, text):
    path = self.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)

  def test_reads_programs_and_nothing_else(self):
    text = json.dumps(samples.wired())
    self._write("b.orb", text)
    self._write("deep/a.orb.json", text)
    self._write("notes.txt", text)
    self._write("broken.json", text[:-3])
    self._write("package.json", '{"name": "x"}')
    entries = corpus.read_folder(self.folder)
    self.assertEqual([e.name for e in entries], ["b.orb", "deep/a.orb.json"])
    self.assertEqual(entries[0].program, samples.wired())

  def test_says_that_there_is_nothing(self):
    with self.assertRaisesRegex(corpus.CorpusError, "no Orb program in"):
      corpus.read_folder(self.folder)

  def test_near_duplicates_are_dropped(self):
    original = samples.generated_plan(1).target
    copy = _renamed(original, id="identifier", INIT="START")
    grown = actions.apply(
        copy,
        samples.step("add_field", "orbitals", 0, slots=("n", "number", None,
                                                        None)),
    )
    other = samples.generated_plan(2).target
    entries = [
        corpus.Entry(name=str(i), program=p)
        for i, p in enumerate((original, copy, grown, other))
    ]
    kept = corpus.distinct(entries)
    self.assertEqual([e.name for e in kept], ["0", "3"])
    bags = [corpus.outline(e.program) for e in entries]
    self.assertEqual(bags[0], bags[1])
    self.assertEqual(corpus.similarity(bags[0], bags[1]), 1.0)
    self.assertLess(corpus.similarity(bags[0], bags[3]), 0.9)


class FragmentsTest(parameterized.TestCase):

  @parameterized.parameters(*range(10))
  def test_holes_can_be_filled(self, seed):
    rng = random.Random(seed)
    program = samples.generated_plan(seed).target
    start, steps, distractors = fragments.make_holes(program, [], rng)
    self.assertEmpty(distractors)
    self.assertNotEqual(_unordered(start), _unordered(program))
    self.assertEqual(
        _unordered(actions.replay(steps, start)), _unordered(program)
    )

  @parameterized.parameters(*range(6))
  def test_parts_are_programs_of_fewer_traits(self, seed):
    program = samples.generated_plan(seed).target
    part = fragments.take_part(program, random.Random(seed))
    traits = [t for _, t in program_lib.traits(program)]
    left = [t for _, t in program_lib.traits(part)]
    self.assertNotEmpty(left)
    self.assertTrue(all(t in traits for t in left))
    names = {t["name"] for t in left}
    for orbital in part["orbitals"]:
      for page in orbital["pages"]:
        self.assertNotEmpty(page["traits"])
        self.assertContainsSubset({r["ref"] for r in page["traits"]}, names)

  def test_repairs_take_out_what_is_rejected(self):
    sound = samples.wired()
    trait = ("orbitals", 0, "traits", 0)
    transition = (*trait, "stateMachine", "transitions", 1)
    bad = actions.replay([
        samples.step("add_effect", *transition, slots=("fetch", ["Ghost"])),
        samples.step("add_effect", *transition, slots=("navigate", ["/x"])),
        samples.step("declare_emit", *trait, slots=("UNHEARD", "external",
                                                    None)),
        samples.step("use_library", "orbitals", 0, slots=("std/list", "List")),
    ], sound)

    def verify(programs):
      """Finds the fault that is there, as the compiler would."""
      (program,) = programs
      text = program_lib.canonical(program)
      path = program_lib.show(transition)
      errors = [
          verdict_lib.Issue(code="E", path=f"{path}.effects[{i}]")
          for i, e in enumerate(
              program_lib.items(program, (*transition, "effects"))
          )
          if e == ["fetch", "Ghost"]
      ]
      warnings = [
          verdict_lib.Issue(
              code="ORB_X_UNUSED_EMISSION", path="traits.TaskToggle"
          )
      ] * ("UNHEARD" in text)
      return [
          verdict_lib.Verdict(
              errors=tuple(errors),
              warnings=tuple(warnings),
              compiles="std/list" not in text,
          )
      ]

    self.assertFalse(verify([bad])[0].is_valid)
    repaired, aside = fragments.repair(bad, random.Random(0), verify)
    self.assertTrue(verify([repaired])[0].is_valid)
    firsts = [record.first_step(repaired) for record in aside]
    self.assertCountEqual(
        [(a.kind, a.slots[0]) for a in firsts],
        [("add_effect", "fetch"), ("declare_emit", "UNHEARD"),
         ("use_library", "std/list")],
    )
    self.assertIn('"navigate"', program_lib.canonical(repaired))
    for action in firsts:
      self.assertFalse(verify([actions.apply(repaired, action)])[0].is_valid)

  def test_tasks_are_decided_by_their_seed(self):
    entry = corpus.Entry(
        name="x.orb", program=samples.generated_plan(4).target
    )

    def tasks():
      found = fragments.sample_tasks(entry, random.Random(7), _approve)
      return list(itertools.islice(found, 5))

    self.assertEqual(tasks(), tasks())
    for task in tasks():
      self.assertEqual(task.origin, "x.orb")
      forks = list(walk_lib.walk(task, random.Random(0), _approve))
      for fork in forks:
        self.assertGreaterEqual(len(fork.actions), 8)

  def test_programs_without_traits_are_no_obstacle(self):
    for program in ({"name": "x", "orbitals": []}, {"orbitals": [3, {}]}):
      entry = corpus.Entry(name="x", program=program)
      found = fragments.sample_tasks(entry, random.Random(0), _approve)
      task = next(found)
      list(walk_lib.walk(task, random.Random(0), samples.judge))


if __name__ == "__main__":
  absltest.main()
