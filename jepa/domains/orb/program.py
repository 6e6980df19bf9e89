"""Orb programs: JSON trees with a canonical text, and paths into them.

Programs are never changed in place: `update` copies the containers along one
path and shares the rest, so the many states of a trajectory cost little.
"""

from collections.abc import Callable, Iterator
import hashlib
import json
from typing import Any

Json = Any  # None, bool, int, float, str, or lists and dicts of them.
Program = dict[str, Json]
Path = tuple[str | int, ...]

_NOTHING = object()

# What every construction starts from.
EMPTY: Program = {"name": "App", "orbitals": []}


class ProgramError(ValueError):
  """Not an Orb program, or a path that leads nowhere in one."""


def parse(text: str | bytes) -> Program:
  """Reads a program from JSON text.

  Raises:
    ProgramError: the text is not JSON, or not an object.
  """
  try:
    program = json.loads(text)
    canonical(program)  # Rejects numbers that JSON cannot say.
  except (ValueError, RecursionError) as e:
    raise ProgramError(f"not JSON: {e}") from e
  if not isinstance(program, dict):
    raise ProgramError(
        f"an Orb program is a JSON object, not {type(program).__name__}."
    )
  return program


def canonical(value: Json) -> str:
  """Returns the one text of `value`: keys sorted, no spaces."""
  return json.dumps(
      value, sort_keys=True, separators=(",", ":"), allow_nan=False
  )


def digest(value: Json) -> str:
  """Returns a content hash that does not depend on the order of keys."""
  return content_hash(canonical(value).encode())


def content_hash(text: bytes) -> str:
  return hashlib.sha256(text).hexdigest()[:32]


def get(value: Json, path: Path) -> Json:
  """Returns what lies at `path`.

  Raises:
    ProgramError: nothing does.
  """
  found = find(value, path, _NOTHING)
  if found is _NOTHING:
    raise ProgramError(f"nothing at {show(path)}.")
  return found


def find(value: Json, path: Path, default: Json = None) -> Json:
  """Returns what lies at `path`, or `default`."""
  for key in path:
    if isinstance(value, dict):
      if key not in value:
        return default
    elif not isinstance(value, list) or not _is_index(value, key):
      return default
    value = value[key]
  return value


def update(value: Json, path: Path, change: Callable[[Json], Json]) -> Json:
  """Returns a copy with `change` applied to what lies at `path`.

  Containers that are missing at the end of the path are made: `change` gets
  None where nothing was.

  Raises:
    ProgramError: the path leads through a scalar or past the end of a list.
  """
  if not path:
    return change(value)
  key, rest = path[0], path[1:]
  if value is None:
    value = [] if isinstance(key, int) else {}
  if isinstance(value, dict) and isinstance(key, str):
    return {**value, key: update(value.get(key), rest, change)}
  if isinstance(value, list) and _is_index(value, key):
    return [*value[:key], update(value[key], rest, change), *value[key + 1 :]]
  raise ProgramError(f"a {type(value).__name__} has no {key!r}.")


def items(program: Program, path: Path) -> list[Json]:
  """Returns the list at `path`; empty where there is none."""
  value = find(program, path)
  return value if isinstance(value, list) else []


def orbitals(program: Program) -> Iterator[tuple[Path, dict[str, Json]]]:
  """Yields the path and the content of each orbital."""
  for i, orbital in enumerate(items(program, ("orbitals",))):
    if isinstance(orbital, dict):
      yield ("orbitals", i), orbital


def traits(program: Program) -> Iterator[tuple[Path, dict[str, Json]]]:
  """Yields the path and the content of each trait."""
  for path, orbital in orbitals(program):
    for i, trait in enumerate(items(orbital, ("traits",))):
      if isinstance(trait, dict):
        yield (*path, "traits", i), trait


def traits_by_name(program: Program) -> dict[str, Path]:
  """Maps the name of each trait to its path; the last of a name counts."""
  return {
      trait["name"]: path
      for path, trait in traits(program)
      if isinstance(trait.get("name"), str)
  }


def show(path: Path) -> str:
  """Returns `path` as the compiler writes it: "orbitals[0].traits[1]"."""
  parts = (f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)
  return "".join(parts).lstrip(".") or "the program"


def _is_index(value: list[Json], key: str | int) -> bool:
  return isinstance(key, int) and 0 <= key < len(value)
