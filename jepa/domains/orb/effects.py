"""Proposes effects, guards and knobs: the S-expressions of a program."""

from collections.abc import Callable
import random

from jepa.domains.orb import names as names_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import words

Json = program_lib.Json
Scope = names_lib.Scope
Rng = random.Random


def _choose(rng, known, other, chance):
  return rng.choice(known if known and rng.random() < chance else other)


def _entity(scope: Scope, rng: Rng) -> str:
  others = (*scope.entities, words.GHOSTS[0])
  return _choose(rng, (scope.entity,), others, 0.7)


def _bound_field(scope: Scope, rng: Rng) -> str:
  """A binding of a field that the entity has, or may not have."""
  fresh = [f for names in words.FIELDS.values() for f in names]
  return f"@entity.{_choose(rng, scope.fields, fresh, 0.75)}"


def _bound_payload(scope: Scope, rng: Rng) -> str:
  return f"@payload.{_choose(rng, scope.payload, words.PAYLOADS, 0.75)}"


def _some_fields(scope: Scope, rng: Rng) -> list[str]:
  known = scope.fields or ("id",)
  return rng.sample(known, min(len(known), rng.randint(1, 3)))


def make_pattern(name: str, scope: Scope, rng: Rng) -> Json:
  """Returns a pattern with what it requires, mostly, and a bit more."""
  num_required, properties = words.PATTERNS[name]
  wanted = rng.randint(num_required, len(properties))
  if rng.random() < 0.15:
    wanted = rng.randint(0, len(properties))
  pattern = {"type": name}
  for key, value in properties[:wanted]:
    pattern[key] = _substitute(value, scope, rng)
  return pattern


def _substitute(value, scope, rng):
  if value == "$entity":
    return _entity(scope, rng)
  if value == "$fields":
    return _some_fields(scope, rng)
  return value


def _render(scope: Scope, rng: Rng) -> list[Json]:
  slot = _choose(rng, ("main",), words.SLOTS, 0.7)
  name = rng.choice(tuple(words.PATTERNS))
  return ["render-ui", slot, make_pattern(name, scope, rng)]


def _fetch(scope: Scope, rng: Rng) -> list[Json]:
  return ["fetch", _entity(scope, rng)]


def _close(scope: Scope, rng: Rng) -> list[Json]:
  return ["render-ui", rng.choice(("modal", "drawer")), None]


def _set(scope: Scope, rng: Rng) -> list[Json]:
  field = _bound_field(scope, rng)
  value = rng.choice(
      (0, "x", ["+", field, 1], _bound_payload(scope, rng), True)
  )
  return ["set", field, value]


def _persist(scope: Scope, rng: Rng) -> list[Json]:
  operation = rng.choice(("create", "update", "delete"))
  payload = _bound_payload(scope, rng)
  return ["persist", operation, _entity(scope, rng), payload]


def _emit(scope: Scope, rng: Rng) -> list[Json]:
  fresh = f"{scope.entity.upper()}_{rng.choice(words.SIGNALS)}"
  return ["emit", _choose(rng, scope.emitted, (fresh,), 0.3), {"id": "x"}]


def _navigate(scope: Scope, rng: Rng) -> list[Json]:
  return ["navigate", _choose(rng, scope.paths, ("/missing",), 0.8)]


def _notify(scope: Scope, rng: Rng) -> list[Json]:
  return ["notify", "Saved", rng.choice(("info", "success"))]


_EFFECTS: tuple[Callable[[Scope, Rng], list[Json]], ...] = (
    _render, _render, _render, _fetch, _close, _set, _set, _persist, _emit,
    _navigate, _notify,
)  # fmt: skip


def propose_effect(scope: Scope, rng: Rng) -> list[Json]:
  """Returns an effect that the place could have."""
  return rng.choice(_EFFECTS)(scope, rng)


def propose_guard(scope: Scope, rng: Rng) -> Json:
  """Returns a guard; some can never hold, some act where they may only ask."""
  field = _bound_field(scope, rng)
  return rng.choice((
      [">=", field, 0],
      ["=", field, "x"],
      ["not", field],
      ["=", _bound_payload(scope, rng), "x"],
      [">", 0, 1],
      ["and", ["=", field, 1], ["=", field, 2]],
      ["emit", "ALARM"],
  ))


def propose_knob(pattern: Json, scope: Scope, rng: Rng) -> tuple[str, Json]:
  """Returns a property for `pattern`: its own mostly, or another's."""
  name = pattern.get("type")
  is_known = isinstance(name, str) and name in words.PATTERNS
  own = words.PATTERNS[name][1] if is_known else ()
  if not own or rng.random() < 0.35:
    own = words.PATTERNS[rng.choice(tuple(words.PATTERNS))][1]
  key, value = rng.choice(own)
  return key, _substitute(value, scope, rng)


def corrupt_value(value: Json, scope: Scope, rng: Rng) -> Json:
  """Returns `value` with one of its scalars or keys replaced."""
  if isinstance(value, list):
    if not value:
      return [rng.choice(words.GHOSTS)]
    i = rng.randrange(len(value))
    return [*value[:i], corrupt_value(value[i], scope, rng), *value[i + 1 :]]
  if isinstance(value, dict):
    return _corrupt_dict(value, scope, rng)
  if isinstance(value, str):
    return _corrupt_text(value, scope, rng)
  return rng.choice((0, "x", True))


def _corrupt_dict(value, scope, rng):
  if not value:
    return {"id": "x"}
  key = rng.choice(tuple(value))
  rest = {k: v for k, v in value.items() if k != key}
  fate = rng.random()
  if fate < 0.3 and len(value) > 1:
    return rest
  if fate < 0.6 and key != "type":
    wrong = rng.choice(words.PATTERNS[rng.choice(tuple(words.PATTERNS))][1])
    return {**rest, wrong[0]: value[key]}
  return {**value, key: corrupt_value(value[key], scope, rng)}


def _corrupt_text(text: str, scope: Scope, rng: Rng) -> str:
  """Replaces a name by another of its sort."""
  if text.startswith("@entity"):
    return _bound_field(scope, rng)
  if text.startswith("@payload"):
    return _bound_payload(scope, rng)
  for pool in (
      words.PATTERNS, words.SLOTS, scope.entities, scope.fields, scope.events
  ):
    if text in pool:
      return rng.choice((*pool, words.GHOSTS[0]))
  return rng.choice(words.GHOSTS)
