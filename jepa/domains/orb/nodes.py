"""From a program to a list of nodes, all of them, in the order of reading.

A node says one thing: a name, a reference, an operand, an error code. The
transitions of a state follow the state, wherever they stand in the program, so
that what belongs together lies together.
"""

from collections.abc import Iterable, Mapping
import functools
from typing import NamedTuple

from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from jepa.domains.orb import vocabulary

Json = program_lib.Json
Path = program_lib.Path
Codes = Mapping[Path, Iterable[tuple[str, str]]]

_ROLE = {name: i for i, name in enumerate(vocabulary.ROLES)}
_VALUE = {name: i for i, name in enumerate(vocabulary.VALUES)}
_FLAG = {name: i for i, name in enumerate(vocabulary.FLAGS)}


class Node(NamedTuple):
  """path: of the element it belongs to; detail: 0 for what matters most.

  features: as `VOCABULARY.node_features` names them.
  """
  path: Path
  detail: int
  text: str
  features: tuple[int, ...]


def say(value: Json) -> tuple[str, str]:
  """Returns the text of a scalar and how it is written (see `VALUES`).

  A binding's text is the bare name of the field that it binds.
  """
  if isinstance(value, str):
    if value.startswith("@"):
      root, _, field = value[1:].partition(".")
      name = field.split(".")[0] or root
      return name, root if root in ("entity", "payload") else "binding"
    return value or "empty", "text" if value else "empty"
  if value is None:
    return "null", "null"
  if isinstance(value, bool):
    return str(value).lower(), "boolean"
  if isinstance(value, int | float):
    return str(value), "number"
  return "empty", "empty"


@functools.lru_cache(maxsize=1 << 14)
def _place(path: Path) -> tuple[int, int, int, int]:
  """Returns the features depth, orbital, trait and item; 0 stands for none."""
  indices = [key for key in path if isinstance(key, int)]
  trait = schema.enclosing(path, "trait")
  return (
      min(len(path), vocabulary.NUM_DEPTHS - 1),
      min(1 + indices[0], vocabulary.NUM_ORBITALS - 1) if indices else 0,
      min(1 + trait[-1], vocabulary.NUM_TRAITS - 1) if trait else 0,
      min(1 + indices[-1], vocabulary.NUM_ITEMS - 1) if indices else 0,
  )


