"""Tests for the engine on projects laid out and run in many ways."""

import importlib.util
import pathlib
import sys
import sysconfig
import venv

from absl.testing import absltest
from absl.testing import parameterized
from jepa.planning import repair
from tests.planning.repair import bad_input_test

_BROKEN = "def add(a, b):\n  return a - b\n"
_USE = "def test_add():\n  assert core.add(2, 3) == 5\n"
# What pytest needs, beside the standard library.
_PYTEST = (
    "pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py"
)

# Files, the test command, and the file that is to be mended.
_LAYOUTS = {
    "single files":
        ({"core.py": _BROKEN, "test_core.py": "import core\n" + _USE},
         "pytest", "core.py"),
    "src": (
        {"src/pkg/__init__.py": "", "src/pkg/core.py": _BROKEN,
         "tests/test_core.py": "from pkg import core\n" + _USE},
        "pytest tests", "src/pkg/core.py"),
    "tests inside a package": (
        {"pkg/__init__.py": "", "pkg/core.py": _BROKEN,
         "pkg/tests/__init__.py": "",
         "pkg/tests/test_core.py": "from .. import core\n" + _USE},
        "python -m pytest pkg", "pkg/core.py"),
    "a namespace package": (
        {"space/pkg/core.py": _BROKEN,
         "tests/test_core.py": "from space.pkg import core\n" + _USE},
        "pytest", "space/pkg/core.py"),
    "conftest and fixtures": (
        {"core.py": _BROKEN,
         "tests/conftest.py": "import pytest\nimport core\n\n"
                              "@pytest.fixture(params=[2, 3])\n"
                              "def total(request):\n"
                              "  return core.add(request.param, 1)\n",
         "tests/test_core.py": "def test_total(total, request):\n"
                               "  assert total in (3, 4)\n"},
        "pytest", "core.py"),
    "unittest": (
        {"core.py": _BROKEN,
         "tests/test_core.py":
             "import unittest\nimport core\n\n"
             "class CoreTest(unittest.TestCase):\n"
             "  def test_add(self):\n"
             "    for x in (2, 3):\n"
             "      with self.subTest(x):\n"
             "        self.assertEqual(core.add(x, 1), x + 1)\n"},
        "python -m unittest discover -s tests", "core.py"),
    "a doctest": (
        {"core.py": 'def add(a, b):\n  """Adds.\n\n  >>> add(2, 3)\n  5\n'
                    '  """\n  return a - b\n'},
        "pytest --doctest-modules", "core.py"),
    "async tests without a plugin": (
        {"core.py": "async def add(a, b):\n  return a - b\n",
         "test_core.py": "import asyncio\nimport core\n\n"
                         "def test_add():\n"
                         "  assert asyncio.run(core.add(2, 3)) == 5\n"},
        "pytest", "core.py"),
    "a constant of a module": (
        {"core.py": "STEP = 2\n\n\ndef add(a):\n  return a + STEP\n",
         "test_core.py": "import core\n\ndef test_add():\n"
                         "  assert core.add(2) == 3\n"
                         "\ndef test_step():\n  assert core.STEP == 1\n"},
        "pytest", "core.py"),
    "a constant of another module": (
        {"app/limits.py": "class Limits:\n  step = 2\n",
         "app/core.py": "from app import limits\n\n\n"
                        "def add(a):\n  return a + limits.Limits.step\n",
         "test_core.py": "from app import core\n\ndef test_add():\n"
                         "  assert core.add(2) == 3\n"
                         "  assert core.limits.Limits.step == 1\n"},
        "pytest", "app/limits.py"),
    "a member of an enumeration": (
        {"core.py": "import enum\n\n\nclass Size(enum.IntEnum):\n"
                    "  SMALL = 1\n  LARGE = 3\n",
         "test_core.py": "import core\n\ndef test_large():\n"
                         "  assert core.Size(2).name == 'LARGE'\n"},
        "pytest", "core.py"),
    "a loop of a module": (
        {"core.py": "TABLE = {}\nfor i in range(4):\n  TABLE[i] = i + 2\n",
         "test_core.py": "import core\n\ndef test_table():\n"
                         "  assert core.TABLE == {0: 0, 1: 2, 2: 4, 3: 6}\n"},
        "pytest", "core.py"),
    "a test beside one that needs the network": (
        {"core.py": _BROKEN,
         "test_core.py": "import core\nimport socket\n" + _USE +
                         "\ndef test_network():\n"
                         "  socket.create_connection(('192.0.2.1', 80))\n"},
        "python -m coverage run -m pytest", "core.py"),
}


def _make_interpreter(folder, pth):
  """Returns an interpreter that has pytest and `pth`, and nothing of ours."""
  venv.create(folder, with_pip=False, symlinks=True)
  scheme = {"base": str(folder), "platbase": str(folder)}
  site = pathlib.Path(sysconfig.get_path("purelib", "venv", scheme))
  for name in _PYTEST:
    spec = importlib.util.find_spec(name)
    if spec is not None:
      place = pathlib.Path(spec.origin)
      if place.name == "__init__.py":
        place = place.parent
      (site / place.name).symlink_to(place)
  (site / "installed.pth").write_text(f"{pth}\n")
  return str(folder / "bin" / "python")


class LayoutsTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    side = pathlib.Path(self.create_tempdir().full_path).resolve()
    self.root, self.side = side / "project", side
    self.root.mkdir()

  @parameterized.named_parameters(
      (name.replace(" ", "_"), *case) for name, case in _LAYOUTS.items()
  )
  def test(self, files, test_command, path):
    bad_input_test.write(self.root, files)
    report = repair.repair(repair.Request(
        root=self.root, test_command=test_command, checkpoint="none",
        budget=repair.Budget(executions=400),
    ))
    self.assertEqual(report.status, "fixed")
    self.assertEqual(report.patches[0].path, path)

  def test_another_interpreter_and_a_project_installed_in_place(self):
    files = {
        "python/pkg/core.py": "import dependency\n\n" + _BROKEN,
        "tests/test_core.py":
            "import importlib.util\nfrom pkg import core\n\n"
            f"{_USE}\ndef test_nothing_of_ours_is_there():\n"
            "  assert importlib.util.find_spec('jax') is None\n",
    }
    bad_input_test.write(self.root, files)
    bad_input_test.write(self.side, {"elsewhere/dependency.py": ""})
    python = _make_interpreter(
        self.side / "env",
        f"{self.root / 'python'}\n{self.side / 'elsewhere'}",
    )
    self.assertNotEqual(python, sys.executable)
    report = repair.repair(repair.Request(
        root=self.root, test_command="pytest", python=python,
        checkpoint="none", budget=repair.Budget(executions=400),
    ))
    self.assertEqual(report.status, "fixed", report.notes)
    self.assertLen(report.failing, 1)
    self.assertEqual(report.patches[0].path, "python/pkg/core.py")


if __name__ == "__main__":
  absltest.main()
