"""What a program calls its things, seen from one place in it."""

from collections.abc import Iterator
import dataclasses

from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema

Json = program_lib.Json
Path = program_lib.Path
Names = tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scope:
  """Names in reach of a place; each tuple in order of appearance.

  entity, fields: of the orbital around the place; "" and () where none is.
  states, events, payload: of the trait around the place; `payload` are the
    names that the transition's event carries.
  siblings: traits of the same orbital; traits, entities, paths: of all.
  emitted: events that traits other than this one emit.
  """
  entity: str = ""
  fields: Names = ()
  states: Names = ()
  events: Names = ()
  payload: Names = ()
  siblings: Names = ()
  traits: Names = ()
  entities: Names = ()
  paths: Names = ()
  emitted: Names = ()


def scope_at(program: program_lib.Program, at: Path) -> Scope:
  """Returns the names in reach of `at`, which need not exist itself."""
  orbital = program_lib.find(program, schema.enclosing(at, "orbital") or at)
  orbital = orbital if isinstance(orbital, dict) else {}
  trait_path = schema.enclosing(at, "trait")
  trait = program_lib.find(program, trait_path) if trait_path else {}
  machine = program_lib.find(trait, ("stateMachine",), {})
  all_traits = list(program_lib.traits(program))
  all_orbitals = [o for _, o in program_lib.orbitals(program)]
  return Scope(
      entity=_text(program_lib.find(orbital, ("entity", "name"))),
      fields=_names(program_lib.find(orbital, ("entity", "fields"))),
      states=_names(program_lib.find(machine, ("states",))),
      events=_names(program_lib.find(machine, ("events",)), "key"),
      payload=_payload(program, at, machine),
      siblings=_names(program_lib.find(orbital, ("traits",))),
      traits=tuple(_text(t.get("name")) for _, t in all_traits),
      entities=tuple(
          _text(program_lib.find(o, ("entity", "name"))) for o in all_orbitals
      ),
      paths=tuple(p for o in all_orbitals for p in _paths(o)),
      emitted=tuple(
          event
          for path, t in all_traits
          if path != trait_path
          for event in _names(t.get("emits"), "event")
      ),
  )


def _payload(program, at, machine) -> Names:
  path = schema.enclosing(at, "transition")
  key = path and program_lib.find(program, (*path, "event"))
  for event in _dicts(program_lib.find(machine, ("events",))):
    if key and event.get("key") == key:
      return _names(event.get("payload") or event.get("payloadSchema"))
  return ()


def _paths(orbital) -> Names:
  return _names(orbital.get("pages"), "path")


def _dicts(elements: Json) -> Iterator[dict[str, Json]]:
  if isinstance(elements, list):
    yield from (e for e in elements if isinstance(e, dict))


def _names(elements: Json, key: str = "name") -> Names:
  return tuple(_text(e.get(key)) for e in _dicts(elements) if e.get(key))


def _text(value: Json) -> str:
  return value if isinstance(value, str) else ""
