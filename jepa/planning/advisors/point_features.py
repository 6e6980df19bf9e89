"""What can be seen of a point: where a program is tuned or wired."""

import collections
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
import math
from typing import Any
import zlib

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import census
from jepa.domains.orb import loose_ends
from jepa.domains.orb import points as points_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from jepa.planning.advisors import reading
import numpy as np

Point = points_lib.Point
Json = program_lib.Json
Path = program_lib.Path

_LOOSE = ("listener", "trigger", "source", "attachment", "entity", "route")
_HEARD = ("nobody", "neighbour", "stranger")  # By whom an emission is heard.
_SCOPES = ("external", "internal", None)
_GENERAL = 5  # The first signals: valid, errors, warnings, compiles, tests.


# How often something was done: "context", the pattern and the key, and so on.
Count = Callable[..., int]


class Habits:
  """How points are usually set, counted over programs."""

  def __init__(
      self,
      total: collections.Counter[str],
      by_origin: Mapping[str, collections.Counter[str]],
  ):
    self.total = total
    self._by_origin = by_origin

  def without(self, origin: str, forgotten: float = 0.0) -> Count:
    """Returns counts over all programs but one.

    What a program does is no evidence of what others do: counting it in would
    hide, in fitting, how often something is seen for the first time.

    Args:
      origin: the program that is left out.
      forgotten: share of the patterns that are taken for never seen: programs
        of other authors have patterns of their own, and mostly rightly so.
    """
    own = self._by_origin.get(origin, {})

    def count(*event):
      about = zlib.crc32(f"{origin}/{event[1]}".encode("utf-8", "replace"))
      if about % 1000 < 1000 * forgotten:
        return 0
      text = _text(*event)
      return self.total[text] - own.get(text, 0)

    return count


def count_habits(
    programs: Iterable[tuple[str, program_lib.Program]],
) -> Habits:
  """Counts the points of programs, which come with their origins."""
  by_origin = {
      origin: collections.Counter(_text(*event) for event in _events(program))
      for origin, program in programs
  }
  total = collections.Counter()
  for counts in by_origin.values():
    total.update(counts)
  return Habits(total, by_origin)


def _events(program: program_lib.Program) -> Iterator[tuple[Any, ...]]:
  for point in points_lib.points(program):
    context, value = point.context, point.value
    yield "context", *context
    yield "pattern", context[0]
    yield "value", *context, value
    yield "type", *context, type(value).__name__
    if point.role == "trigger":
      yield "trigger", *_habit(program_lib.get(program, point.element))


def _text(*event: Any) -> str:
  """Returns a text for an event; JSON's true is not its 1, nor its "1"."""
  return "\t".join(map(repr, event))


def rarity(count: Count, point: Point) -> float:
  """Returns -log P(key, value | pattern): the supervised baseline's score."""
  seen = count("value", *point.context, point.value)
  context = count("context", *point.context)
  pattern = count("pattern", point.context[0])
  value = math.log((seen + 0.1) / (context + 1.0))
  return -value - math.log((context + 0.1) / (pattern + 1.0))


def _habit(listener: Json) -> tuple[str, str]:
  """Returns the last words of what is heard and of what it triggers."""
  last = lambda key: census.words(census.text(listener.get(key)).title())[-1:]
  return " ".join(last("event")), " ".join(last("triggers"))


class Surroundings:
  """What a program declares, looked up by its points."""

  def __init__(self, program: program_lib.Program):
    self.program = program
    texts = [text for _, text in loose_ends.strings(program)]
    self.occurrences = collections.Counter(texts)
    self.loose: dict[Path, set[str]] = {}
    for end in loose_ends.loose_ends(program):
      self.loose.setdefault(end.path, set()).add(end.role)
    self.emitters: dict[str, list[Path]] = {}
    self.listeners: dict[str, list[Path]] = {}
    self.names: dict[str, Path] = {}
    for path, trait in program_lib.traits(program):
      self.names.setdefault(census.text(trait.get("name")), path)
      for event in loose_ends.emitted(trait):
        self.emitters.setdefault(event, []).append(path)
      for _, listener in loose_ends.dicts(trait.get("listens")):
        event = census.text(listener.get("event"))
        self.listeners.setdefault(event, []).append(path)

  def elsewhere(self, point: Point) -> int:
    """Returns how often the value is said elsewhere in the program."""
    return max(self.occurrences[census.text(point.value)] - 1, 0)


def written(
    program: program_lib.Program,
    points: Sequence[Point],
    habits: Habits,
    origin: str = "",
    forgotten: float = 0.0,
) -> np.ndarray:
  """Returns what the program shows of each point, shape `[P, F]`.

  Args:
    program: the program.
    points: of it.
    habits: how points are usually set.
    origin: the program's own name, to be left out of the habits.
    forgotten: see `Habits.without`.
  """
  around = Surroundings(program)
  count = habits.without(origin, forgotten)
  rows = [
      [
          *(point.role == role for role in points_lib.ROLES),
          *_of_habits(point, count),
          *_of_value(point, around),
          *_of_scope(point, around),
          *_of_wire(point, around, count),
      ]
      for point in points
  ]
  return np.array(rows, np.float32)


