"""Tests of making tests of what functions return."""

import ast
import pathlib
import subprocess
import sys

from absl.testing import absltest
from jepa.domains.code_repair import fuzzing
from jepa.domains.code_repair import settings

_MODULE = '''
import random


def clamp(x, low, high):
  return max(low, min(x, high))


def is_even(n):
  return n % 2 == 0


def draw(n):
  return random.random() + n


def same(n):
  return 0


def identify(thing):
  return id(thing)
'''
_TESTS = '''
import core


def test_all():
  assert core.clamp(5, 0, 3) == 3
  assert core.is_even(4)
  assert not core.is_even(7)
  assert core.draw(1) >= 1
  assert core.same(3) == 0
  assert core.identify(object())
'''


class FuzzingTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    folder = pathlib.Path(absltest.get_default_test_tmpdir(), "fuzzing")
    root = folder / "package"
    (root / "tests").mkdir(parents=True)
    (root / "core.py").write_text(_MODULE)
    (root / "conftest.py").write_text("")
    (root / "tests" / "test_core.py").write_text(_TESTS)
    cls.checkout = settings.Checkout(
        name="core-1", root=root, files=("core.py",), tests=("tests",)
    )
    cls.copy = fuzzing.write_project(cls.checkout, folder / "fuzzed")
    cls.text = (cls.copy.root / fuzzing.TESTS / "test_core.py").read_text()

  def test_the_tests_that_are_made_pass(self):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         *self.copy.tests],
        cwd=self.copy.root, capture_output=True, text=True,
    )
    self.assertEqual(done.returncode, 0, done.stdout)

  def test_each_compares_a_call_with_a_literal(self):
    tests = [
        node for node in ast.parse(self.text).body
        if isinstance(node, ast.FunctionDef)
    ]
    self.assertGreater(len(tests), 8)
    for test in tests:
      (statement,) = test.body
      self.assertIsInstance(statement.test.left, ast.Call)
      ast.literal_eval(statement.test.comparators[0])

  def test_predicates_are_tested_both_ways(self):
    answers = [
        line.rsplit(" ", 1)[1]
        for line in self.text.splitlines()
        if "assert is_even" in line
    ]
    self.assertEqual(set(answers), {"True", "False"})

  def test_what_is_drawn_constant_or_no_literal_is_left_out(self):
    for name in ("draw", "same", "identify"):
      self.assertNotIn(f"import {name}", self.text)

  def test_a_copy_that_is_there_is_not_made_again(self):
    file = self.copy.root / fuzzing.TESTS / "test_core.py"
    file.write_text("")
    self.addCleanup(file.write_text, self.text)
    again = fuzzing.write_project(self.checkout, self.copy.root)
    self.assertEqual(again, self.copy)
    self.assertEqual(file.read_text(), "")


if __name__ == "__main__":
  absltest.main()
