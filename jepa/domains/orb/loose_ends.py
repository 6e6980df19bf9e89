"""Loose ends: what a program refers to but does not have, or has in vain.

A good plan ties them; a broken wire leaves two. No compiler is needed, and the
compiler itself is silent about some of them.
"""

from collections.abc import Iterator
import dataclasses
import re

from jepa.domains.orb import census
from jepa.domains.orb import program as program_lib

Json = program_lib.Json
Path = program_lib.Path

# References without an answer; then declarations that nothing uses.
MISSING = (
    "state", "event", "trigger", "listener", "source", "entity", "field",
    "payload", "knob", "trait", "attachment", "route",
)  # fmt: skip
IDLE = ("unheard", "unreachable", "unhandled", "unshown", "unstarted")
ROLES = MISSING + IDLE

_BINDING = re.compile(r"@(entity|payload|config|trait)\.([A-Za-z_]\w*)")
_ROUTE = re.compile(r"/[\w\-/:]+")
_ROUTE_KEYS = frozenset(("href", "path", "route", "to", "navigate"))


@dataclasses.dataclass(frozen=True, kw_only=True)
class LooseEnd:
  """role: one of `ROLES`; path: where it is; name: what is not there."""
  role: str
  path: Path
  name: str


def loose_ends(program: program_lib.Program) -> tuple[LooseEnd, ...]:
  """Returns all loose ends of `program`, which may be any JSON object."""
  names = _Names(program)
  found = []
  for path, orbital in program_lib.orbitals(program):
    found += _of_orbital(names, path, orbital)
  for path, trait in program_lib.traits(program):
    orbital = program_lib.get(program, path[:2])
    found += _of_trait(names, path, trait, orbital)
  return tuple(
      LooseEnd(role=role, path=path, name=name)
      for role, path, name in found
      if name
  )


class _Names:
  """What the whole program declares."""

  def __init__(self, program: program_lib.Program):
    self.fields: dict[str, set[str]] = {}
    self.routes: set[str] = set()
    self.emitters: dict[str, set[str]] = {}
    self.heard: set[str] = set()
    self.traits: set[str] = set()
    for _, orbital in program_lib.orbitals(program):
      fields = dicts(program_lib.find(orbital, ("entity", "fields")))
      name = census.entity_name(orbital)
      self.fields.setdefault(name, set()).update(
          census.text(f.get("name")) for _, f in fields
      )
      self.routes.update(
          census.text(p.get("path")) for _, p in dicts(orbital.get("pages"))
      )
    for _, trait in program_lib.traits(program):
      name = census.text(trait.get("name"))
      self.traits.add(name)
      for event in emitted(trait):
        self.emitters.setdefault(event, set()).add(name)
      self.heard.update(
          census.text(e.get("event")) for _, e in dicts(trait.get("listens"))
      )


def emitted(trait: Json) -> set[str]:
  """Returns the events that `trait` declares to emit or has effects emit."""
  declared = {
      census.text(e.get("event")) for _, e in dicts(trait.get("emits"))
  }
  transitions = program_lib.find(trait, ("stateMachine", "transitions"))
  for _, transition in dicts(transitions):
    for effect in program_lib.items(transition, ("effects",)):
      if isinstance(effect, list) and effect[:1] == ["emit"]:
        declared.update(census.text(x) for x in effect[1:2])
  return declared - {""}


def _of_orbital(names, path, orbital) -> Iterator[tuple[str, Path, str]]:
  for i, field in dicts(program_lib.find(orbital, ("entity", "fields"))):
    target = census.text(program_lib.find(field, ("relation", "entity")))
    if target not in names.fields:
      yield "entity", (*path, "entity", "fields", i, "relation"), target
  attached = {
      census.text(t.get("name")) for _, t in dicts(orbital.get("traits"))
  }
  pages = dicts(orbital.get("pages"))
  for i, page in pages:
    for j, ref in dicts(page.get("traits")):
      name = census.text(ref.get("ref"))
      if name not in attached:
        yield "attachment", (*path, "pages", i, "traits", j), name
  if not pages:
    yield "unshown", path, census.text(orbital.get("name"))


