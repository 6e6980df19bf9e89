"""From what is wanted to a plan that builds it: the generator's programs."""

from collections.abc import Callable, Iterator
import dataclasses
import random

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import behaviors
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import slots as slots_lib
from jepa.domains.orb import words

Action = actions_lib.Action
Path = program_lib.Path
Rng = random.Random


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wish:
  """One orbital that is wanted."""
  entity: str
  persistence: str
  behaviors: tuple[str, ...]
  num_extras: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Intent:
  """What is wanted: a name, orbitals, and which of them hear which.

  wires: pairs of indices of wishes, emitter before listener: no circles.
  """
  name: str
  wishes: tuple[Wish, ...]
  wires: tuple[tuple[int, int], ...]

  @property
  def words(self) -> tuple[str, ...]:
    """The intent as a person may have said it, without the details."""
    said = [w for wish in self.wishes for w in (wish.entity, *wish.behaviors)]
    return (*self.name.split("-"), *said)


def sample_intent(rng: Rng) -> Intent:
  """Returns something to wish for."""
  count = rng.choice((1, 2, 2, 3))
  wishes = tuple(
      Wish(
          entity=entity,
          persistence=rng.choice(words.PERSISTENCE),
          behaviors=tuple(
              rng.sample(behaviors.NAMES, rng.choice((1, 1, 2)))
          ),
          num_extras=rng.randint(1, 5),
      )
      for entity in rng.sample(words.ENTITIES, count)
  )
  pairs = [(i, j) for j in range(count) for i in range(j)]
  wires = rng.sample(pairs, rng.randint(0, min(2, len(pairs))))
  name = f"{rng.choice(words.ADJECTIVES)}-{wishes[0].entity.lower()}"
  return Intent(name=name, wishes=wishes, wires=tuple(wires))


def make_plan(intent: Intent, rng: Rng) -> plan_lib.Plan:
  """Returns a plan for `intent`; `rng` decides what the intent left open."""
  writer = _Writer(rng)
  writer.add("set_knob", (), "name", intent.name)
  for i, wish in enumerate(intent.wishes):
    _begin(writer, wish)
    for behavior in wish.behaviors[1:]:
      trait = f"{wish.entity}{behavior.title()}"
      _need_fields(writer, i, behavior)
      writer.add("use_behavior", ("orbitals", i), behavior, trait, None, None)
    for _ in range(wish.num_extras):
      rng.choice(_EXTRAS)(writer, ("orbitals", i))
  for source, target in intent.wires:
    _wire(writer, source, target)
  return plan_lib.make_plan(writer.steps)


class _Writer:
  """Writes steps down and keeps the program that they make."""

  def __init__(self, rng: Rng):
    self.rng = rng
    self.steps: list[Action] = []
    self.program = program_lib.EMPTY

  def add(self, kind: str, at: Path, *slots: program_lib.Json) -> None:
    step = Action(kind=kind, at=at, slots=slots)
    self.program = actions_lib.apply(self.program, step)
    self.steps.append(step)

  def pick_trait(self, orbital: Path) -> Path:
    traits = program_lib.items(self.program, (*orbital, "traits"))
    return (*orbital, "traits", self.rng.randrange(len(traits)))

  def names(self, path: Path, key: str = "name") -> list[str]:
    return [e[key] for e in program_lib.items(self.program, path)]

  def fresh(self, pool: tuple[str, ...], path: Path, key: str = "name") -> str:
    """Returns a word of `pool` that no element of the list has for a name."""
    taken = self.names(path, key)
    return self.rng.choice([w for w in pool if w not in taken] or [*pool])


