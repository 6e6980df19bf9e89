"""mutmut on a copy of a project: the neighbour that most people know."""

import ast
import json
import pathlib
import resource
import shutil
import subprocess
import time
from typing import NamedTuple

_SETUP = """[mutmut]
source_paths={package}
only_mutate={path}
also_copy={package}
pytest_add_cli_args_test_selection={tests}
"""


class Cost(NamedTuple):
  """What mutmut's own mutants have cost, its start apart.

  start: seconds until the first mutant is judged: it runs the tests three
    times.
  count, fell: mutants judged, and those of them that failed a test.
  wall, cpu: seconds for all of them.
  """
  start: float
  count: int
  fell: int
  wall: float
  cpu: float


def run(program: str, package: pathlib.Path, path: str) -> Cost:
  """Has mutmut judge all of its mutants of one file, on one processor.

  Args:
    program: mutmut 3, in an environment that has pytest.
    package: a package with a folder of tests, which is copied.
    path: of the file, relative to the package's parent.

  Raises:
    CalledProcessError: mutmut did not get to its mutants.
  """
  folder = package.parent.with_name("mutmut")
  shutil.copytree(package, folder / package.name)
  (folder / "setup.cfg").write_text(_SETUP.format(
      package=package.name, path=path, tests=f"{package.name}/tests"
  ))
  command = [program, "run", "--max-children=1"]
  start, start_cpu = _run([*command, _first_mutant(folder, path)], folder)
  wall, cpu = _run(command, folder)
  text = (folder / "mutants" / f"{path}.meta").read_text()
  codes = json.loads(text)["exit_code_by_key"].values()
  return Cost(
      start, len(codes), sum(code != 0 for code in codes),
      wall - start, cpu - start_cpu,
  )


def _first_mutant(folder: pathlib.Path, path: str) -> str:
  tree = ast.parse((folder / path).read_text())
  name = next(n.name for n in tree.body if isinstance(n, ast.FunctionDef))
  return f"{path.removesuffix('.py').replace('/', '.')}.x_{name}__mutmut_1"


def _run(command: list[str], folder: pathlib.Path) -> tuple[float, float]:
  """Returns seconds by the clock and of CPU time."""
  start, used = time.perf_counter(), _cpu()
  subprocess.run(command, cwd=folder, check=True, capture_output=True)
  return time.perf_counter() - start, _cpu() - used


def _cpu() -> float:
  used = resource.getrusage(resource.RUSAGE_CHILDREN)
  return used.ru_utime + used.ru_stime
