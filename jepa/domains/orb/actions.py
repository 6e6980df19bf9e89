"""Typed construction steps: a kind, a place, and a few small slots.

A slot is a JSON scalar or a small JSON value (few scalars, see `MAX_LEAVES`);
None leaves something out. `apply` is pure.
"""

from collections.abc import Iterable, Mapping
import dataclasses
from typing import Any

from jepa.domains.orb import adders
from jepa.domains.orb import changes
from jepa.domains.orb import program as program_lib

Json = program_lib.Json

# The most scalars in one slot that `decompose` uses.
MAX_LEAVES = 8

SPECS: dict[str, adders.Adder | changes.Change] = {
    **adders.ADDERS,
    **changes.CHANGES,
}
KINDS = tuple(SPECS)


class ActionError(ValueError):
  """An action that does not apply to the program, or is no action at all."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Action:
  """kind: one of `KINDS`; at: path of its site; slots: as its spec names."""
  kind: str
  at: program_lib.Path
  slots: tuple[Json, ...]

  def to_json(self) -> dict[str, Json]:
    return {"kind": self.kind, "at": list(self.at), "slots": list(self.slots)}

  @classmethod
  def from_json(cls, record: Mapping[str, Any]) -> "Action":
    """Reads what `to_json` wrote.

    Raises:
      ActionError: the record is no action.
    """
    try:
      action = cls(
          kind=record["kind"],
          at=tuple(record["at"]),
          slots=tuple(record["slots"]),
      )
    except (LookupError, TypeError) as e:
      raise ActionError(f"not an action: {record!r} ({e!r})") from e
    _check(action)
    return action

  @property
  def named_slots(self) -> dict[str, Json]:
    return dict(zip(SPECS[self.kind].slots, self.slots))


def apply(program: program_lib.Program, action: Action) -> program_lib.Program:
  """Returns the program after `action`; never changes `program`.

  Raises:
    ActionError: the action does not fit this program.
  """
  _check(action)
  try:
    return SPECS[action.kind].apply(program, action.at, *action.slots)
  except (ValueError, LookupError, TypeError, AttributeError) as e:
    raise ActionError(f"{action} does not apply: {e!r}") from e


def replay(
    steps: Iterable[Action], start: program_lib.Program = program_lib.EMPTY
) -> program_lib.Program:
  """Returns `start` after all of `steps`."""
  for action in steps:
    start = apply(start, action)
  return start


def _check(action: Action) -> None:
  spec = SPECS.get(action.kind)
  if spec is None:
    raise ActionError(f"kind {action.kind!r} is none of {KINDS}.")
  if len(spec.slots) != len(action.slots):
    raise ActionError(
        f"{action.kind} takes {spec.slots}, not {action.slots!r}."
    )