def _of_trait(names, path, trait, orbital):
  machine = trait.get("stateMachine")
  machine = machine if isinstance(machine, dict) else {}
  events = {
      census.text(e.get("key")): e for _, e in dicts(machine.get("events"))
  }
  linked = census.text(trait.get("linkedEntity"))
  if linked not in names.fields:
    yield "entity", (*path, "linkedEntity"), linked
  yield from _of_wires(names, path, trait, events)
  yield from _of_machine((*path, "stateMachine"), machine, events, trait)
  yield from _of_bindings(names, path, trait, machine, orbital, events)


def _of_wires(names, path, trait, events):
  own = census.text(trait.get("name"))
  for i, listener in dicts(trait.get("listens")):
    at = (*path, "listens", i)
    event = census.text(listener.get("event"))
    trigger = census.text(listener.get("triggers"))
    source = census.text(program_lib.find(listener, ("source", "trait")))
    emitters = names.emitters.get(event, set())
    if not emitters:
      yield "listener", at, event
    if source and source not in emitters:
      yield "source", at, source
    if trigger not in events:
      yield "trigger", at, trigger
  for i, emit in dicts(trait.get("emits")):
    event = census.text(emit.get("event"))
    if event not in names.heard and event not in events:
      yield "unheard", (*path, "emits", i), event or own


def _of_machine(path, machine, events, trait):
  transitions = dicts(machine.get("transitions"))
  states = dicts(machine.get("states"))
  declared = {census.text(s.get("name")) for _, s in states}
  emits = emitted(trait)
  entered = {
      census.text(t.get("to"))
      for _, t in transitions
      if t.get("to") != t.get("from")
  }
  raised = set()
  for i, transition in transitions:
    at = (*path, "transitions", i)
    for key in ("from", "to"):
      state = transition.get(key)
      for name in state if isinstance(state, list) else [state]:
        if census.text(name) not in declared:
          yield "state", at, census.text(name)
    event = census.text(transition.get("event"))
    raised.add(event)
    if event not in events:
      yield "event", at, event
  for i, state in states:
    name = census.text(state.get("name"))
    if not state.get("isInitial") and name not in entered:
      yield "unreachable", (*path, "states", i), name
  for i, event in dicts(machine.get("events")):
    name = census.text(event.get("key"))
    if name not in raised and name not in emits:
      yield "unhandled", (*path, "events", i), name
  if states and not any(s.get("isInitial") for _, s in states):
    yield "unstarted", path, census.text(trait.get("name"))


def _of_bindings(names, path, trait, machine, orbital, events):
  entity = census.text(trait.get("linkedEntity"))
  fields = names.fields.get(entity or census.entity_name(orbital))
  knobs = trait.get("config")
  known = {
      "entity": fields,
      "config": set(knobs) if isinstance(knobs, dict) else set(),
      "trait": names.traits,
  }
  role = {"entity": "field", "config": "knob", "trait": "trait"}
  for i, transition in dicts(machine.get("transitions")):
    at = (*path, "stateMachine", "transitions", i)
    carried = _payload(events.get(census.text(transition.get("event"))))
    acts = [transition.get(key) for key in ("guard", "effects")]
    for key, value in strings(acts):
      for root, name in _BINDING.findall(value) if "@" in value else ():
        if root == "payload":
          if carried and name not in carried:
            yield "payload", at, name
        elif known[root] is not None and name not in known[root]:
          yield role[root], at, name
      if key in _ROUTE_KEYS and _ROUTE.fullmatch(value):
        if value not in names.routes:
          yield "route", at, value
  for key, value in strings(knobs):
    if key in _ROUTE_KEYS and _ROUTE.fullmatch(value):
      if value not in names.routes:
        yield "route", (*path, "config"), value


def _payload(event: Json) -> set[str]:
  event = event or {}
  return {
      census.text(f.get("name")).split(".")[0]
      for key in ("payload", "payloadSchema")
      for _, f in dicts(event.get(key))
  }


def strings(value: Json, key: str = "") -> Iterator[tuple[str, str]]:
  """Yields all strings in `value`, each with the key that leads to it.

  Of an expression, that is its operator.
  """
  if isinstance(value, str):
    yield key, value
  elif isinstance(value, dict):
    for k, v in value.items():
      yield from strings(v, k)
  elif isinstance(value, list):
    if value and isinstance(value[0], str):
      key = value[0]
    for v in value:
      yield from strings(v, key)


def dicts(value: Json) -> list[tuple[int, dict[str, Json]]]:
  """Returns the dictionaries in a list and their indices; [] of all else."""
  if not isinstance(value, list):
    return []
  return [(i, v) for i, v in enumerate(value) if isinstance(v, dict)]
