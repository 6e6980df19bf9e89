"""Fresh imports without a fresh interpreter.

A process that has imported pytest, and nothing of the project, forks for
every program it is asked to run. What takes time besides, rewriting the
assertions of test files, is done once: the byte code is kept in the copy.
"""

import os
import shutil
import sys
from typing import Any

from . import host
from . import wire as wire_lib
from . import zygote

_OLDER = 1000  # Seconds; so no byte code is taken for that of an edit.


def keep_serving(
    config: dict[str, Any],
    wire: wire_lib.Wire,
    page: wire_lib.Page,
    layers: tuple[str, ...],
) -> None:
  """Runs sessions until the parent closes the pipe.

  Every message is the part of a session's `config` that differs from run to
  run; `files` are the texts to replace. Each session ends in "ended".
  """
  tree = _Tree(config["root"], os.path.join(config["writable"][0], "kept"))
  parent = os.getpid()
  warm_up = {
      "files": {}, "only": [], "budgets": {}, "stop": True, "warm_up": True,
  }
  message = warm_up
  strays = zygote.Strays()
  while message is not None:
    tree.replace(message["files"])
    page.begin(-1, float("inf"))
    child = os.fork()
    if child == 0:
      _run_forked(
          {**config, **message, "mode": "single"}, wire, page, layers, parent
      )
    _, status = os.waitpid(child, 0)
    zygote.kill_group(child)
    strays.end()
    page.rest()
    if message is warm_up:
      tree.keep()
    tree.restore()
    wire.send({"op": "ended", "code": os.waitstatus_to_exitcode(status)})
    message = wire.receive()


def _run_forked(config, wire, page, layers, parent: int) -> None:
  try:
    zygote.become_child(parent)
    wire.take_over()
    sys.dont_write_bytecode = not config.get("warm_up", False)
    wire.send({"op": "serving", "pid": os.getpid()})
    host.run(config, wire, page, layers)
  finally:
    os._exit(0)


class _Tree:
  """The copy of the project, put back after each session.

  Args:
    root: of the copy.
    kept: folder for a second copy to restore it from.
  """

  def __init__(self, root: str, kept: str):
    self._root = root
    self._kept = kept
    self._files: dict[str, tuple] = {}

  def keep(self) -> None:
    """Takes the tree as it is now for the one to put back."""
    shutil.copytree(self._root, self._kept, symlinks=True)
    self._files = self._scan()

  def replace(self, files: dict[str, str]) -> None:
    """Writes texts by path relative to the root."""
    for path, text in files.items():
      name = os.path.join(self._root, path)
      old = os.stat(name).st_mtime if os.path.exists(name) else _OLDER
      if os.path.lexists(name):
        os.unlink(name)  # Perhaps a link.
      with open(name, "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
      os.utime(name, (old - _OLDER, old - _OLDER))

  def restore(self) -> None:
    """Undoes whatever has changed since `keep`."""
    now = self._scan()
    for name in now.keys() - self._files.keys():
      os.unlink(os.path.join(self._root, name))
    for name, state in self._files.items():
      if now.get(name) != state:
        path = os.path.join(self._root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy2(
            os.path.join(self._kept, name), path, follow_symlinks=False
        )

  def _scan(self) -> dict[str, tuple]:
    found = {}
    for folder, _, names in os.walk(self._root):
      for name in names:
        path = os.path.join(folder, name)
        state = os.lstat(path)
        found[os.path.relpath(path, self._root)] = (
            state.st_mtime_ns, state.st_size, state.st_mode
        )
    return found