def _of_habits(point: Point, count: Count) -> list[float]:
  context = count("context", *point.context)
  types = count("type", *point.context, type(point.value).__name__)
  pattern = count("pattern", point.context[0])
  return [
      rarity(count, point),
      math.log1p(context),
      count("value", *point.context, point.value) > 0,
      (types + 0.1) / (context + 1.0),
      math.log1p(pattern),
      math.log((context + 0.1) / (pattern + 1.0)),
      context == 0,
  ]


def _of_value(point: Point, around: Surroundings) -> list[float]:
  text = census.text(point.value)
  loose = set().union(
      *(around.loose.get(point.path[:i], ()) for i in
        range(len(point.path) - 2, len(point.path) + 1))
  )
  return [
      isinstance(point.value, str),
      isinstance(point.value, bool),
      point.value is None,
      len(text) / 32.0,
      text.isupper(),
      "/" in text,
      text.startswith("@"),
      " " in text,
      math.log1p(around.elsewhere(point)),
      text in around.emitters,
      text in around.names,
      *(role in loose for role in _LOOSE),
  ]


def _of_scope(point: Point, around: Surroundings) -> list[float]:
  """One of three scopes, by who hears: a table of nine."""
  row = [0.0] * (len(_HEARD) * len(_SCOPES))
  if point.role == "scope" and point.value in _SCOPES:
    element = program_lib.get(around.program, point.element)
    event = census.text(element.get("event"))
    is_emit = point.path[-3] == "emits"
    others = (around.listeners if is_emit else around.emitters).get(event, [])
    others = [path for path in others if path != point.path[:4]]
    far = any(path[:2] != point.path[:2] for path in others)
    heard = 2 if far else 1 if others else 0
    row[len(_SCOPES) * heard + _SCOPES.index(point.value)] = 1.0
  return row


def _of_wire(point: Point, around: Surroundings, count: Count):
  """How the two ends of a listener fit."""
  if point.role not in ("listener", "trigger", "source"):
    return [0.0] * 9
  program = around.program
  at = point.element if point.role != "source" else point.element[:-1]
  listener = program_lib.get(program, at)
  trait = program_lib.get(program, point.path[:4])
  event = census.text(listener.get("event"))
  trigger = census.text(listener.get("triggers"))
  source = census.text(program_lib.find(listener, ("source", "trait")))
  emitters = around.emitters.get(event, [])
  emitter = around.names.get(source) or (emitters[0] if emitters else None)
  other = program_lib.get(program, emitter) if emitter else {}
  heard, done = _words(event), _words(trigger)
  raised = {
      t.get("event")
      for _, t in loose_ends.dicts(
          program_lib.find(trait, ("stateMachine", "transitions"))
      )
  }
  return [
      event == trigger,
      _overlap(heard, done),
      _overlap(heard, _words(census.text(other.get("name")))),
      _overlap(heard, _words(census.text(trait.get("name")))),
      math.log1p(count("trigger", *_habit(listener))),
      trigger in raised,
      _overlap(_carried(other, event), _carried(trait, trigger)),
      emitter is not None and emitter in emitters,
      math.log1p(len(emitters)),
  ]


def _words(name: str) -> frozenset[str]:
  """Words of a name, which may be all in capitals."""
  return frozenset(census.words(name.title() if name.isupper() else name))


def _overlap(a: frozenset, b: frozenset) -> float:
  return len(a & b) / max(len(a | b), 1)


def _carried(trait: Json, event: str) -> frozenset[str]:
  """Returns the fields that an event of the trait carries."""
  declared = [
      *loose_ends.dicts(program_lib.find(trait, ("stateMachine", "events"))),
      *loose_ends.dicts(program_lib.find(trait, ("emits",))),
  ]
  return frozenset(
      census.text(field.get("name"))
      for _, e in declared
      if event and event in (e.get("key"), e.get("event"))
      for key in ("payload", "payloadSchema")
      for _, field in loose_ends.dicts(e.get(key))
  )


def home(point: Point) -> Path:
  """Returns the part of the program in which the point is looked at."""
  trait = schema.enclosing(point.path, "trait")
  return trait or (*point.path[:2], "pages")


def view(
    program: program_lib.Program,
    points: Sequence[Point],
    intent: tuple[str, ...],
) -> reading.View:
  """Returns what a model has to read of points that share a home.

  For each point: what if it were taken out?
  """
  actions = tuple(
      actions_lib.Action(kind="remove", at=point.path, slots=())
      for point in points
  )
  focus = schema.enclosing(points[0].path, "trait") or points[0].path[:2]
  return reading.View(program, actions, intent, focus)


def foreseen(seen: reading.Reading) -> np.ndarray:
  """Returns what a model makes of each point of a view, shape `[P, F]`."""
  general = seen.logits[:, :_GENERAL]
  moved = np.linalg.norm(seen.z_hat - seen.z[None], axis=1, keepdims=True)
  spread = general - general.mean(axis=0, keepdims=True)
  return np.concatenate([general, spread, moved, seen.sites], axis=1)
