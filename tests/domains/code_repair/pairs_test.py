"""Tests of pairs of edits."""

from absl.testing import absltest
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import pairs
from jepa.domains.code_repair import source

_TEXT = """\
def total(prices, limit):
  result = 0
  for price in prices:
    if price < limit:
      result += price
  return result
"""
_BROKEN = _TEXT.replace("price <", "price >").replace("result +=", "result -=")


def _function(text):
  (function,) = source.functions(text.encode(), "shop.py")
  return function


def _edit(function, old, new):
  place = [t.text for t in function.tokens].index(old)
  return next(
      e for e in edits_lib.enumerate_edits(function)
      if (e.start, e.end, e.insert) == (place, place + 1, (new,))
  )


class PairsTest(absltest.TestCase):

  def test_applies_two_edits_in_either_order(self):
    function = _function(_BROKEN)
    fixes = _edit(function, ">", "<"), _edit(function, "-=", "+=")
    for first, second in (fixes, fixes[::-1]):
      self.assertEqual(pairs.both(function, first, second), _TEXT)

  def test_refuses_edits_of_the_same_tokens(self):
    function = _function(_BROKEN)
    one, other = _edit(function, ">", "<"), _edit(function, ">", "<=")
    self.assertIsNone(pairs.both(function, one, other))

  def test_an_edit_moves_with_those_before_it(self):
    function = _function(_BROKEN)
    fixes = _edit(function, ">", "<"), _edit(function, "-=", "+=")
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
    function = _function(_BROKEN)
    one, other = _edit(function, ">", "<"), _edit(function, ">", "<=")
    self.assertIsNone(pairs.moved(one, other))


if __name__ == "__main__":
  absltest.main()
