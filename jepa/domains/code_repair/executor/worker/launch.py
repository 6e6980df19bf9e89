"""Starts a worker: python launch.py READ_FD WRITE_FD PAGE_FD."""

import ctypes
import importlib
import importlib.util
import os
import sys

_PACKAGE = "_jepa_worker"
_ADDR_NO_RANDOMIZE = 0x0040000


def _load_package(folder: str) -> None:
  """Makes this folder importable without putting it on `sys.path`."""
  spec = importlib.util.spec_from_file_location(
      _PACKAGE,
      os.path.join(folder, "__init__.py"),
      submodule_search_locations=[folder],
  )
  package = importlib.util.module_from_spec(spec)
  sys.modules[_PACKAGE] = package
  spec.loader.exec_module(package)


def _fix_addresses() -> None:
  """Starts over without address randomisation, where the system lets it be.

  Hashes of None, types and functions are addresses before Python 3.12: sets of
  test parameters would have another order, and tests other names, in each
  process, and a clean process could not be compared with this one.
  """
  try:
    libc = ctypes.CDLL(None)
    persona = libc.personality(0xFFFFFFFF)
    if persona >= 0 and not persona & _ADDR_NO_RANDOMIZE:
      if libc.personality(persona | _ADDR_NO_RANDOMIZE) >= 0:
        os.execv(sys.executable, sys.orig_argv)
  except (AttributeError, OSError):
    pass  # Another system: tests are named as luck has it.


def main() -> None:
  folder = os.path.dirname(os.path.abspath(__file__))
  if not sys.flags.safe_path:
    del sys.path[0]  # This folder: its modules must shadow nothing.
  _load_package(folder)
  worker = importlib.import_module(f"{_PACKAGE}.main")
  worker.main(*map(int, sys.argv[1:4]))


if __name__ == "__main__":
  _fix_addresses()
  main()
