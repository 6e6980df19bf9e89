"""A throw-away copy of a project: candidates never run in the user's tree."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

# Never needed to run tests, and often large.
_SKIPPED = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", "__pycache__", "node_modules",
    ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    ".hypothesis", ".eggs",
})
_LARGEST_FILE = 64 << 20

# Tidies up when its standard input closes: when this process ends, in whatever
# way. Ends what has a variable that names the copy, and removes the copy. The
# second time is for a worker that was still starting something, or writing.
_JANITOR = """
cat >/dev/null
for _ in 1 2; do
  [ -e "$1" ] || exit
  for name in $(grep -lsaF "=$1/" /proc/[0-9]*/environ); do
    name=${name#/proc/}
    kill -9 ${name%/environ}
  done
  rm -rf -- "$1" && exit
  sleep 1
done
"""


class Scratch:
  """A folder holding `tree` (the copy), `home` and `tmp`.

  A context manager. The folder is gone after it, and so are processes that
  were started with a variable naming it, as `process.Process` does; also
  when this process is killed: a small shell waits for that.
  """

  def __init__(self, root: pathlib.Path):
    self.base = pathlib.Path(tempfile.mkdtemp(prefix="jepa-")).resolve()
    self._janitor = subprocess.Popen(
        ["/bin/sh", "-c", _JANITOR, "janitor", str(self.base)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    self._root = root
    self.tree = self.base / "tree"
    self.home = self.base / "home"
    self.tmp = self.base / "tmp"
    self.home.mkdir()
    self.tmp.mkdir()
    try:
      copy_tree(root, self.tree)
    except BaseException:
      self.close()
      raise

  def renew(self) -> None:
    """Copies the project once more, over whatever became of the copy."""
    _remove(self.tree)
    copy_tree(self._root, self.tree)

  def __enter__(self) -> "Scratch":
    return self

  def __exit__(self, *unused_exc_info) -> None:
    self.close()

  def close(self) -> None:
    """Ends its processes, removes it; harmless when done twice."""
    _kill_those_of(self.base)
    _remove(self.base)
    if not self._janitor.stdin.closed:
      self._janitor.stdin.close()
      self._janitor.wait()


def _remove(folder: pathlib.Path) -> None:
  shutil.rmtree(folder, ignore_errors=True)
  if folder.exists():  # A test took the right to remove something.
    for path, _, _ in os.walk(folder):
      os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _kill_those_of(base: pathlib.Path) -> None:
  """Ends processes with a variable that names a path below `base`."""
  mark = b"=" + os.fsencode(base) + b"/"
  for entry in pathlib.Path("/proc").glob("[0-9]*"):
    try:
      if mark in (entry / "environ").read_bytes():
        os.kill(int(entry.name), signal.SIGKILL)
    except OSError:
      continue  # It has ended, or is another user's.


def copy_tree(source: pathlib.Path, target: pathlib.Path) -> None:
  """Copies a project without its history, environments and caches.

  Links that stay inside the tree stay links; a link to a file outside
  becomes a copy of it; a link to a folder outside is left out, so that
  nothing outside can be written through the copy. Sockets, pipes and files
  over 64 MiB are left out too.

  Raises:
    NotADirectoryError: `source` is not a folder.
  """
  source = source.resolve()
  if not source.is_dir():
    raise NotADirectoryError(f"the project's root {source} is not a folder")
  _copy_folder(source, target, source)


def _copy_folder(
    source: pathlib.Path, target: pathlib.Path, root: pathlib.Path
) -> None:
  target.mkdir()
  with os.scandir(source) as entries:
    for entry in entries:
      path = pathlib.Path(entry.path)
      if entry.is_symlink():
        _copy_link(path, target / entry.name, root)
      elif entry.is_dir():
        if entry.name not in _SKIPPED and not (path / "pyvenv.cfg").exists():
          _copy_folder(path, target / entry.name, root)
      elif entry.is_file() and entry.stat().st_size <= _LARGEST_FILE:
        shutil.copy2(path, target / entry.name)


def _copy_link(
    path: pathlib.Path, target: pathlib.Path, root: pathlib.Path
) -> None:
  try:
    end = path.resolve(strict=True)
  except (OSError, RuntimeError):  # Dangling, or a loop.
    return
  if end.is_relative_to(root):
    target.symlink_to(os.path.relpath(end, path.parent.resolve()))
  elif end.is_file() and end.stat().st_size <= _LARGEST_FILE:
    shutil.copy2(end, target)
