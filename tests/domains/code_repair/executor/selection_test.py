"""Tests for which lines an edit touches."""

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
from jepa.domains.code_repair.executor.worker import definition
from jepa.domains.code_repair.executor.worker import selection

_TEXT = """\
@wraps
def f(a,
      b=1):
  "Says."
  x = (a +
       b)
  if x:
    return 1
  elif (b and
        a):
    y = 2
  else:
    y = 3

  try:
    y += 1
  except ValueError:
    pass
  return y
"""


def _site(text):
  return definition.Site(
      filename="f.py", qualname="f", lineno=11, text=text, future=()
  )


class TouchedTest(parameterized.TestCase):

  def _touched(self, edited):
    found = selection.Statements(_site(_TEXT.rstrip("\n"))).touched(
        edited.rstrip("\n").split("\n")
    )
    return sorted(line - 10 for line in found)

  @parameterized.parameters(
      ("return y", "return x", [19]),
      ("       b)", "       a)", [5, 6]),
      ("x = (a +", "x = (b +", [5, 6]),
      ("if x:", "if y:", [7]),
      ("        a):", "        x):", [9, 10]),
      ("y = 3", "y = 4", [13]),
      ("    y += 1\n", "", None),
      ("b=1", "b=2", range(1, 20)),
      ("except ValueError", "except TypeError", range(15, 19)),
      ("  else:", "  else: #", range(9, 14)),
      ("return y", "return y\n  return x", None),
  )
  def test_statements(self, old, new, expected):
    self.assertIn(old, _TEXT)
    touched = self._touched(_TEXT.replace(old, new))
    if expected is None:  # Deleted or appended.
      self.assertLen(touched, {"    y += 1\n": 1, "return y": 1}[old])
    else:
      self.assertEqual(touched, list(expected))

  def test_an_insertion_touches_its_neighbours(self):
    self.assertEqual(
        self._touched(_TEXT.replace("  try:", "  y = x\n  try:")),
        [13, 15],
    )

  lines = st.lists(st.sampled_from("abc"), max_size=6)

  @hypothesis.given(old=lines, new=lines)
  def test_the_difference_is_all_that_differs(self, old, new):
    first, last = selection._difference(old, new)
    tail = len(old) - last
    self.assertEqual(old[:first], new[:first])
    self.assertEqual(old[last:], new[len(new) - tail:])
    if old != new:
      middles = old[first:last], new[first:len(new) - tail]
      self.assertNotEqual(*middles)
      for a, b in zip(*middles, strict=False):
        self.assertNotEqual(a, b)
        break


class RebindsTest(parameterized.TestCase):

  @parameterized.parameters(
      ("return a", "return b", False),
      ("return a", "c = 1; return c", False),
      ("return a", "yield a", True),
      ("return len", "len = a; return len", True),
      ("return len", "global a2; a2 = 1; return len", False),
      ("return [a for x in a]", "return [x for a in a]", True),
      ("return lambda: a", "return lambda a: a", True),
      ("return lambda: len", "len = 1; return lambda: len", True),
      ("c = 1; return c", "global c; c = 1; return c", True),
      ("if a: c = 1\n  return c", "return c", True),
  )
  def test_names(self, old, new, expected):
    site = _site(f"def f(a, b):\n  {old}")
    code = site.compile(f"def f(a, b):\n  {new}")
    self.assertEqual(selection.rebinds(site.code, code), expected)


if __name__ == "__main__":
  absltest.main()
