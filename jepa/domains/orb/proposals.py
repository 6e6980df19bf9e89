"""Proposes actions that could be taken in a state, sensible ones and others.

Every slot is filled with a name in reach most of the time, and otherwise with
a fresh one or one from elsewhere: whether that is valid depends on the state,
and is for the compiler to say.
"""

from collections.abc import Callable, Sequence
import random

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import behaviors
from jepa.domains.orb import effects
from jepa.domains.orb import names as names_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from jepa.domains.orb import words

Action = actions_lib.Action
Json = program_lib.Json
Path = program_lib.Path
Scope = names_lib.Scope
Rng = random.Random


def pick(
    rng: Rng, known: Sequence[Json], other: Sequence[Json], chance: float
) -> Json:
  """Returns one of `known` with probability `chance`, else one of `other`."""
  if known and (not other or rng.random() < chance):
    return rng.choice(known)
  return rng.choice(other)


def _field_type(scope: Scope, rng: Rng) -> str:
  return pick(rng, tuple(words.FIELDS), ("text", "relation"), 0.9)


def _field(scope: Scope, rng: Rng) -> str:
  fresh = [f for names in words.FIELDS.values() for f in names]
  return pick(rng, scope.fields, fresh, 0.15)


def _path(scope: Scope, rng: Rng) -> str:
  word = rng.choice(words.ENTITIES).lower()
  fresh = [f"/{word}s", f"/{word}/{rng.choice(words.VIEWS).lower()}"]
  return pick(rng, [*fresh, *scope.paths[:1]], [word], 0.9)


def _trait(scope: Scope, rng: Rng) -> str:
  elsewhere = (*scope.traits, *words.GHOSTS[:1])
  return pick(rng, scope.siblings, elsewhere, 0.7)


def _new_trait(scope: Scope, rng: Rng) -> str:
  fresh = f"{scope.entity}{rng.choice(behaviors.NAMES).title()}"
  return pick(rng, [fresh], scope.traits, 0.85)


def _state(scope: Scope, rng: Rng) -> str:
  return pick(rng, scope.states, (*words.STATES, *words.GHOSTS), 0.85)


def _new_state(scope: Scope, rng: Rng) -> str:
  return pick(rng, words.STATES, scope.states, 0.85)


def _event(scope: Scope, rng: Rng) -> str:
  return pick(rng, scope.events, words.EVENTS, 0.8)


def _new_event(scope: Scope, rng: Rng) -> str:
  return pick(rng, words.EVENTS, scope.events, 0.85)


def _entity(scope: Scope, rng: Rng) -> str:
  others = (*scope.entities, rng.choice(words.ENTITIES), words.GHOSTS[0])
  return pick(rng, (scope.entity,) if scope.entity else (), others, 0.6)


def _new_entity(scope: Scope, rng: Rng) -> str:
  return pick(rng, words.ENTITIES, scope.entities, 0.85)


def signal_name(entity: str, rng: Rng) -> str:
  """Returns the name of an event for other traits to hear."""
  return f"{entity.upper()}_{rng.choice(words.SIGNALS)}"


def _heard(scope: Scope, rng: Rng) -> str:
  entity = rng.choice(scope.entities or words.ENTITIES)
  return pick(rng, scope.emitted, [signal_name(entity, rng)], 0.7)


def _detail(scope: Scope, rng: Rng) -> Json:
  """What a field of any type may carry: see `_complete_field`."""
  return pick(rng, (None,), scope.entities, 0.9)


def _value(scope: Scope, rng: Rng) -> Json:
  known = (*scope.fields, *scope.states, *scope.events, scope.entity)
  return pick(rng, known, ("md", "Welcome", True, 3, *words.GHOSTS), 0.4)


def _key(scope: Scope, rng: Rng) -> str:
  _, properties = words.PATTERNS[rng.choice(tuple(words.PATTERNS))]
  return rng.choice(properties)[0]


def _constant(*values: Json) -> Callable[[Scope, Rng], Json]:
  return lambda scope, rng: rng.choice(values)


def _used_name(scope: Scope, rng: Rng) -> str:
  used = (*scope.states, *scope.events, *scope.fields)
  return pick(rng, used, words.GHOSTS, 0.95)


def _other_name(scope: Scope, rng: Rng) -> str:
  fresh = (*words.STATES, *words.EVENTS, *words.FIELDS["string"])
  return pick(rng, fresh, (*scope.states, *scope.events), 0.8)


