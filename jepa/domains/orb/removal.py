"""Takes parts out of a program and knows how to put them back."""

import dataclasses

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import decompose
from jepa.domains.orb import program as program_lib

Action = actions_lib.Action
Json = program_lib.Json
Path = program_lib.Path
Program = program_lib.Program


@dataclasses.dataclass(frozen=True, kw_only=True)
class Aside:
  """Something taken out: from which list, or which key of which dictionary."""
  parent: Path
  key: str | None
  element: Json

  def first_step(self, program: Program) -> Action:
    """Returns the step that begins to put it back."""
    if self.key is not None:
      steps = decompose.placement(self.element, self.parent, self.key)
    else:
      last = len(program_lib.items(program, self.parent))
      steps = decompose.insertion(self.element, self.parent, last)
    return next(steps)


def take_out(
    program: Program, path: Path, records: list[Aside]
) -> tuple[Program, list[Aside]]:
  """Removes what is at `path`; moves the places of `records` along."""
  parent, key = path[:-1], path[-1]

  def drop(elements):
    if isinstance(elements, dict):
      return {k: v for k, v in elements.items() if k != key}
    return [*elements[:key], *elements[key + 1 :]]

  program = program_lib.update(program, parent, drop)
  moved = [
      dataclasses.replace(record, parent=after)
      for record in records
      if (after := _without(record.parent, path)) is not None
  ]
  return program, moved


def _without(path: Path, removed: Path) -> Path | None:
  """Returns where `path` leads once `removed` is gone; None if it is too."""
  *parent, key = removed
  depth = len(parent)
  if len(path) <= depth or path[:depth] != tuple(parent):
    return path
  if path[depth] == key:
    return None
  if isinstance(key, str) or path[depth] < key:
    return path
  return (*parent, path[depth] - 1, *path[depth + 1 :])
