"""Tests of what values say at a glance."""

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import values

_LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    | st.frozensets(st.integers()).map(set),
    max_leaves=8,
)


class ClassifyTest(parameterized.TestCase):

  @parameterized.parameters(
      ("NoneType", -1, "None", "None"), ("bool", -1, "True", "True"),
      ("int", -1, "0", "zero"), ("int", -1, "-7", "negative"),
      ("int", -1, "7", "few"), ("int", -1, "17", "many"),
      ("float", -1, "0.0", "zero"), ("float", -1, "nan", "float"),
      ("str", 0, "''", "empty"), ("list", 1, "[3]", "single"),
      ("dict", 9, "{1: 2, ...}", "sized"), ("type", -1, "<X>", "callable"),
      ("Fraction", -1, "Fraction(1, 2)", "object"),
  )
  def test_classes(self, kind, size, text, expected):
    value = evidence.Value(name="x", type=kind, size=size, text=text)
    self.assertEqual(values.classify(value), expected)
    self.assertIn(expected, values.CLASSES)


class DifferencesTest(parameterized.TestCase):

  @parameterized.parameters(
      ("3", "4", ["one more", "greater"]),
      ("3", "-3", ["negated", "smaller"]),
      ("3", "None", ["wants int", "found NoneType"]),
      ("[1, 2, 3]", "[1, 2]", ["lacks one", "at the end"]),
      ("[3]", "[1, 2, 3]", ["extra items", "at the start"]),
      ("[1, 2, 3]", "[3, 2, 1]", ["reversed"]),
      ("[1, 2, 3]", "[2, 1, 3]", ["order"]),
      ("'ab'", "'AB'", ["case"]),
      ("{'a': 1}", "{'a': 2, 'b': 3}", ["extra items", "another item"]),
      ("{1}", "set()", ["lacks items"]),
      ("{1, 2}", "{2, 3}", ["lacks items", "extra items"]),
      ("<object>", "3", []),
  )
  def test_words(self, expected, observed, words):
    self.assertEqual(list(values.differences(expected, observed)), words)

  @hypothesis.given(_LITERALS, _LITERALS)
  def test_any_two_values_can_be_told_apart_in_few_words(self, a, b):
    words = list(values.differences(repr(a), repr(b)))
    self.assertLessEqual(len(words), 4)
    if repr(a) == repr(b):
      self.assertEmpty(words)


if __name__ == "__main__":
  absltest.main()
