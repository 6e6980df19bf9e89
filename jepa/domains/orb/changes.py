"""The kinds of action that do more than append an element.

Each is a function of program, place and slots; the table at the end names
them. Construction needs the first few, repair the others.
"""

from collections.abc import Callable
import dataclasses

from jepa.domains.orb import adders
from jepa.domains.orb import behaviors
from jepa.domains.orb import program as program_lib

Json = program_lib.Json
Path = program_lib.Path
Program = program_lib.Program

_MACHINE = "stateMachine"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
  """site, slots: as in `adders.Adder`; apply: program, place, slots to next."""
  site: str
  slots: tuple[str, ...]
  apply: Callable[..., Program]


def _start_orbital(program, at, entity, persistence, behavior, path):
  """Adds an orbital that works at once: identity, behaviour, page."""
  program_lib.get(program, at)
  head = {"name": entity, "persistence": persistence}
  if persistence == "persistent":
    head["collection"] = f"{entity.lower()}s"
  head["fields"] = [{"name": "id", "type": "string", "required": True}]
  trait = f"{entity}{behavior.title()}"
  page = {"name": f"{entity}Page", "path": path, "traits": [{"ref": trait}]}
  orbital = {
      "name": f"{entity}Orbital",
      "entity": head,
      "traits": [behaviors.make_trait(behavior, trait, entity)],
      "pages": [page],
  }
  return adders.append(program, (*at, "orbitals"), orbital)


def _use_behavior(program, at, behavior, trait, page, path):
  """Puts a behaviour in place, and a page that shows it if one is named."""
  entity = program_lib.get(program, (*at, "entity", "name"))
  program = adders.append(
      program, (*at, "traits"), behaviors.make_trait(behavior, trait, entity)
  )
  if page is None:
    return program
  shown = {"name": page, "path": path, "traits": [{"ref": trait}]}
  return adders.append(program, (*at, "pages"), shown)


def _extend_machine(program, at, source, event, state, back):
  """Adds a state with the ways in and out: terminal if there is no way out."""
  flags = {"isTerminal": True} if back is None else {}
  transitions = [{"from": source, "event": event, "to": state}]
  if back is not None:
    transitions.append({"from": state, "event": back, "to": source})
  machine = (*at, _MACHINE)
  program_lib.get(program, machine)
  program = adders.append(
      program, (*machine, "states"), {"name": state, **flags}
  )
  for transition in transitions:
    program = adders.append(program, (*machine, "transitions"), transition)
  return program


def _set_knob(program, at, key, value):
  """Sets one key of a dictionary, which is made if it is not there."""

  def put(container):
    if not isinstance(container, dict | None):
      raise program_lib.ProgramError(f"no keys at {program_lib.show(at)}.")
    return {**(container or {}), key: value}

  return program_lib.update(program, at, put)


def _setter(key: str) -> Callable[..., Program]:
  """Returns a change of one key of an element that exists."""

  def change(program, at, value):
    program_lib.get(program, at)
    return _set_knob(program, at, key, value)

  return change


def _set_persistence(program, at, persistence, collection):
  def put(entity):
    kept = {k: v for k, v in entity.items() if k != "collection"}
    fresh = adders.present(persistence=persistence, collection=collection)
    return {**kept, **fresh}

  program_lib.get(program, (*at, "entity"))
  return program_lib.update(program, (*at, "entity"), put)


def _set_initial(program, at, state):
  """Makes `state` the only initial one."""

  def mark(states):
    return [
        {
            **{k: v for k, v in s.items() if k != "isInitial"},
            **({"isInitial": True} if s.get("name") == state else {}),
        }
        for s in states
    ]

  path = (*at, _MACHINE, "states")
  program_lib.get(program, path)
  return program_lib.update(program, path, mark)


def _remove(program, at):
  """Takes an element out of its list, or a key out of its dictionary."""
  program_lib.get(program, at)
  *parent, key = at

  def drop(container):
    if isinstance(container, dict):
      return {k: v for k, v in container.items() if k != key}
    return [*container[:key], *container[key + 1 :]]

  return program_lib.update(program, tuple(parent), drop)


def _rename(program, at, old, new):
  """Replaces every string that is `old` within `at`, and in bindings."""

  def change(value):
    if isinstance(value, dict):
      return {k: change(v) for k, v in value.items()}
    if isinstance(value, list):
      return [change(v) for v in value]
    if value == old:
      return new
    if value == f"@entity.{old}":
      return f"@entity.{new}"
    return value

  program_lib.get(program, at)
  return program_lib.update(program, at, change)


CHANGES: dict[str, Change] = {
    "start_orbital": Change(
        site="program",
        slots=("entity", "persistence", "behavior", "path"),
        apply=_start_orbital,
    ),
    "use_behavior": Change(
        site="orbital",
        slots=("behavior", "trait", "page", "path"),
        apply=_use_behavior,
    ),
    "extend_machine": Change(
        site="trait",
        slots=("source", "event", "state", "back"),
        apply=_extend_machine,
    ),
    "set_guard": Change(
        site="transition", slots=("guard",), apply=_setter("guard")
    ),
    "set_knob": Change(site="", slots=("key", "value"), apply=_set_knob),
    "set_scope": Change(site="emit", slots=("scope",), apply=_setter("scope")),
    "set_persistence": Change(
        site="orbital",
        slots=("persistence", "collection"),
        apply=_set_persistence,
    ),
    "set_initial": Change(site="trait", slots=("state",), apply=_set_initial),
    "retarget": Change(
        site="transition", slots=("target",), apply=_setter("to")
    ),
    "rename": Change(site="", slots=("old", "new"), apply=_rename),
    "remove": Change(site="", slots=(), apply=_remove),
}
