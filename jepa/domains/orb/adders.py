"""The kinds of action that append one element to one list: rows of a table."""

from collections.abc import Callable
import dataclasses
from typing import Any

from jepa.domains.orb import program as program_lib

Json = program_lib.Json


@dataclasses.dataclass(frozen=True, kw_only=True)
class Adder:
  """A kind that appends one element.

  site: role of the element it works on (`schema.ROLES`); "" for any place.
  slots: name of each argument; the same name has the same meaning everywhere.
  into: the list, relative to the site.
  build: maps the slots to the element; a slot of None leaves its key out.
  read: maps an element to slots that build it, or the beginning of it; fails
    (LookupError, TypeError, AttributeError) on elements of another make.
  """
  site: str
  slots: tuple[str, ...]
  into: program_lib.Path
  build: Callable[..., Json]
  read: Callable[[Any], tuple[Json, ...]]

  def apply(
      self, program: program_lib.Program, at: program_lib.Path, *slots: Json
  ) -> program_lib.Program:
    """Returns `program` with the element built from `slots`.

    Raises:
      ProgramError: the site is missing, or what should be a list is none.
    """
    if self.into:
      program_lib.get(program, at)
    return append(program, at + self.into, self.build(*slots))


def append(
    program: program_lib.Program, path: program_lib.Path, element: Json
) -> program_lib.Program:
  """Returns `program` with `element` at the end of the list at `path`."""

  def grow(elements):
    if not isinstance(elements, list | None):
      raise program_lib.ProgramError(f"no list at {program_lib.show(path)}.")
    return [*(elements or ()), element]

  return program_lib.update(program, path, grow)


def present(**keys: Json) -> dict[str, Json]:
  """Returns the keys whose values are not None."""
  return {k: v for k, v in keys.items() if v is not None}


def _keyed(site: str, into: program_lib.Path, **keys: str) -> Adder:
  """An adder of a flat dictionary; `keys` maps slots to its JSON keys."""
  return Adder(
      site=site,
      slots=tuple(keys),
      into=into,
      build=lambda *slots: present(**dict(zip(keys.values(), slots))),
      read=lambda e: tuple(e.get(key) for key in keys.values()),
  )


def _verbatim(site: str, into: program_lib.Path, slot: str) -> Adder:
  """An adder of its only slot."""
  return Adder(
      site=site,
      slots=(slot,),
      into=into,
      build=lambda value: value,
      read=lambda e: (e,),
  )


def _build_orbital(name, entity, persistence, collection):
  head = present(name=entity, persistence=persistence, collection=collection)
  head["fields"] = []
  return {"name": name, "entity": head, "traits": [], "pages": []}


def _read_orbital(e):
  keys = ("name", "persistence", "collection")
  return (e["name"], *(e["entity"].get(key) for key in keys))


def _build_trait(name, category, entity):
  machine = {"states": [], "events": [], "transitions": []}
  head = present(name=name, category=category, linkedEntity=entity)
  return {**head, "stateMachine": machine}


def _build_state(name, flag):
  flags = {} if flag is None else {f"is{flag.title()}": True}
  return {"name": name, **flags}


def _read_state(e):
  flags = [f for f in ("initial", "terminal") if e.get(f"is{f.title()}")]
  return e["name"], flags[0] if flags else None


def _build_field(name, type_, required, detail):
  field = present(name=name, type=type_, required=required)
  if isinstance(detail, list):
    field["values"] = detail
  elif detail is not None:
    field["relation"] = {"entity": detail, "cardinality": "one"}
  return field


def _read_field(e):
  detail = e.get("values") or e.get("relation", {}).get("entity")
  return e["name"], e["type"], e.get("required"), detail


def _build_emit(event, scope, payload):
  emit = present(event=event, scope=scope)
  if payload is not None:  # One field: more are added one by one.
    emit["payload"] = [{"name": payload, "type": "string"}]
  return emit


def _build_listener(event, triggers, scope, source):
  listener = present(event=event, triggers=triggers, scope=scope)
  if source is not None:
    listener["source"] = {"kind": "trait", "trait": source}
  return listener


def _read_listener(e):
  source = e.get("source", {}).get("trait")
  return e["event"], e.get("triggers"), e.get("scope"), source


def _build_page(name, path, trait):
  attached = [] if trait is None else [{"ref": trait}]
  return {**present(name=name, path=path), "traits": attached}


def _read_page(e):
  attached = e["traits"]
  return e["name"], e.get("path"), attached[0]["ref"] if attached else None


ADDERS: dict[str, Adder] = {
    "add_orbital": Adder(
        site="program",
        slots=("orbital", "entity", "persistence", "collection"),
        into=("orbitals",),
        build=_build_orbital,
        read=_read_orbital,
    ),
    "use_library": _keyed(
        "orbital", ("uses",), **{"library": "from", "alias": "as"}
    ),
    "add_trait": Adder(
        site="orbital",
        slots=("trait", "category", "entity"),
        into=("traits",),
        build=_build_trait,
        read=lambda e: (e["name"], e.get("category"), e.get("linkedEntity")),
    ),
    "add_field": Adder(
        site="orbital",
        slots=("field", "type", "required", "detail"),
        into=("entity", "fields"),
        build=_build_field,
        read=_read_field,
    ),
    "add_page": Adder(
        site="orbital",
        slots=("page", "path", "trait"),
        into=("pages",),
        build=_build_page,
        read=_read_page,
    ),
    "attach_trait": _keyed("page", ("traits",), trait="ref"),
    "add_state": Adder(
        site="trait",
        slots=("state", "flag"),
        into=("stateMachine", "states"),
        build=_build_state,
        read=_read_state,
    ),
    "add_event": _keyed(
        "trait", ("stateMachine", "events"), event="key", title="name"
    ),
    "add_transition": _keyed(
        "trait",
        ("stateMachine", "transitions"),
        source="from",
        event="event",
        target="to",
    ),
    "add_payload": _keyed(
        "event", ("payload",), field="name", type="type", required="required"
    ),
    "add_payload_schema": _keyed(
        "event",
        ("payloadSchema",),
        field="name",
        type="type",
        required="required",
    ),
    "add_effect": Adder(
        site="transition",
        slots=("operator", "arguments"),
        into=("effects",),
        build=lambda operator, arguments: [operator, *arguments],
        read=lambda e: (e[0], list(e[1:])),
    ),
    "declare_emit": Adder(
        site="trait",
        slots=("event", "scope", "payload"),
        into=("emits",),
        build=_build_emit,
        read=lambda e: (e["event"], e.get("scope"), None),
    ),
    "add_listener": Adder(
        site="trait",
        slots=("event", "triggers", "scope", "trait"),
        into=("listens",),
        build=_build_listener,
        read=_read_listener,
    ),
    "add_tick": Adder(
        site="trait",
        slots=("tick", "interval"),
        into=("ticks",),
        build=lambda tick, interval: {
            **present(name=tick, interval=interval),
            "effects": [],
        },
        read=lambda e: (e["name"], e.get("interval")),
    ),
    "insert_item": _verbatim("", (), "value"),
}
