"""Starts a worker: python launch.py READ_FD WRITE_FD PAGE_FD."""

import importlib
import importlib.util
import os
import sys

_PACKAGE = "_jepa_worker"


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


def main() -> None:
  folder = os.path.dirname(os.path.abspath(__file__))
  if not sys.flags.safe_path:
    del sys.path[0]  # This folder: its modules must shadow nothing.
  _load_package(folder)
  worker = importlib.import_module(f"{_PACKAGE}.main")
  worker.main(*map(int, sys.argv[1:4]))


if __name__ == "__main__":
  main()
