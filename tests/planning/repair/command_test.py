"""Tests for `command`."""

import os
import pathlib
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from jepa.planning.repair import command
from jepa.planning.repair import errors


class CommandTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    self.root = pathlib.Path(self.create_tempdir().full_path).resolve()
    for name in ("tests/test_a.py", "tests/unit/test_b.py", "my tests/t.py"):
      path = self.root / name
      path.parent.mkdir(parents=True, exist_ok=True)
      path.touch()

  def test_pytest_stands_beside_its_interpreter(self):
    for name in ("pytest", "python3"):
      (self.root / name).touch(mode=0o755)
    with mock.patch.dict(os.environ, PATH=str(self.root)):
      found = command.parse("pytest", self.root)
    self.assertEqual(found.python, str(self.root / "python3"))

  @parameterized.parameters(
      ("pytest", "", (), ()),
      ("pytest -q tests", "", ("tests",), ()),
      ("py.test tests/test_a.py", "", ("tests/test_a.py",), ()),
      ("python -m pytest", "python", (), ()),
      ("python3.12 -B -m pytest -x", "python3.12", (), ()),
      ("/opt/py/bin/python -m pytest -x tests/test_a.py::test_b -k 'a and b'",
       "/opt/py/bin/python", ("tests/test_a.py::test_b",), ("-k", "a and b")),
      ("pytest tests/test_a.py::C::test_b[1-x]", "",
       ("tests/test_a.py::C::test_b[1-x]",), ()),
      ("pytest -xvsk name tests", "", ("tests",), ("-k", "name")),
      ("pytest -kname -mslow", "", (), ("-k", "name", "-m", "slow")),
      ("pytest --tb=short --maxfail 1 -n auto -rA tests", "", ("tests",), ()),
      ("pytest --cov=pkg --cov-report term --durations=3", "", (), ()),
      ("pytest --ignore=tests/unit -o addopts= --runslow", "", (),
       ("--ignore=tests/unit", "-o", "addopts=", "--runslow")),
      ("pytest -p no:cacheprovider -W error", "", (),
       ("-p", "no:cacheprovider", "-W", "error")),
      ("pytest 'my tests/t.py'", "", ("my tests/t.py",), ()),
      ("pytest -- tests", "", ("tests",), ()),
  )
  def test_pytest(self, text, python, tests, options):
    with mock.patch.dict(os.environ, PATH=""):
      found = command.parse(text, self.root)
    self.assertEqual(
        (found.python, found.tests, found.options), (python, tests, options)
    )

  @parameterized.parameters(
      ("python -m unittest", ()),
      ("python -m unittest -v tests.test_a", ("tests/test_a.py",)),
      ("python -m unittest tests.test_a.Case.test_x",
       ("tests/test_a.py::Case::test_x",)),
      ("python -m unittest tests/test_a.py", ("tests/test_a.py",)),
      ("python -m unittest tests.unit", ("tests/unit",)),
      ("python -m unittest discover", ()),
      ("python -m unittest discover tests", ("tests",)),
      ("python -m unittest discover -s tests -t .", ("tests",)),
  )
  def test_unittest(self, text, tests):
    found = command.parse(text, self.root)
    self.assertEqual(found.tests, tests)
    self.assertIn("--override-ini=python_files=test*.py", found.options)

  def test_unittest_discovers_by_a_pattern(self):
    for text in ("discover -p '*_spec.py'", "discover tests '*_spec.py'"):
      found = command.parse(f"python -m unittest {text}", self.root)
      self.assertIn("--override-ini=python_files=*_spec.py", found.options)

  def test_absolute_paths_in_the_project(self):
    found = command.parse(f"pytest {self.root}/tests/test_a.py", self.root)
    self.assertEqual(found.tests, ("tests/test_a.py",))

  def test_variables(self):
    found = command.parse("A=1 B='x y' pytest", self.root)
    self.assertEqual(found.env, {"A": "1", "B": "x y"})

  @parameterized.parameters(
      ("python -m doctest -v core.py", ("core.py",), ("--doctest-modules",)),
      ("python -m doctest -o ELLIPSIS README.txt", ("README.txt",),
       ("--doctest-modules", "--doctest-glob=README.txt")),
      ("coverage run -m pytest -q tests", ("tests",), ()),
      ("coverage run --branch --source=core -m pytest", (), ()),
      ("python -m coverage run -m pytest -k a", (), ("-k", "a")),
      ("coverage run core.py", ("core.py",), ()),
      ("python core.py -v", ("core.py",), ()),
      ("python core.py Case.test_a Other", ("core.py::Case::test_a",
                                            "core.py::Other"), ()),
  )
  def test_others(self, text, tests, options):
    (self.root / "core.py").write_text("import unittest\nunittest.main()\n")
    (self.root / "README.txt").touch()
    found = command.parse(text, self.root)
    self.assertEqual((found.tests, found.options), (tests, options))

  @parameterized.parameters(
      ("cd x && pytest", "--repo names the folder"),
      ("uv run pytest -q 'a b'", "--python=PATH.*'pytest -q .*a b"),
      ("make test", "give the command behind it"),
      ("python -m nose", "nose is neither"),
      ("coverage report", "no tests"),
  )
  def test_remedies(self, text, message):
    with self.assertRaisesRegex(errors.RepairError, message):
      command.parse(text, self.root)

  @parameterized.parameters(
      "", "make test", "tox -e py", "python tests/test_a.py", "python -m nose",
      "cd x && pytest", "pytest | tee log", "pytest 'unclosed", "A=1",
  )
  def test_what_is_not_understood_gets_a_remedy(self, text):
    with self.assertRaisesRegex(errors.RepairError, "python -m pytest"):
      command.parse(text, self.root)

  @parameterized.parameters(
      "pytest tests/missing.py", "python -m unittest tests.missing",
      "pytest tests/missing.py::test_a",
  )
  def test_missing_tests_are_named(self, text):
    with self.assertRaisesRegex(errors.RepairError, "missing"):
      command.parse(text, self.root)


if __name__ == "__main__":
  absltest.main()