def _title(scope: Scope, rng: Rng) -> str:
  return rng.choice(words.EVENTS).title()


# How each slot of a kind is filled. A kind of its own comes first: the same
# name declares in one kind what it refers to in another.
_FILL: dict[str, Callable[[Scope, Rng], Json]] = {
    "add_state.state": _new_state,
    "extend_machine.state": _new_state,
    "add_event.event": _new_event,
    "add_trait.trait": _new_trait,
    "use_behavior.trait": _new_trait,
    "add_orbital.entity": _new_entity,
    "start_orbital.entity": _new_entity,
    "add_listener.event": _heard,
    "add_listener.trait": _constant(None),
    "declare_emit.event": lambda scope, rng: signal_name(scope.entity, rng),
    "declare_emit.payload": _constant("id", "id", "data", None),
    "add_field.field": _field,
    "add_field.type": _field_type,
    "alias": _constant("Browse", "Modal"),
    "arguments": lambda scope, rng: [],
    "back": lambda scope, rng: pick(rng, (None,), scope.events, 0.4),
    "behavior": _constant(*behaviors.NAMES),
    "category": _constant(*words.CATEGORIES),
    "collection": lambda scope, rng: rng.choice(
        (None, f"{scope.entity.lower()}s")
    ),
    "detail": _detail,
    "entity": _entity,
    "event": _event,
    "field": _constant(*words.PAYLOADS),
    "flag": _constant(None, None, "terminal", "initial"),
    "guard": effects.propose_guard,
    "interval": _constant(500, 1000, 5000),
    "key": _key,
    "library": _constant("std/behaviors/std-browse", "std/behaviors/std-modal"),
    "new": _other_name,
    "old": _used_name,
    "operator": _constant("fetch", "notify"),
    "orbital": lambda scope, rng: f"{rng.choice(words.ENTITIES)}Orbital",
    "page": lambda scope, rng: f"{scope.entity}{rng.choice(words.VIEWS)}Page",
    "path": _path,
    "persistence": _constant(*words.PERSISTENCE),
    "required": _constant(None, True),
    "scope": _constant("external", "external", "internal"),
    "source": _state,
    "state": _state,
    "target": _state,
    "tick": _constant(*words.TICKS),
    "title": _title,
    "trait": _trait,
    "triggers": _event,
    "type": _constant("string", "number", "object"),
    "value": _value,
}


def fill(kind: str, slot: str, scope: Scope, rng: Rng) -> Json:
  """Returns a value for one slot of an action of `kind`."""
  proposer = _FILL.get(f"{kind}.{slot}") or _FILL[slot]
  return proposer(scope, rng)


def propose(
    program: program_lib.Program, kind: str, at: Path, rng: Rng
) -> Action:
  """Returns an action of `kind` at `at` with slots filled at random."""
  scope = names_lib.scope_at(program, at)
  if kind == "add_effect":
    operator, *arguments = effects.propose_effect(scope, rng)
    return Action(kind=kind, at=at, slots=(operator, arguments))
  slots = [fill(kind, s, scope, rng) for s in actions_lib.SPECS[kind].slots]
  if kind == "add_field":
    slots = _complete_field(slots, scope, rng)
  return Action(kind=kind, at=at, slots=tuple(slots))


def _complete_field(slots, scope, rng):
  """Gives a field what its type asks for, most of the time."""
  name, type_, required, detail = slots
  if rng.random() < 0.8:
    if type_ == "enum":
      detail = rng.sample(words.VALUES, 2)
    elif type_ == "relation":
      detail = rng.choice(scope.entities or words.GHOSTS)
  return name, type_, required, detail


def corrupt(
    program: program_lib.Program, action: Action, rng: Rng
) -> Action | None:
  """Returns `action` with one slot filled anew; None if that is no change."""
  spec = actions_lib.SPECS[action.kind]
  if not spec.slots:
    return None
  scope = names_lib.scope_at(program, action.at)
  slots = list(action.slots)
  i = rng.randrange(len(slots))
  if isinstance(slots[i], list | dict):
    slots[i] = effects.corrupt_value(slots[i], scope, rng)
  else:
    slots[i] = fill(action.kind, spec.slots[i], scope, rng)
  changed = Action(kind=action.kind, at=action.at, slots=tuple(slots))
  return None if changed == action else changed


