"""Tests for `behaviour`: what patches do on calls that no test made."""

import ast
import pathlib

from absl.testing import absltest
from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import behaviour
from tests.planning.repair import bad_input_test

_CORE = '''
import functools


@functools.lru_cache
def clamp(x, low, high):
  return BODY


class Stack:

  def __init__(self, *items):
    self.items = list(items)

  def push(self, item):
    self.items.append(item)
    return self
'''
_TESTS = '''
import core


def test_clamp():
  assert core.clamp(5, 0, 3) == 3
  assert core.clamp(-1, 0, 3) == 0


def test_push():
  assert core.Stack(1).push(2).items == [1, 2]
'''


class GroupingTest(absltest.TestCase):

  def test_patches_that_do_the_same_are_one_group(self):
    root = pathlib.Path(self.create_tempdir().full_path)
    bodies = (
        "max(low, min(x, high))",
        "max(min(x, high), low)",
        "high if x > 2 else low",
    )
    bad_input_test.write(root, {"core.py": _CORE, "test_core.py": _TESTS})
    programs = [
        behaviour.Program(
            files={"core.py": _CORE.replace("BODY", body).encode()},
            functions=frozenset(
                {("core.py", "clamp"), ("core.py", "Stack.push")}
            ),
        )
        for body in bodies
    ]
    found = behaviour.group(
        executor_lib.Project(root=root),
        executor_lib.Limits(),
        programs,
        ["test_core.py::test_clamp", "test_core.py::test_push"],
        seconds=120,
    )
    self.assertEqual(found.groups, ((0, 1), (2,)))
    self.assertGreater(found.num_calls, 60)
    (difference,) = found.differences
    x, low, high = ast.literal_eval(difference.call.removeprefix("clamp"))
    self.assertEqual(
        difference.first, f"returns {max(low, min(x, high))}"
    )
    self.assertEqual(difference.other, f"returns {high if x > 2 else low}")
    self.assertNotEqual(difference.first, difference.other)


if __name__ == "__main__":
  absltest.main()
