"""Tests for parts of the worker that need no process of their own."""

import pathlib
import random
import types

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
from jepa.domains.code_repair.executor.worker import description
from jepa.domains.code_repair.executor.worker import direct
from jepa.domains.code_repair.executor.worker import options
from jepa.domains.code_repair.executor.worker import tracing


def _collatz(n):
  count = 0
  while n != 1:
    if n % 2:
      n = 3 * n + 1
    else:
      n //= 2
    count += 1
  return count


class TracingTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    self.code = _collatz.__code__
    self.tracer = tracing.LineTracer(lambda code: code is self.code)

  def _lines(self, n):
    self.tracer.start()
    _collatz(n)
    self.tracer.stop()
    found = self.tracer.take().get(__file__, set())
    return [line - self.code.co_firstlineno for line in sorted(found)]

  def test_each_call_gets_its_own_lines(self):
    self.assertEqual(self._lines(1), [1, 2, 8])
    self.assertEqual(self._lines(2), [1, 2, 3, 6, 7, 8])
    self.assertEqual(self._lines(5), [1, 2, 3, 4, 6, 7, 8])
    self.assertEqual(self._lines(1), [1, 2, 8])

  def test_nothing_is_recorded_outside(self):
    self._lines(5)
    _collatz(5)
    self.assertEmpty(self.tracer.take())

  def test_the_last_exit_of_each_function(self):
    self._lines(4)
    self._lines(2)
    found, = self.tracer.take_exits()
    self.assertEqual(found.code, self.code)
    self.assertEqual(found.line - self.code.co_firstlineno, 8)
    self.assertEqual(found.names, {"n": 1, "count": 1})
    self.assertEqual(found.value, 1)
    self.assertEmpty(self.tracer.take_exits())

  def test_a_function_that_raises_leaves_where_it_does(self):
    with self.assertRaises(TypeError):
      try:
        self._lines("odd")
      finally:
        self.tracer.stop()
    found, = self.tracer.take_exits()
    self.assertEqual(found.line - self.code.co_firstlineno, 3)
    self.assertIsNone(found.value)


class ExitsTest(absltest.TestCase):

  def test_describes_what_a_method_held(self):
    receiver = types.SimpleNamespace(items=[1, 2], name="a" * 99)
    found = tracing.Exit(
        _collatz.__code__, 17, {"self": receiver, "n": 3}, None
    )
    (path, line, name, values), = description.exits(
        [found], str(pathlib.Path(__file__).parent)
    )
    self.assertEqual((path, line, name), ("worker_test.py", 17, "_collatz"))
    self.assertEqual(values[0], ["return", "NoneType", -1, "None"])
    self.assertEqual(values[1], ["self.items", "list", 2, "[1, 2]"])
    self.assertEqual(values[2][:3], ["self.name", "str", 99])
    self.assertLessEqual(len(values[2][3]), 60)
    self.assertEqual(values[3], ["n", "int", -1, "3"])


class OptionsTest(parameterized.TestCase):

  @parameterized.parameters(
      ("pytest.ini", "[pytest]\naddopts = {}"),
      ("tox.ini", "[pytest]\naddopts = {}"),
      ("setup.cfg", "[tool:pytest]\naddopts = {}"),
      ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '{}'"),
      ("pytest.toml", "[pytest]\naddopts = '{}'"),
  )
  def test_what_chooses_tests_is_kept(self, name, text):
    root = pathlib.Path(self.create_tempdir().full_path)
    given = (
        "-ra --cov=x -n 4 --import-mode=importlib -m fast --doctest-modules"
        " --ignore a.py -p no:x --durations 3 -x tests"
    )
    (root / name).write_text(text.format(given))
    found = options.arguments(root, ["t"], ["--mine"])
    start = found.index("--import-mode=importlib")
    self.assertEqual(found[start:], [
        "--import-mode=importlib", "-m", "fast", "--doctest-modules",
        "--ignore", "a.py", "-p", "no:x", "--mine", "t",
    ])

  def test_the_first_file_counts(self):
    root = pathlib.Path(self.create_tempdir().full_path)
    (root / "pytest.ini").write_text("[pytest]\naddopts = -k a")
    (root / "tox.ini").write_text("[pytest]\naddopts = -k b")
    self.assertEqual(options.arguments(root, [], [])[-2:], ["-k", "a"])

  def test_no_settings_at_all(self):
    root = pathlib.Path(self.create_tempdir().full_path)
    (root / "pyproject.toml").write_text("[project]\nname = 'x'")
    self.assertEqual(options.arguments(root, [], ["--last"])[-1], "--last")


_VALUES = st.recursive(
    st.none() | st.integers() | st.text() | st.binary().map(bytearray),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    | st.tuples(inner) | st.lists(inner).map(tuple),
)


class DirectTest(absltest.TestCase):

  @hypothesis.given(_VALUES)
  def test_renewed_values_are_equal_and_share_no_container(self, value):
    again = direct.renewed(value)
    self.assertEqual(again, value)
    self.assertEqual(repr(again), repr(value))

    def containers(value):
      if isinstance(value, (list, dict, bytearray)):
        yield id(value)
      inner = value.values() if isinstance(value, dict) else value
      if isinstance(value, (list, tuple, dict)):
        for each in inner:
          yield from containers(each)

    self.assertNoCommonElements(
        list(containers(value)), list(containers(again))[1:]
    )

  def test_other_objects_stay_the_same(self):
    for value in (object(), "text", (1, object()), frozenset([1])):
      self.assertIs(direct.renewed(value), value)


class DescriptionTest(parameterized.TestCase):

  @parameterized.parameters(
      (AssertionError("assert 3"), ("True", "3")),
      (AssertionError("assert not [1]\n +  where"), ("False", "[1]")),
      (AssertionError("ValueError not raised"), ("ValueError", "")),
      (AssertionError("just so"), ("", "")),
      (ValueError("assert 3"), ("", "")),
  )
  def test_sides_of_a_message(self, error, sides):
    self.assertEqual(description.Comparisons().sides(error), sides)

  def test_sides_of_a_helper(self):
    def assert_same(result, wanted):
      raise AssertionError("no")

    try:
      assert_same([1], (2,))
    except AssertionError as error:
      sides = description.Comparisons().sides(error)
    self.assertEqual(sides, ("(2,)", "[1]"))

  def test_values_are_short_and_the_same_every_time(self):
    class Thing:
      pass

    self.assertNotIn("0x", description.short([Thing()]))
    self.assertEqual(description.short([Thing()]), description.short([Thing()]))
    for value in ("x" * 10**6, list(range(10**6)), {i: i for i in range(999)},
                  10**3000, types.SimpleNamespace(a="y" * 10**6)):
      self.assertLessEqual(len(description.short(value)), 200)

  def test_a_recursion_keeps_both_ends(self):
    def dive(n):
      return dive(n - 1) if n else random.missing

    try:
      dive(500)
    except AttributeError as error:
      root = str(pathlib.Path(__file__).parent) + "/"
      frames = description.frames(error, root)
    self.assertLen(frames, 50)
    self.assertEqual(frames[0][0], "worker_test.py")
    self.assertEqual(frames[0][2], "test_a_recursion_keeps_both_ends")
    self.assertEqual(frames[-1][2], "dive")


if __name__ == "__main__":
  absltest.main()
