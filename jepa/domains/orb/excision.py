"""Takes names out of a program, each with all that mentions it.

What is taken out is put back by a plan that nobody had to write: first what
declares a name, then what uses it.
"""

from collections.abc import Iterator
import random

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import census
from jepa.domains.orb import decompose
from jepa.domains.orb import loose_ends
from jepa.domains.orb import program as program_lib

Action = actions_lib.Action
Json = program_lib.Json
Path = program_lib.Path
Program = program_lib.Program

# Lists of a trait in the order in which they are put back, and the keys by
# which their elements mention an event or a state.
_MENTIONS: dict[Path, tuple[str, ...]] = {
    ("stateMachine", "states"): ("name",),
    ("stateMachine", "events"): ("key",),
    ("stateMachine", "transitions"): ("from", "event", "to"),
    ("emits",): ("event",),
    ("listens",): ("event", "triggers"),
}


def excise(
    program: Program, rng: random.Random, *, num_steps: int
) -> tuple[Program, tuple[Action, ...]]:
  """Takes out names of one trait, and then of others, while there is room.

  Args:
    program: as somebody left it.
    rng: decides which names.
    num_steps: how many steps it may take to put everything back.

  Returns:
    The program without them, and the steps that put them back.
  """
  names = _names(program)
  rng.shuffle(names)
  first = names[0][0] if names else ()
  names.sort(key=lambda name: name[0] != first)
  taken: set[Path] = set()
  for trait, name in names:
    paths = taken | set(_mentions(program, trait, name))
    if sum(_cost(program, path) for path in paths) <= num_steps:
      taken = paths
  return _without(program, taken), tuple(_put_back(program, taken))


def _names(program: Program) -> list[tuple[Path, str]]:
  """Returns the events and the states of each trait, but the initial ones."""
  found = []
  for path, trait in program_lib.traits(program):
    machine = trait.get("stateMachine")
    for _, event in loose_ends.dicts(program_lib.find(machine, ("events",))):
      found.append((path, census.text(event.get("key"))))
    for _, state in loose_ends.dicts(program_lib.find(machine, ("states",))):
      if not state.get("isInitial"):
        found.append((path, census.text(state.get("name"))))
  return [(path, name) for path, name in found if name not in ("", "INIT")]


def _mentions(program: Program, trait: Path, name: str) -> Iterator[Path]:
  """Yields the elements of `trait` that mention `name`, and its listeners."""
  for into, keys in _MENTIONS.items():
    elements = program_lib.find(program, trait + into)
    for i, element in loose_ends.dicts(elements):
      if any(element.get(key) == name for key in keys):
        yield (*trait, *into, i)
  own = program_lib.get(program, trait)
  if name in loose_ends.emitted(own):
    for path, other in program_lib.traits(program):
      for i, listener in loose_ends.dicts(other.get("listens")):
        source = program_lib.find(listener, ("source", "trait"))
        if listener.get("event") == name and source in (None, own.get("name")):
          yield (*path, "listens", i)


def _cost(program: Program, path: Path) -> int:
  return len(list(_append(program_lib.get(program, path), path[:-1], 0)))


def _without(program: Program, taken: set[Path]) -> Program:
  for path in sorted(taken, reverse=True):  # Later elements first.
    action = Action(kind="remove", at=path, slots=())
    program = actions_lib.apply(program, action)
  return program


def _put_back(program: Program, taken: set[Path]) -> Iterator[Action]:
  order = {into: i for i, into in enumerate(_MENTIONS)}
  counts: dict[Path, int] = {}
  for path in sorted(taken, key=lambda p: (order[p[4:-1]], p)):
    parent = path[:-1]
    if parent not in counts:
      gone = sum(other[:-1] == parent for other in taken)
      counts[parent] = len(program_lib.get(program, parent)) - gone
    yield from _append(program_lib.get(program, path), parent, counts[parent])
    counts[parent] += 1


def _append(element: Json, parent: Path, index: int) -> Iterator[Action]:
  """Yields a typed step for the element, and one for each key it leaves out."""
  first = next(decompose.insertion(element, parent, index))
  yield first
  begun = actions_lib.SPECS[first.kind].build(*first.slots)
  for key, value in element.items():
    if begun.get(key) != value:
      slots = (value,) if key == "guard" else (key, value)
      kind = "set_guard" if key == "guard" else "set_knob"
      yield Action(kind=kind, at=(*parent, index), slots=slots)
