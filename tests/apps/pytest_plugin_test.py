"""Tests for `pytest_plugin`: what stands under a failure."""

import os
import pathlib
import subprocess
import sys
import types
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from jepa.apps import pytest_plugin
import pytest
from tests.planning.repair import bad_input_test
from tests.planning.repair import projects

_HERE = pathlib.Path(__file__).parents[2]
_BUG = next(bug for bug in projects.BUGS if bug.name == "range")
_CONFTEST = """
def pytest_addoption(parser):
  parser.addoption("--slow", action="store_true")


def pytest_collection_modifyitems(config, items):
  if not config.getoption("--slow"):
    del items[:]
"""


class PytestPluginTest(parameterized.TestCase):

  def test_a_patch_under_the_failure(self):
    root = _BUG.write(pathlib.Path(self.create_tempdir().full_path))
    bad_input_test.write(root, {"conftest.py": _CONFTEST})
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-p", "jepa.apps.pytest_plugin",
            "--jepa-repair", "--jepa-checkpoint", "none", "-k", "year",
            "--rootdir=.", "--slow", "-x",
        ],
        cwd=root, capture_output=True, text=True, timeout=300,
        env={
            **os.environ,
            "PYTHONPATH": f"{_HERE}{os.pathsep}.",
            # Where the package is installed, pytest would load it by itself.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
    )
    self.assertEqual(done.returncode, 1, done.stderr)
    self.assertIn("+    for m in range(1, month):", done.stdout)
    self.assertIn("confirmed in a clean process", done.stdout)
    progress, _, rest = done.stdout.partition("= FAILURES =")
    self.assertIn("\njepa-repair: running the tests", progress)
    failure, summary = rest.split("= jepa-repair =")
    self.assertIn("- jepa-repair: patch 1 -", failure)
    self.assertIn("patch 1 (", summary)

  @parameterized.parameters(
      (pytest.ExitCode.TESTS_FAILED, True),
      (pytest.ExitCode.INTERRUPTED, False),
      (pytest.ExitCode.INTERNAL_ERROR, False),
  )
  def test_who_has_interrupted_does_not_wait(self, exit_status, is_searched):
    plugin = pytest_plugin.Repair(mock.Mock())
    plugin.pytest_runtest_logreport(
        types.SimpleNamespace(nodeid="a.py::test_a", failed=True)
    )
    with mock.patch.object(plugin, "_repair", return_value={"error": "x"}) as m:
      plugin.pytest_sessionfinish(exit_status)
    self.assertEqual(m.called, is_searched)


if __name__ == "__main__":
  absltest.main()
