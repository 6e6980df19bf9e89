"""Tests for `jepa/domains/code_repair/hints/outcomes.py`."""

import re

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.hints import outcomes

_MEAN = """\
def mean(xs):
  total = sum(xs)
  i = len(xs) - 1
  if i < 0:
    return None
  return total / i
"""
_HELD = {"xs": "[2, 4, 6]", "total": "12", "i": "2"}
_TYPES = {"[": "list", "'": "str", "N": "NoneType", "{": "dict"}


def make_state(
    text, held, *, expected="", observed="", returned="None", exit_line=0,
    exception="AssertionError", is_raised=False, lines=range(1, 20),
):
  """A state whose failing test ran `lines`; `held` maps names to reprs."""
  (function,) = source.functions(text.encode(), "m.py")
  values = [
      evidence.Value(
          name=name, text=x, type=_TYPES.get(x[0], "int"), size=-1
      )
      for name, x in {"return": returned, **held}.items()
  ]
  return nodes.State(
      function=function,
      spectrum=localization.Spectrum(
          num_failing=1, num_passing=0, failing=dict.fromkeys(lines, 1),
          passing={},
      ),
      failure=failure_lib.Failure(
          nodeid="t.py::test", exception=exception, message="",
          expected=expected, observed=observed, exit_line=exit_line,
          target_lines=(exit_line,) if is_raised else (),
          is_raised_in_target=is_raised, values=tuple(values),
      ),
  )


def _edit(state, old, new, line=None):
  """Replaces the last tokens `old`, of a line if it is given, by `new`."""
  old, new = tokens_lib.split(old), tokens_lib.split(new)
  texts = [t.text for t in state.function.tokens]
  places = [
      i for i in range(len(texts) - len(old) + 1)
      if tuple(texts[i : i + len(old)]) == old
      and line in (None, state.function.tokens[i].line)
  ]
  return edits_lib.Edit(
      kind="const", start=places[-1], end=places[-1] + len(old), insert=new
  )


class OutcomesTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    self.state = make_state(
        _MEAN, _HELD, expected="4.0", observed="6.0", returned="6.0",
        exit_line=6,
    )

  def _names(self, old, new, state=None, line=None):
    state = state or self.state
    return outcomes.make_reader(state)(_edit(state, old, new, line))

  def test_knows_an_expression_that_gives_what_is_wanted(self):
    found = self._names("i", "(i + 1)", line=6)
    self.assertContainsSubset(
        {"last returned changed", "last returned as wanted directly",
         "last returned nearer"}, found)
    found = self._names("i", "(i - 1)", line=6)
    self.assertIn("last returned alike what is wanted directly", found)
    self.assertNotIn("last returned nearer", found)
    self.assertIn("last returned unchanged", self._names("i", "2", line=6))

  def test_computes_around_what_only_inserts(self):
    place = _edit(self.state, "i", "i", line=6).end
    edit = edits_lib.Edit(
        kind="off_by_one", start=place, end=place, insert=("+", "1")
    )
    # total / i + 1, not total / (i + 1).
    found = outcomes.make_reader(self.state)(edit)
    self.assertIn("last returned alike what is wanted directly", found)

  def test_tells_what_becomes_of_conditions(self):
    found = self._names("<", ">=")
    self.assertContainsSubset(
        {"condition changed", "condition becomes True"}, found)
    self.assertContainsSubset(
        {"condition unchanged", "condition becomes False"},
        self._names("<", "<="))

  def test_tells_what_raises_no_more(self):
    state = make_state(
        _MEAN, _HELD | {"i": "0"}, exit_line=6, is_raised=True,
        exception="ZeroDivisionError",
    )
    self.assertIn(
        "last returned raises no more", self._names("/", "*", state))
    self.assertEqual(
        self._names("/", "//", state), ("last returned raises as before",))

  def test_turns_a_comparison_round_that_is_written_so(self):
    state = make_state(
        _MEAN, _HELD, expected="6.0", observed="4.0", returned="6.0",
        exit_line=6,
    )
    found = self._names("i", "(i + 1)", state, line=6)
    self.assertIn("last returned as wanted directly", found)

  def test_says_nothing_of_lines_that_did_not_run(self):
    state = make_state(
        _MEAN, _HELD, expected="4.0", exit_line=5, lines=(1, 2)
    )
    self.assertEmpty(self._names("i", "(i + 1)", state, line=6))

  def test_narrows_down_to_what_is_known(self):
    text = "def f(x, g):\n  return g(x + 1) + x\n"
    state = make_state(text, {"x": "3"}, expected="4", exit_line=2)
    self.assertEqual(
        self._names("x + 1", "1 + x", state),
        ("last part unchanged", "last part as wanted"))

  @parameterized.parameters(
      ("[1, 5]", "[1, 3]", "3", 5), ("'a-b'", "'a-c'", "'c'", "b"),
      ("[1, 3]", "[3, 3]", "3", [1, 3]), ("8", "9", "7", 8),
      ("'aa'", "'aba'", "'b'", ""), ("'a'", "'aba'", "'b'", "a"),
  )
  def test_finds_what_was_returned_in_what_was_observed(
      self, expected, observed, returned, wanted
  ):
    found = outcomes._wanted_inside(expected, observed, returned)
    self.assertEqual(found, wanted)

  def test_reads_a_new_return(self):
    edit = edits_lib.Edit(
        kind="guard", start=5, end=5,
        insert=("\\n1", "if", "i", "==", "2", ":", "\\n2", "return", "4.0"),
    )
    self.assertEqual(
        outcomes.make_reader(self.state)(edit),
        ("new line as wanted directly", "new line under True"))

  @parameterized.parameters("{1, 2}", "[{1, 2}]", "9" * 60, "<object>", "")
  def test_reads_no_value_that_may_differ_or_is_cut_off(self, text):
    state = make_state(
        "def f(x):\n  return x\n", {"x": text or " "}, exit_line=2,
        expected="[1]",
    )
    found = self._names("x", "len(x)", state, line=2)
    self.assertEqual(found, ("last returned unknown",))

  def test_is_the_same_in_any_order(self):
    edits = edits_lib.enumerate_edits(self.state.function)
    first, second = map(outcomes.make_reader, (self.state, self.state))
    found = [first(e) for e in edits]
    self.assertEqual(found[::-1], [second(e) for e in edits[::-1]])
    names = {name for names in found for name in names}
    self.assertFalse([n for n in names if re.search(r"0x|Unknown", n)])


if __name__ == "__main__":
  absltest.main()
