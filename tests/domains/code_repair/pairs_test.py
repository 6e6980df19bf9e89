"""Tests of pairs of edits."""

from absl.testing import absltest
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import pairs
from tests.domains.code_repair import one_function

_TEXT = """\
def total(prices, limit):
  result = 0
  for price in prices:
    if price < limit:
      result += price
  return result
"""
_BROKEN = _TEXT.replace("price <", "price >").replace("result +=", "result -=")


class PairsTest(absltest.TestCase):

  def test_applies_two_edits_in_either_order(self):
    function = one_function.parse(_BROKEN)
    fixes = [
        one_function.edit(function, *texts)
        for texts in ((">", "<"), ("-=", "+="))
    ]
    for first, second in (fixes, fixes[::-1]):
      self.assertEqual(pairs.both(function, first, second), _TEXT)

  def test_refuses_edits_of_the_same_tokens(self):
    function = one_function.parse(_BROKEN)
    one = one_function.edit(function, ">", "<")
    other = one_function.edit(function, ">", "<=")
    self.assertIsNone(pairs.both(function, one, other))

  def test_an_edit_moves_with_those_before_it(self):
    function = one_function.parse(_BROKEN)
    fixes = [
        one_function.edit(function, *texts)
        for texts in ((">", "<"), ("-=", "+="))
    ]
    for other in edits_lib.enumerate_edits(function):
      for fix in fixes:
        moved = pairs.moved(fix, other)
        if moved is None:
          continue
        edited = edits_lib.apply_edit(function, other)
        together = pairs.both(function, fix, other)
        if together is not None:
          self.assertEqual(
              edits_lib.apply_edit(edited, moved).text, together
          )

  def test_an_edit_of_what_another_one_replaces_moves_nowhere(self):
    function = one_function.parse(_BROKEN)
    one = one_function.edit(function, ">", "<")
    other = one_function.edit(function, ">", "<=")
    self.assertIsNone(pairs.moved(one, other))


if __name__ == "__main__":
  absltest.main()
