"""From a program to the construction steps that build it, exactly.

Elements that a typed action can begin are begun by it; what that leaves out is
filled in by `set_knob` and `insert_item`, one small piece a step. So every JSON
object can be built, and the usual parts of a program take few steps.
"""

from collections.abc import Iterator

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import adders
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema

Json = program_lib.Json
Path = program_lib.Path
Action = actions_lib.Action

# Parts that others refer to come first. The rest follows in order of name.
_ORDER = ("name", "entity", "states", "events", "transitions", "stateMachine")
_LATE = ("traits", "pages", "listens", "config")

# Which adder begins the elements of a role.
_ADDER_OF_ROLE = {
    "orbital": "add_orbital",
    "library": "use_library",
    "field": "add_field",
    "trait": "add_trait",
    "state": "add_state",
    "event": "add_event",
    "transition": "add_transition",
    "effect": "add_effect",
    "emit": "declare_emit",
    "listener": "add_listener",
    "tick": "add_tick",
    "page": "add_page",
    "attachment": "attach_trait",
}


def decompose(program: program_lib.Program) -> list[Action]:
  """Returns steps that replay from `program.EMPTY` to `program`."""
  return list(steps_between(program_lib.EMPTY, program, ()))


def steps_between(have: Json, want: Json, path: Path) -> Iterator[Action]:
  """Yields steps that turn `have`, which lies at `path`, into `want`.

  `have` must be a beginning of `want` (see `begins`), except that keys of
  dictionaries may be superfluous or have other values.
  """
  if isinstance(have, dict) and isinstance(want, dict):
    yield from _complete_dict(have, want, path)
  elif isinstance(have, list) and isinstance(want, list):
    for i, value in enumerate(want):
      if i < len(have):
        yield from steps_between(have[i], value, (*path, i))
      else:
        yield from insertion(value, path, i)


def _complete_dict(have, want, path):
  for key in have:
    if key not in want:
      yield Action(kind="remove", at=(*path, key), slots=())
  for key in sorted(want, key=_rank):
    value, begun = want[key], have.get(key)
    is_begun = key in have and begins(begun, value)
    if is_begun or (isinstance(begun, dict) and isinstance(value, dict)):
      yield from steps_between(begun, value, (*path, key))
    else:
      yield from placement(value, path, key)


def placement(value: Json, path: Path, key: str) -> Iterator[Action]:
  """Yields the steps that set `key` of the dictionary at `path`."""
  at = (*path, key)
  if isinstance(value, list) and value and schema.element_role(at):
    beginning = []  # Made by the first element that is appended.
  else:
    beginning = stub(value)
    if schema.role(at) == "guard":
      yield Action(kind="set_guard", at=path, slots=(beginning,))
    else:
      yield Action(kind="set_knob", at=path, slots=(key, beginning))
  yield from steps_between(beginning, value, at)


def insertion(value: Json, path: Path, index: int) -> Iterator[Action]:
  """Yields the steps that append `value` to the list at `path`."""
  action = _typed(value, path)
  if action is None:
    action = Action(kind="insert_item", at=path, slots=(stub(value),))
  begun = actions_lib.SPECS[action.kind].build(*action.slots)
  yield action
  yield from steps_between(begun, value, (*path, index))


def _typed(value: Json, path: Path) -> Action | None:
  """Returns the typed action that begins `value`, if there is one."""
  role = schema.element_role(path)
  kind = _ADDER_OF_ROLE.get(role)
  if role == "payload":
    is_schema = path[-1] == "payloadSchema"
    kind = "add_payload_schema" if is_schema else "add_payload"
  if kind is None:
    return None
  adder = adders.ADDERS[kind]
  try:
    slots = tuple(stub(slot) for slot in adder.read(value))
    begun = adder.build(*slots)
  except (LookupError, TypeError, AttributeError):
    return None
  if not begins(begun, value):
    return None
  site = path[: len(path) - len(adder.into)]
  return Action(kind=kind, at=site, slots=slots)


def stub(value: Json) -> Json:
  """Returns a beginning of `value` with at most `MAX_LEAVES` scalars."""
  return _take(value, actions_lib.MAX_LEAVES)[0]


def _take(value: Json, room: int) -> tuple[Json, int]:
  """Returns a beginning of `value` and the room that it leaves."""
  if isinstance(value, dict):
    taken = {}
    # Scalars first ("type" foremost): they say what the thing is.
    for key in sorted(value, key=lambda k: (_size(value[k]), k != "type", k)):
      if room <= 0 or (taken and _size(value[key]) > room):
        break
      taken[key], room = _take(value[key], room)
    return taken, room if taken else room - 1
  if isinstance(value, list):
    taken = []
    for element in value:
      if room <= 0:
        break
      head, room = _take(element, room)
      taken.append(head)
    return taken, room if taken else room - 1
  return value, room - 1


def _size(value: Json) -> int:
  """Counts scalars and empty containers."""
  if isinstance(value, dict):
    return sum(map(_size, value.values())) or 1
  if isinstance(value, list):
    return sum(map(_size, value)) or 1
  return 1


def begins(have: Json, want: Json) -> bool:
  """Whether `want` can be reached from `have` by adding only."""
  if isinstance(have, dict) and isinstance(want, dict):
    return all(k in want and begins(v, want[k]) for k, v in have.items())
  if isinstance(have, list) and isinstance(want, list):
    return len(have) <= len(want) and all(map(begins, have, want))
  return type(have) is type(want) and have == want


def _rank(key: str) -> tuple[int, str]:
  if key in _ORDER:
    return _ORDER.index(key), key
  return len(_ORDER) + (1 + _LATE.index(key) if key in _LATE else 0), key
