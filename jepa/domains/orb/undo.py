"""The repair of one's own step: the action that takes another one back."""

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import adders
from jepa.domains.orb import program as program_lib

Action = actions_lib.Action
Program = program_lib.Program
Path = program_lib.Path

_MISSING = object()


def undo(before: Program, action: Action) -> Action | None:
  """Returns the action that turns `apply(before, action)` into `before`.

  None where no single action does.
  """
  find = _UNDO.get(action.kind)
  if action.kind in adders.ADDERS:
    find = _undo_adder
  back = find and find(before, action)
  if back is None:
    return None
  after = actions_lib.apply(before, action)
  try:
    restored = actions_lib.apply(after, back)
  except actions_lib.ActionError:
    return None
  is_back = program_lib.canonical(restored) == program_lib.canonical(before)
  return back if is_back else None


def _undo_adder(before, action):
  path = action.at + adders.ADDERS[action.kind].into
  if program_lib.find(before, path) is None:
    return Action(kind="remove", at=path, slots=())
  index = len(program_lib.items(before, path))
  return Action(kind="remove", at=(*path, index), slots=())


def _undo_key(before, at, key):
  old = program_lib.find(before, (*at, key), _MISSING)
  if old is _MISSING:
    return Action(kind="remove", at=(*at, key), slots=())
  return Action(kind="set_knob", at=at, slots=(key, old))


def _undo_persistence(before, action):
  entity = program_lib.get(before, (*action.at, "entity"))
  slots = entity.get("persistence"), entity.get("collection")
  return Action(kind=action.kind, at=action.at, slots=slots)


def _undo_initial(before, action):
  states = program_lib.items(before, (*action.at, "stateMachine", "states"))
  initial = [s["name"] for s in states if s.get("isInitial")]
  if not initial:
    return None
  return Action(kind=action.kind, at=action.at, slots=(initial[0],))


def _undo_rename(before, action):
  old, new = action.slots
  return Action(kind=action.kind, at=action.at, slots=(new, old))


_UNDO = {
    "set_knob": lambda before, a: _undo_key(before, a.at, a.slots[0]),
    "set_guard": lambda before, a: _undo_key(before, a.at, "guard"),
    "set_scope": lambda before, a: _undo_key(before, a.at, "scope"),
    "retarget": lambda before, a: Action(
        kind=a.kind,
        at=a.at,
        slots=(program_lib.find(before, (*a.at, "to")),),
    ),
    "set_persistence": _undo_persistence,
    "set_initial": _undo_initial,
    "rename": _undo_rename,
}
