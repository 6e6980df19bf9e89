"""Makes holes in a program, and the steps that fill them."""

import dataclasses
import random

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import decompose
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import removal
from jepa.domains.orb import schema

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


def make_holes(
    program: Program, aside: list[removal.Aside], rng: Rng
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
    program, aside = removal.take_out(program, path, aside)
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
