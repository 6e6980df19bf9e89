"""Behaviours: whole state machines that one action puts in place.

The compiler at hand resolves no library, so a behaviour is a macro: the trait
is written out in the program. The machines are our own.
"""

from collections.abc import Callable

from jepa.domains.orb import program as program_lib

Json = program_lib.Json


def _header(title: str) -> Json:
  return ["render-ui", "main", {"type": "page-header", "title": title}]


def _state(name: str, flag: str = "") -> Json:
  return {"name": name, **({flag: True} if flag else {})}


def _event(key: str, *payload: str) -> Json:
  fields = [{"name": name, "type": "string"} for name in payload]
  event = {"key": key, "name": key.replace("_", " ").title()}
  return {**event, "payload": fields} if fields else event


def _on(source: str, event: str, target: str, *effects: Json) -> Json:
  """A transition: in `source`, `event` leads to `target`."""
  transition = {"from": source, "event": event, "to": target}
  return {**transition, "effects": list(effects)}


def _start(state: str, entity: str, title: str) -> Json:
  return _on(state, "INIT", state, ["fetch", entity], _header(title))


def _machine(states: Json, events: Json, transitions: Json) -> Json:
  return {
      "states": states,
      "events": [_event("INIT"), *events],
      "transitions": transitions,
  }


def _browse(entity: str, title: str) -> Json:
  again = _on("browsing", "REFRESH", "browsing", ["fetch", entity])
  return _machine(
      [_state("browsing", "isInitial")],
      [_event("REFRESH")],
      [_start("browsing", entity, title), again],
  )


def _edit(entity: str, title: str) -> Json:
  form = {
      "type": "form-section",
      "entity": entity,
      "fields": ["id"],
      "submitEvent": "SAVE",
      "cancelEvent": "CLOSE",
  }
  close = ["render-ui", "modal", None]
  save = ["persist", "create", entity, "@payload.data"]
  return _machine(
      [_state("closed", "isInitial"), _state("open")],
      [_event("OPEN"), _event("CLOSE"), _event("SAVE", "data")],
      [
          _start("closed", entity, title),
          _on("closed", "OPEN", "open", ["render-ui", "modal", form]),
          _on("open", "CLOSE", "closed", close, _header(title)),
          _on("open", "SAVE", "closed", save, close, _header(title)),
      ],
  )


def _toggle(entity: str, title: str) -> Json:
  return _machine(
      [_state("off", "isInitial"), _state("on")],
      [_event("SELECT")],
      [
          _start("off", entity, title),
          _on("off", "SELECT", "on", _header(title)),
          _on("on", "SELECT", "off", _header(title)),
      ],
  )


def _wizard(entity: str, title: str) -> Json:
  names = ("start", "details", "review")
  forth = [
      _on(a, "NEXT", b, _header(title)) for a, b in zip(names, names[1:])
  ]
  back = [
      _on(b, "BACK", a, _header(title)) for a, b in zip(names, names[1:])
  ]
  return _machine(
      [_state("start", "isInitial"), _state("details"), _state("review")],
      [_event("NEXT"), _event("BACK")],
      [_start("start", entity, title), *forth, *back],
  )


def _approval(entity: str, title: str) -> Json:
  decided = (("APPROVE", "approved"), ("REJECT", "rejected"))
  return _machine(
      [
          _state("pending", "isInitial"),
          *(_state(state, "isTerminal") for _, state in decided),
      ],
      [_event(event) for event, _ in decided],
      [
          _start("pending", entity, title),
          *(_on("pending", e, s, _header(title)) for e, s in decided),
      ],
  )


def _counter(entity: str, title: str) -> Json:
  """Needs a field `count`: whether it is there is for the compiler to say."""
  plus = ["set", "@entity.count", ["+", "@entity.count", 1]]
  zero = ["set", "@entity.count", 0]
  return _machine(
      [_state("counting", "isInitial")],
      [_event("ADVANCE"), _event("RESET")],
      [
          _start("counting", entity, title),
          _on("counting", "ADVANCE", "counting", plus),
          _on("counting", "RESET", "counting", zero),
      ],
  )


def _inspect(entity: str, title: str) -> Json:
  show = _on(
      "listing", "VIEW", "viewing", ["set", "@entity.id", "@payload.id"]
  )
  return _machine(
      [_state("listing", "isInitial"), _state("viewing")],
      [_event("VIEW", "id"), _event("BACK")],
      [
          _start("listing", entity, title),
          show,
          _on("viewing", "BACK", "listing", _header(title)),
      ],
  )


_MACHINES: dict[str, Callable[[str, str], Json]] = {
    "browse": _browse,
    "edit": _edit,
    "toggle": _toggle,
    "wizard": _wizard,
    "approval": _approval,
    "counter": _counter,
    "inspect": _inspect,
}
NAMES = tuple(_MACHINES)


def make_trait(behavior: str, trait: str, entity: str) -> Json:
  """Returns the trait that `behavior` puts in place.

  Raises:
    KeyError: there is no such behaviour.
  """
  return {
      "name": trait,
      "category": "interaction",
      "linkedEntity": entity,
      "stateMachine": _MACHINES[behavior](entity, trait),
  }
