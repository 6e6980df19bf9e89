"""A small project with tests, written to a folder."""

import pathlib

from jepa.domains.code_repair import settings as settings_lib

_CORE = '''"""Small functions."""

LIMIT = 10


def clamp(x, low, high):
  """Keeps x in [low, high]."""
  if x < low:
    return low
  if x > high:  # Above.
    return high
  return x


def total(values, start=0):
  result = start
  for value in values:
    if value is None:
      continue
    result = result + value
  return result


class Stack:

  def __init__(self):
    self.items = []

  def push(self, item):
    if len(self.items) >= LIMIT:
      raise OverflowError("full")
    self.items.append(item)
    return len(self.items)

  def peek(self, default=None):
    if not self.items:
      return default
    return self.items[-1]


def never_tested(x):
  y = x + 1
  return y * 2 if y > 3 else y - 1
'''

_TESTS = '''import unittest

import core
import pytest


@pytest.mark.parametrize("x,expected", [(-1, 0), (5, 5), (11, 10)])
def test_clamp(x, expected):
  assert core.clamp(x, 0, 10) == expected


def test_total():
  assert core.total([1, 2, None, 3]) == 6
  assert core.total([], 4) == 4


class StackTest(unittest.TestCase):

  def test_push_and_peek(self):
    stack = core.Stack()
    self.assertIsNone(stack.peek())
    self.assertEqual(stack.push("a"), 1)
    self.assertEqual(stack.push("b"), 2)
    self.assertEqual(stack.peek(), "b")

  def test_full(self):
    stack = core.Stack()
    for i in range(core.LIMIT):
      stack.push(i)
    with self.assertRaises(OverflowError):
      stack.push(0)
'''


def write(
    folder: str, name: str = "fixture-1.0", is_short: bool = False
) -> settings_lib.Checkout:
  """Writes the project into `folder` and returns its checkout.

  Args:
    is_short: whether it is to hold `clamp` alone.
  """
  core, tests = _CORE, _TESTS
  if is_short:
    core = core[: core.index("def total")]
    tests = tests[: tests.index("def test_total")]
  root = pathlib.Path(folder)
  (root / "core.py").write_text(core)
  (root / "tests").mkdir()
  (root / "tests" / "test_core.py").write_text(tests)
  return settings_lib.Checkout(
      name=name, root=root, files=("core.py",), tests=("tests",)
  )
