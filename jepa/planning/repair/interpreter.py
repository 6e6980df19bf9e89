"""What an interpreter is; foreign ones are sent this file to run."""

import importlib.util
import json
import os
import sys


def import_paths():
  """Returns folders that are imported from, editable installs included."""
  paths = [os.path.abspath(path) for path in sys.path]
  for name, module in list(sys.modules.items()):
    if name.startswith("__editable__"):  # Setuptools', where layouts are odd.
      mapping = getattr(module, "MAPPING", {})
      paths += [os.path.dirname(place) for place in mapping.values()]
  return paths


if __name__ == "__main__":
  print(json.dumps({
      "executable": sys.executable,
      "has_pytest": importlib.util.find_spec("pytest") is not None,
      "import_paths": import_paths(),
  }))
