"""Points: the places where a program is tuned and wired.

Knobs of patterns and traits, scopes, listeners, triggers, sources and
references. Each is one scalar that may be set to something that it should not
be, and that the compiler may accept.
"""

from collections.abc import Iterator
import dataclasses

from jepa.domains.orb import census
from jepa.domains.orb import loose_ends
from jepa.domains.orb import program as program_lib

Json = program_lib.Json
Path = program_lib.Path

ROLES = ("knob", "scope", "listener", "trigger", "source", "reference")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Point:
  """role: one of `ROLES`; path: of the scalar; value: None where it is absent.

  context: what sort of place it is, general before particular: for a knob, the
    pattern that has it and its name; for the others, the key.
  """
  role: str
  path: Path
  context: tuple[str, ...]
  value: Json

  @property
  def element(self) -> Path:
    """The path of what the scalar is a part of."""
    return self.path[:-1]


def points(program: program_lib.Program) -> tuple[Point, ...]:
  """Returns all points of `program`, which may be any JSON object."""
  return tuple(
      point
      for point in _points(program)
      if not isinstance(point.value, dict | list)
  )


def _points(program) -> Iterator[Point]:
  for path, orbital in program_lib.orbitals(program):
    for i, page in loose_ends.dicts(orbital.get("pages")):
      for j, ref in loose_ends.dicts(page.get("traits")):
        at = (*path, "pages", i, "traits", j)
        yield _point("reference", at, ref, "ref")
  for path, trait in program_lib.traits(program):
    yield _point("reference", path, trait, "linkedEntity")
    for i, emit in loose_ends.dicts(trait.get("emits")):
      if "scope" in emit:
        yield _point("scope", (*path, "emits", i), emit, "scope")
    for i, listener in loose_ends.dicts(trait.get("listens")):
      yield from _of_listener((*path, "listens", i), listener)
    yield from _of_config((*path, "config"), trait.get("config"))
    transitions = program_lib.find(trait, ("stateMachine", "transitions"))
    for i, transition in loose_ends.dicts(transitions):
      at = (*path, "stateMachine", "transitions", i, "effects")
      for j, effect in enumerate(program_lib.items(transition, ("effects",))):
        yield from _of_effect((*at, j), effect)


def _point(role: str, at: Path, element: Json, key: str) -> Point:
  return Point(
      role=role, path=(*at, key), context=(key,), value=element.get(key)
  )


def _of_listener(at: Path, listener: Json) -> Iterator[Point]:
  yield _point("listener", at, listener, "event")
  yield _point("trigger", at, listener, "triggers")
  if "scope" in listener:
    yield _point("scope", at, listener, "scope")
  source = listener.get("source")
  if isinstance(source, dict) and "trait" in source:
    yield _point("source", (*at, "source"), source, "trait")


def _of_config(at: Path, config: Json) -> Iterator[Point]:
  """Yields the knobs of a trait: scalars, or declarations with a default."""
  for key, value in config.items() if isinstance(config, dict) else ():
    where = (*at, key)
    if isinstance(value, dict):
      where, value = (*where, "default"), value.get("default")
    if not isinstance(value, dict | list | None):
      context = ("config", key)
      yield Point(role="knob", path=where, context=context, value=value)


def _of_effect(at: Path, effect: Json, key: str = "") -> Iterator[Point]:
  """Yields the knobs of the patterns in an effect, or in a list at `key`."""
  if isinstance(effect, list):
    for i, part in enumerate(effect):
      yield from _of_effect((*at, i), part, key)
  elif isinstance(effect, dict):
    yield from _knobs(at, effect, census.text(effect.get("type")) or key)


def _knobs(at: Path, knobs: Json, pattern: str) -> Iterator[Point]:
  for key, value in knobs.items():
    if isinstance(value, dict):
      inner = census.text(value.get("type")) or key
      yield from _knobs((*at, key), value, inner)
    elif isinstance(value, list):
      yield from _of_effect((*at, key), value, key)
    elif not (key == "type" and value == pattern):
      yield Point(
          role="knob", path=(*at, key), context=(pattern, key), value=value
      )