def _begin(writer: _Writer, wish: Wish) -> None:
  """Adds the orbital: in one step, or in as many as it has parts."""
  behavior, path = wish.behaviors[0], f"/{wish.entity.lower()}s"
  index = len(writer.program["orbitals"])
  orbital = ("orbitals", index)
  if writer.rng.random() < 0.7:
    writer.add(
        "start_orbital", (), wish.entity, wish.persistence, behavior, path
    )
    _need_fields(writer, index, behavior)
    return
  is_kept = wish.persistence == "persistent"
  collection = f"{wish.entity.lower()}s" if is_kept else None
  name = f"{wish.entity}Orbital"
  writer.add(
      "add_orbital", (), name, wish.entity, wish.persistence, collection
  )
  writer.add("add_field", orbital, "id", "string", True, None)
  _need_fields(writer, index, behavior)
  trait, page = f"{wish.entity}{behavior.title()}", f"{wish.entity}Page"
  writer.add("use_behavior", orbital, behavior, trait, page, path)


def _need_fields(writer: _Writer, index: int, behavior: str) -> None:
  fields = ("orbitals", index, "entity", "fields")
  if behavior == "counter" and "count" not in writer.names(fields):
    writer.add("add_field", fields[:2], "count", "number", None, None)


def _add_field(writer: _Writer, orbital: Path) -> None:
  type_ = writer.rng.choice(tuple(words.FIELDS))
  name = writer.fresh(words.FIELDS[type_], (*orbital, "entity", "fields"))
  values = writer.rng.sample(words.VALUES, 2) if type_ == "enum" else None
  writer.add("add_field", orbital, name, type_, None, values)


def _relate(writer: _Writer, orbital: Path) -> None:
  entities = [o["entity"]["name"] for o in writer.program["orbitals"]]
  entity = writer.rng.choice(entities)
  name = entity[0].lower() + entity[1:]
  if name not in writer.names((*orbital, "entity", "fields")):
    writer.add("add_field", orbital, name, "relation", None, entity)


def _extend(writer: _Writer, orbital: Path) -> None:
  """Adds a state to a machine: in one step, or piece by piece."""
  trait = writer.pick_trait(orbital)
  machine = (*trait, "stateMachine")
  source = writer.rng.choice(writer.names((*machine, "states")))
  state = writer.fresh(words.STATES, (*machine, "states"))
  event = writer.fresh(words.EVENTS, (*machine, "events"), "key")
  back = writer.rng.choice((None, event))
  writer.add("add_event", trait, event, event.title())
  if writer.rng.random() < 0.5:
    writer.add("extend_machine", trait, source, event, state, back)
    return
  pieces = [
      ("add_state", state, "terminal" if back is None else None),
      ("add_transition", source, event, state),
  ]
  if back is not None:
    pieces.append(("add_transition", state, back, source))
  writer.rng.shuffle(pieces)
  for kind, *slots in pieces:
    writer.add(kind, trait, *slots)


def _act(writer: _Writer, orbital: Path) -> None:
  """Adds an effect to a transition."""
  rng = writer.rng
  fields = writer.names((*orbital, "entity", "fields"))
  pattern = rng.choice([p for p in words.PATTERNS if p != "button"])
  required, properties = words.PATTERNS[pattern]
  shown = dict(properties[: max(required, 1)])
  if "fields" in shown:
    shown["fields"] = rng.sample(fields, min(len(fields), 2))
  if "entity" in shown:
    shown["entity"] = _entity(writer, orbital)
  operator, *arguments = rng.choice((
      ["render-ui", "main", {"type": pattern, **shown}],
      ["render-ui", "sidebar", {"type": pattern, **shown}],
      ["set", f"@entity.{rng.choice(fields)}", rng.choice((0, "x", True))],
      ["navigate", rng.choice(writer.names((*orbital, "pages"), "path"))],
      ["notify", "Saved", "success"],
      ["fetch", _entity(writer, orbital)],
  ))
  transition = _pick_transition(writer, orbital)
  writer.add("add_effect", transition, operator, arguments)


def _guard(writer: _Writer, orbital: Path) -> None:
  transition = _pick_transition(writer, orbital)
  field = writer.rng.choice(writer.names((*orbital, "entity", "fields")))
  writer.add("set_guard", transition, ["=", f"@entity.{field}", "x"])


