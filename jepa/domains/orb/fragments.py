"""Tasks from public programs: parts of them, with holes to be filled again.

A whole public program is large, and often invalid for a reason of its own. So
a task takes some of its traits, puts aside what the compiler rejects (these
are steps that somebody took in earnest: the task's distractors), makes holes,
and plans to fill them, in an order that is drawn at random among those that
work.
"""

from collections.abc import Iterator
import dataclasses
import random

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import corpus
from jepa.domains.orb import decompose
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from jepa.domains.orb import verdict as verdict_lib
from jepa.domains.orb import walk as walk_lib

Action = actions_lib.Action
Json = program_lib.Json
Path = program_lib.Path
Program = program_lib.Program
Rng = random.Random

# What may be missing, and how often rather than others.
_HOLES = {
    "trait": 0.5,
    "page": 2,
    "attachment": 0.5,
    "field": 3,
    "state": 1,
    "event": 2,
    "payload": 2,
    "transition": 2,
    "guard": 1,
    "effect": 4,
    "knob": 4,
    "emit": 1,
    "listener": 1,
    "tick": 1,
}
_NUM_HOLES = (1, 1, 2, 2, 3, 4)
_MAX_STEPS = 6  # To fill one hole; a larger part is left alone, mostly.
_MAX_REPAIRS = 6
_MAX_PARTS = 4


def sample_tasks(
    entry: corpus.Entry, rng: Rng, verify: walk_lib.Verify
) -> Iterator[walk_lib.Task]:
  """Yields tasks from one program, without end."""
  description = entry.program.get("description")
  intent = str(entry.program.get("name", "")).split("-")
  if isinstance(description, str):
    intent += description.split()
  while True:
    sound, aside = _take_sound_part(entry.program, rng, verify)
    start, steps, distractors = make_holes(sound, aside, rng)
    yield walk_lib.Task(
        origin=entry.name,
        intent=tuple(intent[:8]),
        plan=plan_lib.make_plan(steps, start),
        distractors=tuple(distractors),
    )


def _take_sound_part(program, rng, verify):
  """Returns a repaired part that is valid, if one is found soon."""
  for _ in range(_MAX_PARTS):
    sound, aside = repair(take_part(program, rng), rng, verify)
    if verify([sound])[0].is_valid:
      break
  return sound, aside


def take_part(program: Program, rng: Rng) -> Program:
  """Returns `program` with only a few of its orbitals and traits.

  Traits that hear each other are taken together where possible; pages keep
  the traits that are left.
  """
  paths = [path for path, _ in program_lib.traits(program)]
  if not paths:
    return program
  names = {path: _wiring(program_lib.get(program, path)) for path in paths}
  taken = [rng.choice(paths)]
  for _ in range(rng.choice((0, 1, 1, 2, 3))):
    heard = set().union(*(names[path] for path in taken))
    rest = [path for path in paths if path not in taken]
    near = [path for path in rest if names[path] & heard]
    if near or rest:
      taken.append(rng.choice(near or rest))
  return _keep(program, set(taken))


def _wiring(trait: Json) -> set[str]:
  """Returns the names of the events that `trait` emits or hears."""
  return {
      e["event"]
      for key in ("emits", "listens")
      for e in program_lib.items(trait, (key,))
      if isinstance(e, dict) and isinstance(e.get("event"), str)
  }


def _keep(program: Program, taken: set[Path]) -> Program:
  orbitals = []
  for path, orbital in program_lib.orbitals(program):
    traits = [
        trait
        for i, trait in enumerate(program_lib.items(orbital, ("traits",)))
        if (*path, "traits", i) in taken
    ]
    if traits:
      names = {t.get("name") for t in traits}
      pages = [
          page
          for page in map(
              lambda page: _attached(page, names),
              program_lib.items(orbital, ("pages",)),
          )
          if page is not None
      ]
      orbitals.append({**orbital, "traits": traits, "pages": pages})
  return {**program, "orbitals": orbitals}


