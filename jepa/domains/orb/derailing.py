"""Plans that hang together, and the same plans spoilt.

A coherent plan completes a program: it is what was left to do when the program
was built. It is spoilt by taking its steps in another order, by a step from
another program, or by leaving one out. Places are kept right where they can
be, so that a spoilt plan does not merely fail to apply.
"""

from collections.abc import Callable, Sequence
import dataclasses
import random

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import loose_ends
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema

Action = actions_lib.Action
Path = program_lib.Path
Program = program_lib.Program
Rng = random.Random
Steps = tuple[Action, ...]

# Steps that fill in details: a plan without one is hardly another plan.
_DETAILS = frozenset(("set_knob", "insert_item"))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Proposal:
  """A program and steps that are proposed to complete it."""
  start: Program
  steps: Steps


def completion(
    plan: plan_lib.Plan, rng: Rng, *, num_steps: int
) -> Proposal | None:
  """Returns a part of `plan` as what is left to do.

  Steps that belong to one trait or orbital are left out at random, each with
  all that depends on it, and then others if these are few. What was left out
  is what is proposed, in the order of the plan.

  Args:
    plan: a whole construction.
    rng: decides what is left out.
    num_steps: how many steps that may be, at the most.

  Returns:
    None if fewer than three steps can be left out.
  """
  dependents = _dependents(plan)
  left: set[int] = set()
  order = list(range(len(plan.steps)))
  rng.shuffle(order)
  place = _place(plan.steps[order[0]]) if order else ()
  order.sort(
      key=lambda i: (
          plan.steps[i].at[: len(place)] != place,
          plan.steps[i].kind in _DETAILS,
      )
  )
  for i in order:
    group = _closure(dependents, i) | left
    if len(group) <= num_steps:
      left = group
    if len(left) >= num_steps - 1:
      break
  if len(left) < 3:
    return None
  done = [s for i, s in enumerate(plan.steps) if i not in left]
  return Proposal(
      start=actions_lib.replay(done, plan.start),
      steps=tuple(plan.steps[i] for i in sorted(left)),
  )


def _place(step: Action) -> Path:
  """Returns the trait or else the orbital that `step` is about."""
  for role in ("trait", "orbital"):
    path = schema.enclosing(step.at, role)
    if path is not None:
      return path
  return ()


def _dependents(plan: plan_lib.Plan) -> list[list[int]]:
  dependents: list[list[int]] = [[] for _ in plan.steps]
  for i, needed in enumerate(plan.after):
    for j in needed:
      dependents[j].append(i)
  return dependents


def _closure(dependents: list[list[int]], first: int) -> set[int]:
  """Returns `first` and all that depends on it, however indirectly."""
  reached, open_ = {first}, [first]
  while open_:
    fresh = set(dependents[open_.pop()]) - reached
    reached |= fresh
    open_ += fresh
  return reached


def reorder(proposal: Proposal, rng: Rng) -> Proposal:
  """Takes the steps in another order that is as good.

  Every place exists when it is needed, and every name is made before it is
  used: no one order is the coherent one.
  """
  plan = plan_lib.make_plan(proposal.steps, proposal.start)
  pairs = counts_on(proposal)
  done: list[int] = []
  while len(done) < len(plan.steps):
    waiting = {j for i, j in pairs if i not in done}
    ready = [i for i in plan.frontier(done) if i not in waiting]
    done.append(rng.choice(ready))
  steps = tuple(plan.steps[i] for i in done)
  return dataclasses.replace(proposal, steps=steps)


def counts_on(proposal: Proposal) -> list[tuple[int, int]]:
  """Returns pairs of steps, the later of which uses a name that the first made.
  """
  known = {_bare(t) for _, t in loose_ends.strings(proposal.start)}
  makers: dict[str, int] = {}
  pairs = []
  for j, step in enumerate(proposal.steps):
    said = {_bare(t) for _, t in loose_ends.strings(list(step.slots))}
    pairs += [(makers[name], j) for name in said if name in makers]
    for name in said - known - makers.keys():
      makers[name] = j
  return pairs


def _bare(text: str) -> str:
  """Returns the name that a binding binds; other texts as they are."""
  return text.partition(".")[2] if text.startswith("@") else text


def shuffle(proposal: Proposal, donors: Sequence[Action], rng: Rng):
  """Uses a name before it is made; every place still exists in that order."""
  del donors
  pairs = counts_on(proposal)
  plan = plan_lib.make_plan(proposal.steps, proposal.start)
  for _ in range(8 if pairs else 0):
    done: list[int] = []
    while len(done) < len(plan.steps):
      done.append(rng.choice(plan.frontier(done)))
    if any(done.index(i) > done.index(j) for i, j in pairs):
      return tuple(plan.steps[i] for i in done)
  return None


