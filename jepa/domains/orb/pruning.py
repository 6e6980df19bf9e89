"""Takes out of a program what the compiler rejects.

This is no repair: what is taken out was put there for a reason. What is left
is valid, and that is what walks need to start from.
"""

import random

from jepa.domains.orb import program as program_lib
from jepa.domains.orb import removal
from jepa.domains.orb import schema
from jepa.domains.orb import verdict as verdict_lib
from jepa.domains.orb import walk as walk_lib

Path = program_lib.Path
Program = program_lib.Program
Rng = random.Random

_MAX_ROUNDS = 6
_REMOVABLE = ("effect", "emit", "listener", "transition", "tick", "field")
_REMOVABLE_KEYS = ("linkedEntity", "guard")


def prune(
    program: Program, rng: Rng, verify: walk_lib.Verify
) -> tuple[Program, list[removal.Aside]]:
  """Takes out what the compiler rejects, as far as that can be told.

  Returns:
    The program, valid if all went well, and what was taken out.
  """
  aside: list[removal.Aside] = []
  for _ in range(_MAX_ROUNDS):
    verdict = verify([program])[0]
    guilty = _guilty(program, verdict, rng)
    if not guilty:
      break
    for path in sorted(guilty, key=_in_order, reverse=True):  # Last first.
      key = path[-1] if isinstance(path[-1], str) else None
      element = program_lib.get(program, path)
      program, aside = removal.take_out(program, path, aside)
      aside.append(removal.Aside(parent=path[:-1], key=key, element=element))
  return program, aside


def _in_order(path: Path) -> list[tuple[bool, str | int]]:
  return [(isinstance(key, str), key) for key in path]


def _guilty(
    program: Program, verdict: verdict_lib.Verdict, rng: Rng
) -> set[Path]:
  """Returns the elements that the verdict names, innermost ones."""
  guilty = set() if verdict.compiles else _libraries(program)
  if verdict.failed:
    guilty |= _guards(program)
  by_name = program_lib.traits_by_name(program)
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
      if isinstance(transition, dict) and "guard" in transition
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
  others = [
      e.get("event")
      for path, trait in program_lib.traits(program)
      if path != trait_path
      for e in program_lib.items(trait, (theirs,))
      if isinstance(e, dict)
  ]
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