def _tick(writer: _Writer, orbital: Path) -> None:
  trait = writer.pick_trait(orbital)
  ticks = (*trait, "ticks")
  index = len(program_lib.items(writer.program, ticks))
  writer.add("add_tick", trait, writer.fresh(words.TICKS, ticks), 1000)
  writer.add("add_effect", (*ticks, index), "set", ["@entity.id", "x"])


def _carry(writer: _Writer, orbital: Path) -> None:
  """Lets an event carry something, and uses it."""
  transition = _pick_transition(writer, orbital)
  machine = transition[:-2]
  key = program_lib.get(writer.program, (*transition, "event"))
  index = writer.names((*machine, "events"), "key").index(key)
  event = (*machine, "events", index)
  name = writer.fresh(words.PAYLOADS, (*event, "payload"))
  writer.add("add_payload", event, name, "string", None)
  writer.add(
      "add_effect", transition, "set", ["@entity.id", f"@payload.{name}"]
  )


def _show(writer: _Writer, orbital: Path) -> None:
  """Adds a page."""
  entity = _entity(writer, orbital)
  view = writer.rng.choice(words.VIEWS)
  path = f"/{entity.lower()}s/{view.lower()}"
  if path not in writer.names((*orbital, "pages"), "path"):
    trait = program_lib.get(
        writer.program, (*writer.pick_trait(orbital), "name")
    )
    writer.add("add_page", orbital, f"{entity}{view}Page", path, trait)


def _turn_knob(writer: _Writer, orbital: Path) -> None:
  """Sets the subtitle of a header."""
  headers = [
      (*path, "stateMachine", "transitions", t, "effects", e, 2)
      for path, trait in program_lib.traits(writer.program)
      if path[: len(orbital)] == orbital
      for t, transition in enumerate(trait["stateMachine"]["transitions"])
      for e, effect in enumerate(transition.get("effects", ()))
      if len(effect) > 2 and _is_header(effect[2])
  ]
  if headers:
    subtitle = writer.rng.choice(words.ADJECTIVES)
    writer.add("set_knob", writer.rng.choice(headers), "subtitle", subtitle)


def _is_header(pattern: program_lib.Json) -> bool:
  return isinstance(pattern, dict) and pattern["type"] == "page-header"


def _entity(writer: _Writer, orbital: Path) -> str:
  return program_lib.get(writer.program, (*orbital, "entity", "name"))


def _pick_transition(writer: _Writer, orbital: Path) -> Path:
  path = (*writer.pick_trait(orbital), "stateMachine", "transitions")
  count = len(program_lib.items(writer.program, path))
  return (*path, writer.rng.randrange(count))


def _wire(writer: _Writer, source: int, target: int) -> None:
  """Lets one orbital's trait hear another's."""
  emitter = writer.pick_trait(("orbitals", source))
  listener = writer.pick_trait(("orbitals", target))
  entity = _entity(writer, ("orbitals", source))
  event = slots_lib.signal_name(entity, writer.rng)
  triggers = writer.rng.choice(
      writer.names((*listener, "stateMachine", "events"), "key")
  )
  steps = [
      ("declare_emit", emitter, event, "external", "id"),
      ("add_listener", listener, event, triggers, "external", None),
  ]
  writer.rng.shuffle(steps)
  for kind, at, *slots in steps:
    writer.add(kind, at, *slots)


_EXTRAS: tuple[Callable[[_Writer, Path], None], ...] = (
    _add_field, _add_field, _relate, _extend, _extend, _act, _act, _guard,
    _tick, _carry, _show, _turn_knob,
)  # fmt: skip


def sample_plans(seed: str) -> Iterator[tuple[Intent, plan_lib.Plan]]:
  """Yields intents and plans without end, the same ones for the same seed."""
  rng = random.Random(seed)
  while True:
    intent = sample_intent(rng)
    yield intent, make_plan(intent, rng)
