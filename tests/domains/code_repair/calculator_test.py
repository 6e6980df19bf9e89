"""Tests for `jepa/domains/code_repair/calculator.py`."""

import ast

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import calculator

_NAMES = {
    "n": 10, "i": 1, "zero": 0, "x": 2.5, "word": "abc", "none": None,
    "items": [1, 2, 3], "table": {"a": 1}, "self.size": 4,
}


def _evaluate(text):
  return calculator.evaluate(ast.parse(text, mode="eval").body, _NAMES)


class CalculatorTest(parameterized.TestCase):

  @parameterized.parameters(
      "n / (i + 1)", "-n // 3 % 4", "n ** 2 - ~i", "1 < i + 1 <= n != 3",
      "zero and n / zero", "none or items", "n if zero else items[0]",
      "items[-1]", "items[1:]", "items[::-1] + [n]", "(n, *items)[0:1]",
      "min(n, *items)", "min(n, i)", "sum(items) / len(items)",
      "sorted(word)", "word.upper()[0]", "' '.join(['a', word])",
      "table.get('b', 0)", "list(table.items())", "none is not None",
      "2 in items", "not items", "{'a': [n]}", "list(zip(items, word))",
      "[y + n for y in items if y > i]", "sum(y * y for y in items)",
      "[k for k, v in table.items()]", "[[y, n] for y, n in zip(word, word)]",
      "all(c in word for c in 'abd')", "[y for y in items] + [n]",
      "str(n) + repr(x)", "round(x)", "round(x * 1.23, 1)",
      "list(enumerate(items))", "list(range(i, n))",
  )
  def test_agrees_with_python(self, text):
    names = {k: v for k, v in _NAMES.items() if "." not in k}
    try:
      found = _evaluate(text)
    except calculator.UnknownError:
      self.assertIn("*", text)  # Stars are left out, on purpose.
    else:
      self.assertEqual(found, eval(text, names))  # pylint: disable=eval-used

  @parameterized.parameters(
      ("n / zero", ZeroDivisionError), ("items[n]", IndexError),
      ("table['b']", KeyError), ("word + n", TypeError),
      ("none.size", AttributeError), ("none.join(items)", AttributeError),
      ("int(word)", ValueError), ("none[0]", TypeError),
      ("[y for y in n]", TypeError), ("[y for y, z in [word]]", ValueError),
  )
  def test_raises_what_python_raises(self, text, error):
    with self.assertRaises(error):
      _evaluate(text)

  @parameterized.parameters(
      "unheard", "f(n)", "items.append(n)", "open(word)", "word.__class__",
      "lambda: n", "{n}", "[y for x in items for y in x]", "f'{n}'",
      "().__class__.__bases__", "print(n)", "max(items, key=n)",
  )
  def test_does_not_tell_what_it_does_not_know(self, text):
    with self.assertRaises(calculator.UnknownError):
      _evaluate(text)

  @parameterized.parameters(
      "10 ** 10 ** 10", "[1] * 10 ** 10", "word * (n ** 9)", "1 << 10 ** 9",
      "'%1000000000d' % n", "'%*d' % (n ** 9, n)", "round(n, -n ** 9)",
      "list(range(10 ** 12))", "10 ** 12 * [1]",
      "range(10 ** 12)", "sum(range(10 ** 12))", "+".join(["n"] * 500),
      "'a'.rjust(10 ** 12)", "n ** n ** n",
  )
  def test_refuses_what_grows(self, text):
    with self.assertRaises(calculator.UnknownError):
      _evaluate(text)

  def test_reads_attributes_that_are_known(self):
    self.assertEqual(_evaluate("self.size + 1"), 5)
    with self.assertRaises(calculator.UnknownError):
      _evaluate("self.other")


if __name__ == "__main__":
  absltest.main()
