"""A plan: steps to a target, and which must come before which."""

from collections.abc import Iterable, Sequence
import dataclasses

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import adders
from jepa.domains.orb import program as program_lib

Action = actions_lib.Action
Path = program_lib.Path


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
  """start: the program to begin with; steps: in one order that works.

  after: for each step, the steps without which its place does not exist or is
    not the same. Every order that respects them replays to the same program.
  """
  start: program_lib.Program
  steps: tuple[Action, ...]
  after: tuple[frozenset[int], ...]

  def frontier(self, done: Iterable[int]) -> list[int]:
    """Returns the steps that can be taken once those in `done` are."""
    done = frozenset(done)
    return [
        i
        for i, needed in enumerate(self.after)
        if i not in done and needed <= done
    ]

  @property
  def target(self) -> program_lib.Program:
    return actions_lib.replay(self.steps, self.start)


def make_plan(
    steps: Sequence[Action], start: program_lib.Program = program_lib.EMPTY
) -> Plan:
  """Returns the plan of `steps`, which must replay from `start` in order.

  A step depends on the one that made its place, and on the one that appended
  to the same list or set the same key before it. A step of any other kind
  (removing, renaming) depends on all before it, and all after it on it.

  Raises:
    ActionError: the steps do not replay.
  """
  makers: dict[Path, int] = {}
  last: dict[Path, int] = {}
  after = []
  program, barrier = start, -1
  for i, step in enumerate(steps):
    lists, key = appended(step), _key(step)
    needed = {last[path] for path in lists if path in last}
    for path in (step.at, *lists, *key):
      needed.add(_maker(makers, path))
    if not lists and not key:
      needed, barrier = set(range(i)), i
    after.append(frozenset((needed | {barrier}) - {-1, i}))
    for path, count in lists.items():
      length = len(program_lib.items(program, path))
      for index in range(length, length + count):
        makers[(*path, index)] = i
      last[path] = i
    for path in key:
      makers[path] = i
    program = actions_lib.apply(program, step)
  return Plan(start=start, steps=tuple(steps), after=tuple(after))


def _maker(makers: dict[Path, int], path: Path) -> int:
  """Returns the step that made the innermost part of `path`; -1 if none."""
  for end in range(len(path), 0, -1):
    if path[:end] in makers:
      return makers[path[:end]]
  return -1


# The key that each kind sets; that of `set_knob` is its first slot.
_KEYS = {"set_guard": "guard", "set_scope": "scope", "retarget": "to"}


def _key(step: Action) -> list[Path]:
  """Returns the path of the key that `step` sets, if that is what it does."""
  key = step.slots[0] if step.kind == "set_knob" else _KEYS.get(step.kind)
  return [] if key is None else [(*step.at, key)]


def appended(step: Action) -> dict[Path, int]:
  """Maps each list that `step` appends to, to how many elements it appends."""
  into = _APPENDS.get(step.kind)
  if into is None:
    spec = actions_lib.SPECS[step.kind]
    into = (spec.into,) if isinstance(spec, adders.Adder) else ()
  slots = step.named_slots
  counts = {
      path: 1
      for path in into
      if path != ("pages",) or slots.get("page", step) is not None
  }
  if slots.get("back") is not None:
    counts[_TRANSITIONS] = 2
  return {step.at + path: count for path, count in counts.items()}


_TRANSITIONS = ("stateMachine", "transitions")

# The lists that compound actions append to, relative to their place.
_APPENDS: dict[str, tuple[Path, ...]] = {
    "start_orbital": (("orbitals",),),
    "use_behavior": (("traits",), ("pages",)),
    "extend_machine": (("stateMachine", "states"), _TRANSITIONS),
}
