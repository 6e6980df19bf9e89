"""Tasks from public programs: parts of them, with holes to be filled again.

A whole public program is large, and often invalid for a reason of its own. So
a task takes some of its traits, puts aside what the compiler rejects (these
are steps that somebody took in earnest: the task's distractors), makes holes,
and plans to fill them, in an order that is drawn at random among those that
work.
"""

from collections.abc import Iterator
import random

from jepa.domains.orb import corpus
from jepa.domains.orb import holes
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import pruning
from jepa.domains.orb import walk as walk_lib

Json = program_lib.Json
Path = program_lib.Path
Program = program_lib.Program
Rng = random.Random

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
    start, steps, distractors = holes.make_holes(sound, aside, rng)
    yield walk_lib.Task(
        origin=entry.name,
        intent=tuple(intent[:8]),
        plan=plan_lib.make_plan(steps, start),
        distractors=tuple(distractors),
    )


def _take_sound_part(program, rng, verify):
  """Returns a pruned part that is valid, if one is found soon."""
  for _ in range(_MAX_PARTS):
    sound, aside = pruning.prune(take_part(program, rng), rng, verify)
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
      names = [t.get("name") for t in traits]
      pages = program_lib.items(orbital, ("pages",))
      kept = [k for k in (_attached(p, names) for p in pages) if k is not None]
      orbitals.append({**orbital, "traits": traits, "pages": kept})
  return {**program, "orbitals": orbitals}


def _attached(page: Json, names: list[Json]) -> Json:
  """Returns `page` with only the traits in `names`; None if none is left."""
  if not isinstance(page, dict) or not isinstance(page.get("traits"), list):
    return page
  left = [
      ref
      for ref in page["traits"]
      if not isinstance(ref, dict) or ref.get("ref") in names
  ]
  return {**page, "traits": left} if left else None