def _attached(page: Json, names: set[Json]) -> Json:
  """Returns `page` with only the traits in `names`; None if none is left."""
  if not isinstance(page, dict) or not isinstance(page.get("traits"), list):
    return page
  left = [
      ref
      for ref in page["traits"]
      if not isinstance(ref, dict) or ref.get("ref") in names
  ]
  return {**page, "traits": left} if left else None


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Aside:
  """Something taken out: from which list, or which key of which dictionary."""
  parent: Path
  key: str | None
  element: Json

  def first_step(self, program: Program) -> Action:
    """Returns the step that begins to put it back."""
    if self.key is not None:
      steps = decompose.placement(self.element, self.parent, self.key)
    else:
      last = len(program_lib.items(program, self.parent))
      steps = decompose.insertion(self.element, self.parent, last)
    return next(steps)


def repair(
    program: Program, rng: Rng, verify: walk_lib.Verify
) -> tuple[Program, list[_Aside]]:
  """Takes out what the compiler rejects, as far as that can be told.

  Returns:
    The program, valid if all went well, and what was taken out.
  """
  aside: list[_Aside] = []
  for _ in range(_MAX_REPAIRS):
    verdict = verify([program])[0]
    guilty = _guilty(program, verdict, rng)
    if not guilty:
      break
    for path in sorted(guilty, key=_in_order, reverse=True):  # Last first.
      key = path[-1] if isinstance(path[-1], str) else None
      element = program_lib.get(program, path)
      program, aside = _take_out(program, path, aside)
      aside.append(_Aside(parent=path[:-1], key=key, element=element))
  return program, aside


_REMOVABLE = ("effect", "emit", "listener", "transition", "tick", "field")
_REMOVABLE_KEYS = ("linkedEntity", "guard")


def _in_order(path: Path) -> list[tuple[bool, str | int]]:
  return [(isinstance(key, str), key) for key in path]


def _guilty(
    program: Program, verdict: verdict_lib.Verdict, rng: Rng
) -> set[Path]:
  """Returns the elements that the verdict names, innermost ones."""
  guilty = set() if verdict.compiles else _libraries(program)
  if verdict.failed:
    guilty |= _guards(program)
  by_name = {t.get("name"): path for path, t in program_lib.traits(program)}
  for issue in verdict.errors + verdict.warnings:
    unheard = _UNHEARD.get(issue.code)
    if unheard and issue.parts[1:]:
      guilty |= _unheard(program, by_name.get(issue.parts[1]), *unheard)
    elif issue.code in ("ORB_X_CIRCULAR_DEPENDENCY", "ORB_X_EVENT_COLLISION"):
      guilty |= _some_wire(program, rng)
    else:
      for end in range(len(issue.parts), 0, -1):
        path = issue.parts[:end]
        is_one = schema.role(path) in _REMOVABLE or path[-1] in _REMOVABLE_KEYS
        if is_one and program_lib.find(program, path) is not None:
          guilty.add(path)
          break
  return guilty


def _libraries(program: Program) -> set[Path]:
  """Returns the imports: without a library at hand, none can be resolved."""
  return {
      (*path, "uses", i)
      for path, orbital in program_lib.orbitals(program)
      for i, _ in enumerate(program_lib.items(orbital, ("uses",)))
  }


def _guards(program: Program) -> set[Path]:
  """Returns the guards: tests mostly fail because one never holds."""
  machine = ("stateMachine", "transitions")
  return {
      (*path, *machine, i, "guard")
      for path, trait in program_lib.traits(program)
      for i, transition in enumerate(program_lib.items(trait, machine))
      if "guard" in transition
  }


# The compiler names the trait only: which of its wires have no other end is
# for us to find. What has none, and where the other end would be.
_UNHEARD = {
    "ORB_X_UNUSED_EMISSION": ("emits", "listens"),
    "ORB_X_ORPHAN_LISTENER": ("listens", "emits"),
}


def _unheard(program, trait_path, ours: str, theirs: str) -> set[Path]:
  if trait_path is None:
    return set()
  others = {
      e.get("event")
      for path, trait in program_lib.traits(program)
      if path != trait_path
      for e in program_lib.items(trait, (theirs,))
      if isinstance(e, dict)
  }
  own = program_lib.items(program, (*trait_path, ours))
  return {
      (*trait_path, ours, i)
      for i, e in enumerate(own)
      if isinstance(e, dict) and e.get("event") not in others
  }


