"""Which files of a project import which, as far as their text says so."""

import ast
from collections.abc import Iterable, Iterator, Sequence
import itertools
import pathlib
import warnings


def following(
    root: pathlib.Path,
    import_roots: Sequence[str],
    paths: Iterable[str],
    most: int,
) -> list[str]:
  """Returns files that some files import, and these import, the nearest first.

  Args:
    root: the project's folder.
    import_roots: folders of it that modules are looked for in.
    paths: of the files to start from, relative to `root`; not among the result.
    most: files to return.
  """
  seen = dict.fromkeys(paths)
  num_first = len(seen)
  left = list(seen)
  while left and len(seen) < num_first + most:
    path = left.pop(0)
    for found in _imported(root, import_roots, path):
      if found not in seen:
        seen[found] = None
        left.append(found)
  return list(itertools.islice(seen, num_first, num_first + most))


def _imported(
    root: pathlib.Path, import_roots: Sequence[str], path: str
) -> Iterator[str]:
  """Yields the files of the modules that a file names in its imports."""
  around = pathlib.PurePosixPath(path).parents
  # pytest puts the folder of a test file on the path.
  folders = [*map(pathlib.PurePosixPath, import_roots), around[0]]
  for level, name in _names(root / path):
    for base in around[level - 1:level] if level else folders:
      yield from _files(root, base.joinpath(*name))


def _names(path: pathlib.Path) -> Iterator[tuple[int, tuple[str, ...]]]:
  """Yields dots in front, and parts, of each module that may be imported."""
  try:
    with warnings.catch_warnings():
      warnings.simplefilter("ignore")
      tree = ast.parse(path.read_bytes())
  except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
    return
  for node in ast.walk(tree):
    if isinstance(node, ast.Import):
      for alias in node.names:
        yield 0, tuple(alias.name.split("."))
    elif isinstance(node, ast.ImportFrom):
      module = tuple(node.module.split(".")) if node.module else ()
      yield node.level, module
      for alias in node.names:  # Each may be a module, too.
        yield node.level, (*module, alias.name)


def _files(
    root: pathlib.Path, module: pathlib.PurePosixPath
) -> Iterator[str]:
  """Yields the file of a module, and those of the packages around it."""
  places = [package / "__init__.py" for package in (module, *module.parents)]
  for place in (pathlib.PurePosixPath(f"{module}.py"), *places):
    if (root / place).is_file():
      yield place.as_posix()
