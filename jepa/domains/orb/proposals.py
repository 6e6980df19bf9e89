"""Proposes actions that could be taken in a state, sensible ones and others."""

import random

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import effects
from jepa.domains.orb import names as names_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from jepa.domains.orb import slots as slots_lib
from jepa.domains.orb import words

Action = actions_lib.Action
Json = program_lib.Json
Path = program_lib.Path
Scope = names_lib.Scope
Rng = random.Random


def propose(
    program: program_lib.Program, kind: str, at: Path, rng: Rng
) -> Action:
  """Returns an action of `kind` at `at` with slots filled at random."""
  scope = names_lib.scope_at(program, at)
  if kind == "add_effect":
    operator, *arguments = effects.propose_effect(scope, rng)
    return Action(kind=kind, at=at, slots=(operator, arguments))
  wanted = actions_lib.SPECS[kind].slots
  slots = [slots_lib.fill(kind, slot, scope, rng) for slot in wanted]
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
    slots[i] = slots_lib.fill(action.kind, spec.slots[i], scope, rng)
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
  value = slots_lib.fill("set_knob", slot, scope, rng)
  return Action(kind="set_knob", at=at, slots=(key, value))