def _some_wire(program: Program, rng: Rng) -> set[Path]:
  wires = [
      (*path, "listens", i)
      for path, trait in program_lib.traits(program)
      for i, _ in enumerate(program_lib.items(trait, ("listens",)))
  ]
  return {rng.choice(wires)} if wires else set()


def _take_out(
    program: Program, path: Path, records: list[_Aside]
) -> tuple[Program, list[_Aside]]:
  """Removes what is at `path`; moves the places of `records` along."""
  parent, key = path[:-1], path[-1]

  def drop(elements):
    if isinstance(elements, dict):
      return {k: v for k, v in elements.items() if k != key}
    return [*elements[:key], *elements[key + 1 :]]

  program = program_lib.update(program, parent, drop)
  moved = [
      dataclasses.replace(record, parent=after)
      for record in records
      if (after := _without(record.parent, path)) is not None
  ]
  return program, moved


def _without(path: Path, removed: Path) -> Path | None:
  """Returns where `path` leads once `removed` is gone; None if it is too."""
  *parent, key = removed
  depth = len(parent)
  if len(path) <= depth or path[:depth] != tuple(parent):
    return path
  if path[depth] == key:
    return None
  if isinstance(key, str) or path[depth] < key:
    return path
  return (*parent, path[depth] - 1, *path[depth + 1 :])


def make_holes(
    program: Program, aside: list[_Aside], rng: Rng
) -> tuple[Program, list[Action], list[Action]]:
  """Takes elements out at random.

  Returns:
    The program with holes; steps that fill them, elements of lists at the end
    of their lists; and the first step towards each element that was put aside.
  """
  steps: list[Action] = []
  for _ in range(rng.choice(_NUM_HOLES)):
    path = _pick_hole(program, rng)
    if path is None:
      break
    element = program_lib.get(program, path)
    if _num_steps(element) > _MAX_STEPS and rng.random() < 0.8:
      continue
    program, aside = _take_out(program, path, aside)
    parent, key = path[:-1], path[-1]
    # The hole that is made last is filled first.
    if isinstance(key, str):
      steps = [*decompose.placement(element, parent, key), *steps]
      continue
    last = len(program_lib.items(program, parent))
    filling = decompose.insertion(element, parent, last)
    steps = [*filling, *(_reordered(s, path, last) for s in steps)]
  return program, steps, [record.first_step(program) for record in aside]


def _num_steps(element: Json) -> int:
  """Returns about how many steps it takes to build `element`."""
  size = len(program_lib.canonical(element))
  return 1 + size // 120


def _reordered(step: Action, moved: Path, last: int) -> Action:
  """Returns `step` as it is after the element at `moved` went to `last`."""
  *parent, key = moved
  depth = len(parent)
  if len(step.at) <= depth or step.at[:depth] != tuple(parent):
    return step
  index = step.at[depth]
  if index == key:
    index = last
  elif key < index <= last:
    index -= 1
  at = (*parent, index, *step.at[depth + 1 :])
  return dataclasses.replace(step, at=at)


def _pick_hole(program: Program, rng: Rng) -> Path | None:
  places: dict[str, list[Path]] = {}

  def visit(value: Json, path: Path, in_effect: bool) -> None:
    role = schema.role(path)
    if in_effect and isinstance(path[-1], str) and path[-1] != "type":
      role = "knob"
    if role in _HOLES:
      places.setdefault(role, []).append(path)
    if isinstance(value, dict):
      children = value.items()
    else:
      children = enumerate(value if isinstance(value, list) else ())
    in_effect = in_effect or role == "effect"
    for key, child in children:
      visit(child, (*path, key), in_effect)

  visit(program, (), False)
  if not places:
    return None
  roles = sorted(places)
  role = rng.choices(roles, [_HOLES[r] for r in roles])[0]
  return rng.choice(places[role])
