"""Projects to measure with: packages that ship their tests when installed."""

import importlib.util
import pathlib
import random
import shutil

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import executor
from tests.domains.code_repair.executor import sample_project


def copy(package: str, folder: pathlib.Path) -> executor.Project:
  """Copies an installed package with its tests to a folder of its own."""
  spec = importlib.util.find_spec(package)
  if spec is None or not spec.submodule_search_locations:
    raise LookupError(f"no package {package} is installed here")
  source = pathlib.Path(spec.submodule_search_locations[0])
  if not (source / "tests").is_dir():
    raise LookupError(f"{source} has no folder of tests")
  shutil.copytree(
      source, folder / package, ignore=shutil.ignore_patterns("__pycache__")
  )
  return executor.Project(root=folder, tests=(f"{package}/tests",))


def candidates(
    project: executor.Project, paths: list[str], seed: int
) -> list[tuple[evidence.Target, str]]:
  """Returns one-token edits of all functions of some files, shuffled."""
  found = []
  for path in paths:
    source = (project.root / path).read_text()
    for target, text in sample_project.functions(source, path):
      found += [(target, each) for each in sample_project.swaps(text)]
  random.Random(seed).shuffle(found)
  return found


TOOLZ = [
    f"toolz/{name}.py"
    for name in ("dicttoolz", "functoolz", "itertoolz", "recipes", "utils")
]