def scramble(proposal: Proposal, donors: Sequence[Action], rng: Rng):
  """Takes the steps in any other order, whether or not they apply."""
  del donors
  steps = list(proposal.steps)
  for _ in range(8):
    rng.shuffle(steps)
    if tuple(steps) != proposal.steps:
      return tuple(steps)
  return None


def intrude(proposal: Proposal, donors: Sequence[Action], rng: Rng):
  """Puts a step of another program, moved to a like place, for one of these."""
  last = len(proposal.steps) - 1
  for _ in range(16):
    i = rng.randrange(last + 1)
    without = drop_step(proposal, i)
    if without is None:
      continue
    before = actions_lib.replay(proposal.steps[:i], proposal.start)
    donor = rng.choice(donors)
    foreign = None
    if donor.kind not in _DETAILS:
      foreign = _move(donor, before, rng)
    if foreign is None or foreign in proposal.steps:
      continue
    steps = _insert(without, i, foreign, before)
    if replays(proposal.start, steps):
      return steps
  return None


def omit(proposal: Proposal, donors: Sequence[Action], rng: Rng):
  """Leaves out a step that a later one counts on."""
  del donors
  pairs = counts_on(proposal)
  rng.shuffle(pairs)
  for i, j in pairs:
    steps = drop_step(proposal, i)
    if steps and len(steps) > 2 and _is_left(steps, proposal.steps[j]):
      return steps
  return None


def _is_left(steps: Steps, step: Action) -> bool:
  """Whether `step` is still among `steps`, at whatever place."""
  return any((s.kind, s.slots) == (step.kind, step.slots) for s in steps)


Derail = Callable[[Proposal, Sequence[Action], Rng], Steps | None]

# Each returns the spoilt steps; None if the proposal cannot be so spoilt.
DERAILINGS: dict[str, Derail] = {
    "shuffled": shuffle,
    "scrambled": scramble,
    "foreign": intrude,
    "dropped": omit,
}
KINDS = tuple(DERAILINGS)


def replays(start: Program, steps: Sequence[Action]) -> bool:
  """Whether every step finds its place."""
  try:
    actions_lib.replay(steps, start)
  except actions_lib.ActionError:
    return False
  return True


def drop_step(proposal: Proposal, index: int) -> Steps | None:
  """Returns the steps without one; the others keep pointing where they did.

  None if what is left does not apply.
  """
  program = actions_lib.replay(proposal.steps[:index], proposal.start)
  dropped = proposal.steps[index]
  later = list(proposal.steps[index + 1 :])
  for path, count in plan_lib.appended(dropped).items():
    length = len(program_lib.items(program, path))
    later = _shift(later, path, length, count)
  steps = (*proposal.steps[:index], *later)
  return steps if replays(proposal.start, steps) else None


def _shift(steps: list[Action], path: Path, start: int, count: int):
  """Moves places behind the gap forward; leaves steps inside the gap out."""
  kept = []
  for step in steps:
    rest = step.at[len(path) :]
    if step.at[: len(path)] == path and rest and isinstance(rest[0], int):
      if start <= rest[0] < start + count:
        continue
      if rest[0] >= start + count:
        at = (*path, rest[0] - count, *rest[1:])
        step = dataclasses.replace(step, at=at)
    kept.append(step)
  return kept


def _insert(steps: Steps, index: int, foreign: Action, before: Program):
  """Puts `foreign` at `index`; places behind what it appends move back."""
  later = list(steps[index:])
  for path, count in plan_lib.appended(foreign).items():
    length = len(program_lib.items(before, path))
    later = [_pushed(step, path, length, count) for step in later]
  return (*steps[:index], foreign, *later)


def _pushed(step: Action, path: Path, start: int, count: int) -> Action:
  rest = step.at[len(path) :]
  is_behind = step.at[: len(path)] == path and rest
  if is_behind and isinstance(rest[0], int) and rest[0] >= start:
    at = (*path, rest[0] + count, *rest[1:])
    return dataclasses.replace(step, at=at)
  return step


def _move(step: Action, program: Program, rng: Rng) -> Action | None:
  """Returns `step` at a place of `program` that is like its own."""
  pattern = schema.starred(step.at)
  places = [
      path for path in _paths(program) if schema.starred(path) == pattern
  ]
  return dataclasses.replace(step, at=rng.choice(places)) if places else None


def _paths(value: program_lib.Json, path: Path = ()) -> list[Path]:
  """Returns the paths of all containers in `value`."""
  found = [path]
  if isinstance(value, dict):
    children = list(value.items())
  else:
    children = list(enumerate(value))
  for key, child in children:
    if isinstance(child, dict | list):
      found += _paths(child, (*path, key))
  return found
