"""Tests for `calls`: variations of recorded calls, and what calls give."""

import ast
import pathlib

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair.calls import inputs
from jepa.domains.code_repair.calls import probe


def encoded(*values):
  return {
      "positional": {f"x{i}": probe.encode(v) for i, v in enumerate(values)},
      "keyword": {},
      "star": [],
  }


def drawn(call):
  return [ast.literal_eval(x["plain"]) for x in call["positional"].values()]


class InputsTest(parameterized.TestCase):

  def test_observed_calls_come_first_and_variations_are_new(self):
    calls = [encoded(1, "ab"), encoded(7, "b")]
    found = inputs.vary(calls, 50)
    self.assertEqual(found[:2], calls)
    self.assertGreater(len(found), 25)
    self.assertLen({repr(call) for call in found}, len(found))
    self.assertEqual(found, inputs.vary(calls, 50))

  @parameterized.parameters(
      (3,), (True,), (2.5,), ("word",), (b"word",), (None,), ([1, 2],),
      ((1, "a"),), ({1, 2},), ({"a": [1]},), ([],), ({},), ([None, [(1, "a")]],)
  )
  def test_variations_are_of_the_observed_types(self, value):
    for call in inputs.vary([encoded(value)], 30):
      (found,) = drawn(call)
      self.assertIs(type(found), type(value))

  def test_objects_are_taken_from_calls(self):
    call = encoded(pathlib.Path("a"), 1)
    for found in inputs.vary([call], 20):
      self.assertEqual(
          found["positional"]["x0"], call["positional"]["x0"]
      )
    self.assertEqual(inputs.text("f", call), "f(<PosixPath>, 1)")


class DescribeTest(parameterized.TestCase):

  @parameterized.parameters(
      (float("nan"), "nan"), ({3, 1, 2}, "{1, 2, 3}"), (set(), "set()"),
      ((1, [2, {"a": None}]), "(1, [2, {'a': None}])"),
      (iter([1, 2]), "iterator of [1, 2]"),
      (
          probe.Overdue,
          "<class 'jepa.domains.code_repair.calls.probe.Overdue'>",
      ),
  )
  def test_values(self, value, text):
    self.assertEqual(probe.describe(value), text)

  def test_objects_without_a_repr_are_what_they_hold(self):
    class Point:
      pass

    one, two = Point(), Point()
    one.x, two.x = [1], [1]
    self.assertEqual(probe.describe(one), probe.describe(two))
    two.x = [2]
    self.assertNotEqual(probe.describe(one), probe.describe(two))

  def test_what_has_no_end_is_cut(self):
    loop = []
    loop.append(loop)
    self.assertIn("...", probe.describe(loop))


if __name__ == "__main__":
  absltest.main()
