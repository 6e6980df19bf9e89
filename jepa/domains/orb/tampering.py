"""Sets one point of a program to what it should not be.

What is put in its place is taken from other programs or from elsewhere in the
same one, so that nothing gives it away but that it does not belong there.
Several of these the compiler accepts in silence.
"""

from collections.abc import Callable, Iterable, Sequence
import dataclasses
import random

from jepa.domains.orb import census
from jepa.domains.orb import loose_ends
from jepa.domains.orb import points as points_lib
from jepa.domains.orb import program as program_lib

Json = program_lib.Json
Point = points_lib.Point
Rng = random.Random

_LIBRARIES = ("list", "form", "browse", "modal", "filter", "detail", "wizard")
_OTHER_TYPE: dict[type, tuple[Json, ...]] = {
    str: (7, True),
    bool: ("yes", 2),
    int: ("many", False),
    float: ("some", True),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tampered:
  """program: after; point: where; kind: one of `KINDS`."""
  kind: str
  program: program_lib.Program
  point: Point


def tamper(
    program: program_lib.Program,
    kind: str,
    donors: Sequence[Point],
    rng: Rng,
) -> Tampered | None:
  """Returns `program` with one point spoilt; None if it has no such point.

  Args:
    program: the program as it should be.
    kind: one of `KINDS`.
    donors: points of other programs.
    rng: decides where and what.
  """
  role, spoil = _SPOIL[kind]
  own = points_lib.points(program)
  places = [p for p in own if p.role == role]
  rng.shuffle(places)
  for point in places[:8]:
    change = spoil(_Setting(program, point, own, donors, rng))
    if change is not None and change != (point.path[-1], point.value):
      return _put(kind, program, point, *change)
  return None


@dataclasses.dataclass(frozen=True)
class _Setting:
  program: program_lib.Program
  point: Point
  own: Sequence[Point]
  donors: Sequence[Point]
  rng: Rng

  def pick(self, values: Iterable[Json]) -> Json:
    """Returns one of `values` that is not what the point has; None if none."""
    others = [v for v in values if v != self.point.value]
    return self.rng.choice(others) if others else None

  def keep_key(self, value: Json) -> tuple[str | int, Json] | None:
    return None if value is None else (self.point.path[-1], value)

  @property
  def trait(self) -> Json:
    return program_lib.get(self.program, self.point.path[:4])

  def foreign(self, role: str) -> list[Json]:
    return [p.value for p in self.donors if p.role == role and p.value]


Spoil = Callable[[_Setting], tuple[str | int, Json] | None]


def _put(kind, program, point, key, value):
  """Sets the point, at another key if that is what is wrong."""
  *parent, old = point.path

  def change(element):
    return {k: v for k, v in element.items() if k != old} | {key: value}

  if isinstance(old, int):
    tampered = program_lib.update(program, point.path, lambda _: value)
  else:
    tampered = program_lib.update(program, tuple(parent), change)
  path = (*parent, key)
  context = (*point.context[:-1], key) if key != old else point.context
  moved = dataclasses.replace(point, path=path, context=context, value=value)
  return Tampered(kind=kind, program=tampered, point=moved)


def _foreign_value(s: _Setting):
  """A value of the same type that another knob has."""
  values = [
      p.value
      for p in s.donors
      if p.role == "knob"
      and p.context[-1] != s.point.context[-1]
      and type(p.value) is type(s.point.value)
  ]
  return s.keep_key(s.pick(values))


def _foreign_type(s: _Setting):
  return s.keep_key(s.pick(_OTHER_TYPE.get(type(s.point.value), ())))


def _foreign_name(s: _Setting):
  """The name of a knob that only other patterns have."""
  pattern = s.point.context[0]
  if not isinstance(s.point.path[-1], str) or s.point.path[-1] == "default":
    return None
  siblings = program_lib.get(s.program, s.point.element)
  own = {p.context[-1] for p in s.donors if p.context[0] == pattern}
  names = {
      p.context[-1]
      for p in s.donors
      if p.role == "knob" and p.context[-1] not in own | set(siblings)
  }
  name = s.pick(sorted(names))
  return name and (name, s.point.value)


def _flipped(s: _Setting):
  flipped = {"internal": "external", "external": "internal"}
  return s.keep_key(flipped.get(s.point.value))


def _unheard_of(role: str) -> Spoil:
  """An event of another program, which this one neither has nor emits."""

  def spoil(s):
    known = {p.value for p in s.own}
    known |= {e for _, t in program_lib.traits(s.program) for e in _events(t)}
    return s.keep_key(s.pick(v for v in s.foreign(role) if v not in known))

  return spoil


def _events(trait: Json) -> set[Json]:
  machine = program_lib.find(trait, ("stateMachine", "events"))
  keys = {census.text(e.get("key")) for _, e in loose_ends.dicts(machine)}
  return keys | loose_ends.emitted(trait)


def _other_event(s: _Setting):
  """An event that is emitted, but not the one to listen for."""
  emitted = {
      e
      for path, t in program_lib.traits(s.program)
      if path != s.point.path[:4]
      for e in loose_ends.emitted(t)
  }
  return s.keep_key(s.pick(sorted(emitted)))


def _other_trigger(s: _Setting):
  """Another event of the same machine."""
  machine = program_lib.find(s.trait, ("stateMachine", "events"))
  keys = [e.get("key") for _, e in loose_ends.dicts(machine)]
  return s.keep_key(s.pick(k for k in keys if isinstance(k, str)))


def _other_trait(s: _Setting):
  names = [t.get("name") for _, t in program_lib.traits(s.program)]
  return s.keep_key(s.pick(n for n in names if isinstance(n, str)))


def _library(s: _Setting):
  """A behaviour of the library, which the validator takes on trust."""
  if s.point.path[-1] != "ref":
    return None
  return s.keep_key(f"std/behaviors/std-{s.rng.choice(_LIBRARIES)}")


_SPOIL: dict[str, tuple[str, Spoil]] = {
    "knob value": ("knob", _foreign_value),
    "knob type": ("knob", _foreign_type),
    "knob name": ("knob", _foreign_name),
    "scope": ("scope", _flipped),
    "listener unheard of": ("listener", _unheard_of("listener")),
    "listener swapped": ("listener", _other_event),
    "trigger unheard of": ("trigger", _unheard_of("trigger")),
    "trigger swapped": ("trigger", _other_trigger),
    "source": ("source", _other_trait),
    "library reference": ("reference", _library),
}
KINDS = tuple(_SPOIL)
