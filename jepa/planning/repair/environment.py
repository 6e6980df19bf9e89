"""The interpreter that runs the tests, and what it imports from."""

from collections.abc import Iterable
import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import NamedTuple

from jepa.planning.repair import errors
from jepa.planning.repair import interpreter

_SKIPPED = frozenset((
    "build", "dist", "node_modules", "site-packages", "venv",
))


class Interpreter(NamedTuple):
  """An interpreter that has pytest.

  path: of the program.
  import_paths: folders that it imports from.
  """
  path: str
  import_paths: tuple[str, ...]


def find(
    name: str, root: pathlib.Path, *, is_named: bool
) -> Interpreter:
  """Returns the interpreter that runs the tests: ours, where theirs cannot.

  Args:
    name: of the interpreter, or its path, perhaps relative to `root`.
    root: the project's folder.
    is_named: whether it is the user who says so: then no other will do.

  Raises:
    RepairError: it is not there or has no pytest, and no other will do.
  """
  found = shutil.which(str(root / name) if os.sep in name else name)
  found = found or shutil.which(name)
  asked = _ask(found, root) if found else None
  if asked is not None:
    return asked
  if not is_named:
    return _ours()
  raise errors.RepairError(
      "no_interpreter",
      f"{name} is {'without pytest' if found else 'no interpreter'}: give "
      "--python=PATH of one that has pytest and the project's dependencies.",
  )


def _ours() -> Interpreter:
  return Interpreter(sys.executable, tuple(interpreter.import_paths()))


def _ask(python: str, root: pathlib.Path) -> Interpreter | None:
  """Returns what is behind `python`, perhaps a shim; None without pytest."""
  if os.path.abspath(python) == os.path.abspath(sys.executable):
    return _ours()
  text = pathlib.Path(interpreter.__file__).read_text()
  try:
    done = subprocess.run(
        [python, "-c", text], cwd=root, capture_output=True, timeout=60
    )
    answer = json.loads(done.stdout)
    if not answer["has_pytest"]:
      return None
    return Interpreter(answer["executable"], tuple(answer["import_paths"]))
  except (OSError, subprocess.TimeoutExpired, ValueError):
    return None


def import_roots(
    import_paths: Iterable[str], root: pathlib.Path
) -> tuple[str, ...]:
  """Returns folders of the project that are imported from, relative to it.

  Where the project is installed in place, that is how its tests find it, and
  a copy of the project must be found in the same way.
  """
  places = (pathlib.Path(os.path.realpath(path)) for path in import_paths)
  return tuple(
      place.relative_to(root).as_posix()
      for place in places
      if place != root and place.is_relative_to(root) and place.is_dir()
      and not _SKIPPED.intersection(place.relative_to(root).parts)
      and not any((p / "pyvenv.cfg").exists() for p in (place, *place.parents))
  )
