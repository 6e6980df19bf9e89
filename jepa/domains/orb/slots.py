"""Fills the slots of actions: with names in reach mostly, or with others.

Whether a name is valid where it is put depends on the state, and is for the
compiler to say.
"""

from collections.abc import Callable, Sequence
import random

from jepa.domains.orb import behaviors
from jepa.domains.orb import effects
from jepa.domains.orb import names as names_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import words

Json = program_lib.Json
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
