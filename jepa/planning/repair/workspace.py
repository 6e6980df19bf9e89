"""The user's tree: what may be edited in it, and how a patch gets there."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
import os
import pathlib
import shutil
import subprocess
import tempfile
import warnings

from jepa.planning.repair import errors

_TEST_FOLDERS = frozenset(("test", "tests"))
_SKIPPED = frozenset((
    "__pycache__", "node_modules", "venv", "site-packages", "build", "dist",
))


def is_protected(path: str, test_files: Collection[str]) -> bool:
  """Whether a file says what is right, and is therefore never edited.

  Args:
    path: relative to the root, with forward slashes.
    test_files: files that pytest collected a test from.
  """
  *folders, name = path.split("/")
  return (
      path in test_files
      or not _TEST_FOLDERS.isdisjoint(folders)
      or name in ("conftest.py", "setup.py", "noxfile.py", "tests.py")
      or name.startswith("test_")
      or name.endswith("_test.py")
  )


def check_folder(root: pathlib.Path) -> pathlib.Path:
  """Returns the project's folder, resolved.

  Raises:
    RepairError: it is not a folder.
  """
  if not root.is_dir():
    what = "a file, not a folder" if root.exists() else "not there"
    raise errors.RepairError("no_repo", f"--repo={root} is {what}")
  return root.resolve()


def syntax_errors(root: pathlib.Path) -> Iterator[str]:
  """Yields "path:line: what is wrong" of each file that does not parse."""
  for path in _sources(root):
    try:
      with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(path.read_bytes())
    except SyntaxError as error:
      place = path.relative_to(root).as_posix()
      yield f"{place}:{error.lineno or 1}: {error.msg}"
    except (ValueError, RecursionError, MemoryError, OSError) as error:
      yield f"{path.relative_to(root).as_posix()}:1: {error}"


def _sources(root: pathlib.Path) -> Iterator[pathlib.Path]:
  for folder, folders, files in os.walk(root):
    folders[:] = sorted(
        f for f in folders if f not in _SKIPPED and not f.startswith(".")
    )
    for name in sorted(files):
      if name.endswith(".py"):
        yield pathlib.Path(folder, name)


def check_output(path: pathlib.Path) -> None:
  """Checks, before any work is done, that a file can be written.

  Raises:
    RepairError: it cannot.
  """
  if path.is_dir():
    why = "is a folder"
  elif not path.parent.is_dir():
    why = "is in a folder that is not there"
  elif not os.access(path if path.exists() else path.parent, os.W_OK):
    why = "cannot be written"
  else:
    return
  raise errors.RepairError("unusable_file", f"{path} {why}")


# --- writing -----------------------------------------------------------------


def check_clean(root: pathlib.Path) -> None:
  """Checks that git has every change in `root`; without git, does nothing.

  Files that git does not know are no obstacle: they are never edited.

  Raises:
    RepairError: a file that git knows has changes that are not committed.
  """
  try:
    done = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no", "--", "."],
        cwd=root, capture_output=True, text=True, timeout=60,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
    )
  except (OSError, subprocess.TimeoutExpired):
    return
  if done.returncode == 0 and done.stdout.strip():
    changed = ", ".join(line[3:] for line in done.stdout.splitlines()[:3])
    raise errors.RepairError(
        "dirty_tree",
        f"--write refuses: {root} has changes that are not committed "
        f"({changed}). Commit or stash them, or leave --write out and apply "
        "the diff with `git apply`.",
        errors.EXIT_REFUSED,
    )


def write(
    root: pathlib.Path,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
) -> None:
  """Puts new contents in place of old ones: all of them or none.

  Args:
    root: the project's folder.
    before: what each file must hold now, by path relative to `root`.
    after: what it is to hold.

  Raises:
    RepairError: a file has changed, lies outside `root` or cannot be written;
      then nothing is.
  """
  prepared = []
  try:
    for path, content in after.items():
      target = _check_unchanged(root, path, before[path])
      prepared.append((_prepare(target, content), target))
    _replace(prepared, [before[path] for path in after])
  except OSError as error:
    raise errors.RepairError(
        "not_written", f"cannot write: {error}", errors.EXIT_REFUSED
    ) from error
  finally:
    for temporary, _ in prepared:
      pathlib.Path(temporary).unlink(missing_ok=True)


def _replace(
    prepared: Sequence[tuple[str, pathlib.Path]], before: Sequence[bytes]
) -> None:
  """Moves new files in place, or the old ones back if it is interrupted."""
  try:
    for temporary, target in prepared:
      os.replace(temporary, target)
  except BaseException:
    for (temporary, target), content in zip(prepared, before):
      if not os.path.exists(temporary):
        os.replace(_prepare(target, content), target)
    raise


def _check_unchanged(
    root: pathlib.Path, path: str, before: bytes
) -> pathlib.Path:
  target = (root / path).resolve()
  if not target.is_relative_to(root):
    raise errors.RepairError(
        "outside",
        f"--write refuses: {path} is a link to {target}, outside of {root}",
        errors.EXIT_REFUSED,
    )
  if target.read_bytes() != before:
    raise errors.RepairError(
        "stale",
        f"--write refuses: {path} has changed since it was read. Run the "
        "repair again.",
        errors.EXIT_REFUSED,
    )
  return target


def _prepare(target: pathlib.Path, content: bytes) -> str:
  """Writes `content` to a new file beside `target`, with its permissions."""
  descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".jepa-")
  try:
    with os.fdopen(descriptor, "wb") as file:
      file.write(content)
      file.flush()
      os.fsync(file.fileno())
    shutil.copymode(target, name)
  except BaseException:
    os.unlink(name)
    raise
  return name