# How often a kind is proposed out of the blue.
_WEIGHTS = {
    "start_orbital": 3,
    "add_orbital": 0.5,
    "use_behavior": 4,
    "add_trait": 0.5,
    "add_field": 5,
    "add_page": 4,
    "attach_trait": 2,
    "add_state": 1,
    "extend_machine": 7,
    "add_event": 3,
    "add_payload": 3,
    "add_transition": 6,
    "set_guard": 5,
    "add_effect": 7,
    "declare_emit": 2,
    "add_listener": 2,
    "add_tick": 2,
    "set_knob": 5,
    "set_scope": 2,
    "set_persistence": 2,
    "set_initial": 1,
    "retarget": 3,
    "rename": 3,
    "remove": 6,
}

# Where else than at its site a kind applies.
_ALSO = {"add_payload": ("emit",), "add_effect": ("tick",)}

# Where the kinds that apply to any role are proposed.
_ANYWHERE = {
    "rename": ("trait",),
    "set_knob": ("trait", "page", "event"),
    "remove": tuple(
        role
        for role in schema.ROLES
        if role not in ("program", "entity", "machine", "config")
    ),
}


def sites(
    program: program_lib.Program, focus: Path
) -> dict[str, list[Path]]:
  """Maps each role to the places that have it, at `focus` and around it."""
  found: dict[str, list[Path]] = {"program": [()]}

  def visit(value: Json, path: Path) -> None:
    role = schema.role(path)
    if role is not None and path:
      found.setdefault(role, []).append(path)
    if isinstance(value, dict):
      children = value.items()
    elif isinstance(value, list):
      children = enumerate(value)
    else:
      return
    if role in ("guard", "effect"):
      return
    for key, child in children:
      if isinstance(child, dict | list):
        visit(child, (*path, key))

  orbital = schema.enclosing(focus, "orbital")
  for path, _ in program_lib.orbitals(program):
    if path == orbital:
      visit(program_lib.get(program, path), path)
    else:
      found.setdefault("orbital", []).append(path)
  return found


def propose_any(
    program: program_lib.Program,
    places: dict[str, list[Path]],
    rng: Rng,
) -> Action:
  """Returns an action of a random kind at a random place of `places`."""
  at_kind = {kind: _places(kind, places) for kind in _WEIGHTS}
  kinds = [kind for kind, at in at_kind.items() if at]
  kind = rng.choices(kinds, [_WEIGHTS[kind] for kind in kinds])[0]
  if kind == "remove":
    return Action(kind=kind, at=_pick_removable(places, rng), slots=())
  if kind == "set_knob":
    return _propose_knob(program, places, rng)
  return propose(program, kind, rng.choice(at_kind[kind]), rng)


def _places(kind: str, places: dict[str, list[Path]]) -> list[Path]:
  """Returns where an action of `kind` can be done."""
  if kind in _ANYWHERE:
    roles = _ANYWHERE[kind]
  else:
    roles = (actions_lib.SPECS[kind].site, *_ALSO.get(kind, ()))
  return [path for role in roles for path in places.get(role, ())]


def _pick_removable(places: dict[str, list[Path]], rng: Rng) -> Path:
  """Returns a place of a role, all roles being as likely."""
  roles = [role for role in _ANYWHERE["remove"] if role in places]
  return rng.choice(places[rng.choice(roles)])


def _propose_knob(program, places, rng):
  """Changes a knob: of a pattern, or a key that a trait or entity has."""
  patterns = [
      (*path, i)
      for path in places.get("effect", ())
      for i, part in enumerate(program_lib.get(program, path))
      if isinstance(part, dict)
  ]
  if patterns and rng.random() < 0.7:
    at = rng.choice(patterns)
    scope = names_lib.scope_at(program, at)
    pattern = program_lib.get(program, at)
    key, value = effects.propose_knob(pattern, scope, rng)
    return Action(kind="set_knob", at=at, slots=(key, value))
  at = rng.choice(_places("set_knob", places))
  scope = names_lib.scope_at(program, at)
  key = {"trait": "linkedEntity", "page": "path", "event": "key"}[
      schema.role(at)
  ]
  slot = {"trait": "entity", "page": "path", "event": "event"}[schema.role(at)]
  value = fill("set_knob", slot, scope, rng)
  return Action(kind="set_knob", at=at, slots=(key, value))