class Reader:
  """Reads a program into `nodes`; `spans` says which belong to each path."""

  def __init__(self, program: program_lib.Program, codes: Codes):
    self.nodes: list[Node] = []
    self.spans: dict[Path, tuple[int, int]] = {}
    self._codes = codes
    self._read_program(program)

  def add(
      self,
      path: Path,
      detail: int,
      role: str,
      value: Json,
      *,
      flag: str = "none",
      count: int = 0,
  ) -> None:
    """Adds one node."""
    text, written = say(value)
    features = (
        _ROLE[role],
        _VALUE[written],
        _FLAG[flag],
        *_place(path),
        min(count.bit_length(), vocabulary.NUM_COUNTS - 1),
    )
    self.nodes.append(Node(path, detail, text, features))

  def _begin(
      self, path: Path, detail: int, role: str, value: Json, flag: str = "none"
  ) -> int:
    """Adds the first node of an element and what is wrong with it."""
    start = len(self.nodes)
    self.add(path, detail, role, value, flag=flag)
    for severity, code in self._codes.get(path, ()):
      self.add(path, 0, severity, code)
    return start

  def _end(self, path: Path, start: int) -> None:
    self.spans[path] = (start, len(self.nodes))

  def _keys(self, path, detail, element, roles: Mapping[str, str]) -> None:
    """Adds a node for each key of `roles` that `element` has."""
    for key, role in roles.items():
      if key in element:
        self._value(path, detail, role, element[key])

  def _rest(self, path, detail, element, known: Iterable[str]) -> None:
    """Adds the keys that have no role of their own."""
    for key in sorted(element.keys() - set(known)):
      self._property((*path, key), detail, key, element[key])

  def _property(self, path, detail, key, value) -> None:
    start = len(self.nodes)
    self.add(path, detail, "property", key)
    self._value(path, detail, "operand", value)
    self._end(path, start)

  def _value(self, path, detail, role, value) -> None:
    """Adds the scalars of any value, with the keys that lead to them."""
    if isinstance(value, dict) and value:
      if "type" in value:  # It says what the rest is about.
        self.add(path, detail, "pattern", value["type"])
      for key in sorted(value.keys() - {"type"}):
        self._property((*path, key), detail + 1, key, value[key])
    elif isinstance(value, list) and value:
      for i, element in enumerate(value):
        if isinstance(element, dict | list):
          start = len(self.nodes)
          self._value((*path, i), detail + 1, role, element)
          self._end((*path, i), start)
        else:
          self.add(path, detail, role, element)
    else:
      self.add(path, detail, role, value)

  def _read_program(self, program) -> None:
    start = self._begin((), 0, "program", program.get("name", ""))
    for path, orbital in program_lib.orbitals(program):
      self._read_orbital(path, orbital)
    self._rest((), 4, program, ("name", "orbitals"))
    self._end((), start)

  def _read_orbital(self, path, orbital) -> None:
    start = self._begin(path, 0, "orbital", orbital.get("name", ""))
    self._read_entity((*path, "entity"), orbital.get("entity"))
    for i, library in _dicts(orbital, "uses"):
      at = (*path, "uses", i)
      begun = self._begin(at, 1, "library", library.get("as", ""))
      self._rest(at, 4, library, ("as",))
      self._end(at, begun)
    for i, trait in _dicts(orbital, "traits"):
      self._read_trait((*path, "traits", i), trait)
    for i, page in _dicts(orbital, "pages"):
      self._read_page((*path, "pages", i), page)
    known = ("name", "entity", "uses", "traits", "pages")
    self._rest(path, 4, orbital, known)
    self._end(path, start)

  def _read_entity(self, path, entity) -> None:
    if not isinstance(entity, dict):
      entity = {"name": entity}
    start = self._begin(path, 0, "entity", entity.get("name", ""))
    roles = {"persistence": "persistence", "collection": "collection"}
    self._keys(path, 1, entity, roles)
    for i, field in _dicts(entity, "fields"):
      self._read_field((*path, "fields", i), field)
    self._rest(path, 4, entity, ("name", "fields", *roles))
    self._end(path, start)

  def _read_field(self, path, field) -> None:
    flag = "required" if field.get("required") is True else "none"
    start = self._begin(path, 1, "field", field.get("name", ""), flag)
    self._keys(path, 2, field, {"type": "type", "values": "option"})
    relation = field.get("relation")
    if isinstance(relation, dict):
      self.add(path, 2, "relation", relation.get("entity", ""))
    known = ("name", "type", "required", "values", "relation")
    self._rest(path, 4, field, known)
    self._end(path, start)

  def _read_page(self, path, page) -> None:
    start = self._begin(path, 1, "page", page.get("name", ""))
    self._keys(path, 1, page, {"path": "path"})
    for i, attached in _dicts(page, "traits"):
      at = (*path, "traits", i)
      begun = self._begin(at, 1, "attachment", attached.get("ref", ""))
      self._rest(at, 4, attached, ("ref",))
      self._end(at, begun)
    self._rest(path, 4, page, ("name", "path", "traits"))
    self._end(path, start)

  def _read_trait(self, path, trait) -> None:
    start = self._begin(path, 0, "trait", trait.get("name", ""))
    roles = {"category": "category", "linkedEntity": "link", "scope": "scope"}
    self._keys(path, 1, trait, roles)
    machine = trait.get("stateMachine")
    if isinstance(machine, dict):
      self._read_machine((*path, "stateMachine"), machine)
    for i, emit in _dicts(trait, "emits"):
      self._read_emit((*path, "emits", i), emit)
    for i, listener in _dicts(trait, "listens"):
      self._read_listener((*path, "listens", i), listener)
    for i, tick in _dicts(trait, "ticks"):
      at = (*path, "ticks", i)
      begun = self._begin(at, 1, "tick", tick.get("name", ""))
      self._read_acts(at, tick)
      self._rest(at, 3, tick, ("name", "guard", "effects"))
      self._end(at, begun)
    known = ("name", "stateMachine", "emits", "listens", "ticks", *roles)
    self._rest(path, 4, trait, known)
    self._end(path, start)

  def _read_emit(self, path, emit) -> None:
    start = self._begin(path, 1, "emit", emit.get("event", ""))
    self._keys(path, 1, emit, {"scope": "scope"})
    self._read_payload(path, emit)
    self._rest(path, 4, emit, ("event", "scope", "payload", "payloadSchema"))
    self._end(path, start)

  def _read_listener(self, path, listener) -> None:
    start = self._begin(path, 1, "listener", listener.get("event", ""))
    roles = {"triggers": "trigger", "scope": "scope"}
    self._keys(path, 1, listener, roles)
    source = listener.get("source")
    if isinstance(source, dict):
      self.add(path, 1, "source", source.get("trait", ""))
    self._rest(path, 4, listener, ("event", "source", *roles))
    self._end(path, start)

  def _read_machine(self, path, machine) -> None:
    start = len(self.nodes)
    for i, event in _dicts(machine, "events"):
      at = (*path, "events", i)
      begun = self._begin(at, 1, "event", event.get("key", ""))
      self._read_payload(at, event)
      known = ("key", "name", "payload", "payloadSchema")
      self._rest(at, 4, event, known)
      self._end(at, begun)
    leaving: dict[str, list[tuple[int, Json]]] = {}
    for i, transition in _dicts(machine, "transitions"):
      leaving.setdefault(_key(transition.get("from")), []).append(
          (i, transition)
      )
    for i, state in _dicts(machine, "states"):
      at = (*path, "states", i)
      name = state.get("name", "")
      begun = self._begin(at, 1, "state", name, _state_flag(state))
      for j, transition in leaving.pop(_key(name), ()):
        self._read_transition((*path, "transitions", j), transition)
      self._rest(at, 4, state, ("name", "isInitial", "isTerminal"))
      self._end(at, begun)
    for transitions in leaving.values():  # From states that are not there.
      for j, transition in transitions:
        at = (*path, "transitions", j)
        self.add(at, 1, "source", transition.get("from", ""))
        self._read_transition(at, transition)
    self._rest(path, 4, machine, ("events", "states", "transitions"))
    self._end(path, start)

  def _read_transition(self, path, transition) -> None:
    event = transition.get("event", "")
    start = self._begin(path, 2, "transition", event)
    self._keys(path, 2, transition, {"to": "target"})
    self._read_acts(path, transition)
    self._rest(path, 4, transition, ("from", "event", "to", "guard", "effects"))
    self._end(path, start)

  def _read_acts(self, path, element) -> None:
    """Reads the guard and the effects of a transition or a tick."""
    if "guard" in element:
      self._expression((*path, "guard"), "guard", element["guard"])
    effects = element.get("effects")
    for i, effect in enumerate(effects if isinstance(effects, list) else ()):
      self._expression((*path, "effects", i), "effect", effect)

  def _expression(self, path, role, value) -> None:
    """Reads an S-expression: its operator, then the rest."""
    operator, operands = value, []
    if isinstance(value, list) and value:
      operator, *operands = value
    if isinstance(operator, dict | list):
      operator, operands = "", [value]
    start = self._begin(path, 3, role, operator)
    for i, operand in enumerate(operands):
      at = (*path, i + 1)
      begun = len(self.nodes)
      self._value(at, 3, "operand", operand)
      self._end(at, begun)
    self._end(path, start)

  def _read_payload(self, path, element) -> None:
    for key in ("payload", "payloadSchema"):
      for i, field in _dicts(element, key):
        flag = "required" if field.get("required") is True else "none"
        at = (*path, key, i)
        begun = self._begin(at, 3, "payload", field.get("name", ""), flag)
        self._keys(at, 4, field, {"type": "type"})
        self._end(at, begun)


def _dicts(element: Json, key: str) -> list[tuple[int, Json]]:
  values = element.get(key)
  if not isinstance(values, list):
    return []
  return [(i, v) for i, v in enumerate(values) if isinstance(v, dict)]


def _state_flag(state: Json) -> str:
  if state.get("isInitial"):
    return "initial"
  return "terminal" if state.get("isTerminal") else "none"


def _key(name: Json) -> str:
  return name if isinstance(name, str) else program_lib.canonical(name)
