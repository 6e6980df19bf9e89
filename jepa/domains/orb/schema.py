"""What the parts of an Orb program are called, and where they live."""

import functools

from jepa.domains.orb import program as program_lib

_ANY = "*"  # Stands for an index.


def _patterns() -> dict[tuple[str, ...], str]:
  """Maps the path of an element, indices starred, to the element's role."""
  orbital = ("orbitals", _ANY)
  trait = (*orbital, "traits", _ANY)
  machine = (*trait, "stateMachine")
  event = (*machine, "events", _ANY)
  transition = (*machine, "transitions", _ANY)
  emit = (*trait, "emits", _ANY)
  listener = (*trait, "listens", _ANY)
  tick = (*trait, "ticks", _ANY)
  page = (*orbital, "pages", _ANY)
  patterns = {
      (): "program",
      orbital: "orbital",
      (*orbital, "uses", _ANY): "library",
      (*orbital, "entity"): "entity",
      (*orbital, "entity", "fields", _ANY): "field",
      trait: "trait",
      (*trait, "config"): "config",
      machine: "machine",
      (*machine, "states", _ANY): "state",
      event: "event",
      transition: "transition",
      emit: "emit",
      listener: "listener",
      tick: "tick",
      page: "page",
      (*page, "traits", _ANY): "attachment",
  }
  for parent in (event, emit):
    for key in ("payload", "payloadSchema"):
      patterns[*parent, key, _ANY] = "payload"
  for parent in (transition, tick):
    patterns[*parent, "effects", _ANY] = "effect"
  for parent in (transition, tick, listener):
    patterns[*parent, "guard"] = "guard"
  return patterns


_ROLES = _patterns()
ROLES = tuple(dict.fromkeys(_ROLES.values()))


def starred(path: program_lib.Path) -> tuple[str, ...]:
  """Returns `path` with every index replaced by a star."""
  return tuple(_ANY if isinstance(key, int) else key for key in path)


@functools.lru_cache(maxsize=1 << 14)
def role(path: program_lib.Path) -> str | None:
  """Returns what the element at `path` is; None if it has no name of its own.

  The inside of an effect and unknown keys have none.
  """
  return _ROLES.get(starred(path))


def element_role(list_path: program_lib.Path) -> str | None:
  """Returns the role of the elements of the list at `list_path`."""
  return _ROLES.get((*starred(list_path), _ANY))


def enclosing(path: program_lib.Path, wanted: str) -> program_lib.Path | None:
  """Returns the innermost prefix of `path` whose role is `wanted`."""
  for end in range(len(path), -1, -1):
    if role(path[:end]) == wanted:
      return path[:end]
  return None
