"""Programs of odd shape: keys missing, types wrong, names no one would give."""

import json
import random

from jepa.domains.orb import program as program_lib

_KEYS = (
    "name", "entity", "traits", "type", "listens", "emits", "stateMachine",
    "states", "guard", "effects", "config", "pages", "fields", "x", "",
)  # fmt: skip
_VALUES = (
    None, True, False, 0, -1, 1.5, "", "x", "@entity.x", "@payload", "@",
    "日本語\0", "\ud800", "a.b.c", "é" * 50, 10**30, [], {}, [[]], [None],
    {"": None}, {"name": None}, {"type": [1]}, [{"name": 3}], ["emit", 3],
    ["if"], {"event": ["A"]}, {"ref": None}, [{"ref": {"a": 1}}], {"trait": 3},
)  # fmt: skip


def spoil(
    program: program_lib.Program, rng: random.Random
) -> program_lib.Program:
  """Returns the program with a few of its parts taken out or replaced.

  It still has a list of orbitals: that is what makes it a program.
  """
  program = json.loads(json.dumps(program))
  for _ in range(rng.choice((1, 1, 2, 4, 8))):
    places = [p for p in _paths(program) if len(p) > 1]
    if not places:
      break
    *parent, key = rng.choice(places)
    around = program_lib.get(program, tuple(parent))
    what = rng.random()
    if what < 0.3:
      del around[key]
    elif what < 0.5 and isinstance(around, dict):
      around[rng.choice(_KEYS)] = rng.choice(_VALUES)
    else:
      around[key] = rng.choice(_VALUES)
  return program


def _paths(value, path=()):
  yield path
  if isinstance(value, dict):
    children = value.items()
  else:
    children = enumerate(value if isinstance(value, list) else ())
  for key, child in children:
    yield from _paths(child, (*path, key))
