"""Tests of which candidates are executed for training."""

import random

from absl.testing import absltest
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import sampling
from jepa.domains.code_repair import source

_TEXT = b"""def f(x, y):
  if x < y:
    return x + 1
  for i in range(y):
    x += i * y
  return x - y
"""
_FUNCTION = source.functions(_TEXT)[0]
_EDITS = edits.enumerate_edits(_FUNCTION)


def _choose(seed, fix, count=16):
  scores = [1.0 if t.line == 6 else 0.5 for t in _FUNCTION.tokens]
  return sampling.choose_candidates(
      _FUNCTION, _EDITS, fix, scores, random.Random(seed), count
  )


def _line(edit):
  return _FUNCTION.tokens[localization.touched_tokens(_FUNCTION, edit)[0]].line


class SamplingTest(absltest.TestCase):

  def test_holds_the_fix_and_hard_negatives(self):
    for seed, fix in enumerate(random.Random(0).sample(_EDITS, 50)):
      chosen = _choose(seed, fix)
      self.assertLen(set(chosen), 16)
      self.assertIn(fix, chosen)
      self.assertGreaterEqual(sum(_line(e) == _line(fix) for e in chosen), 3)
      self.assertGreaterEqual(sum(_line(e) == 6 for e in chosen), 3)
      self.assertGreater(len({e.kind for e in chosen}), 4)

  def test_the_place_of_the_fix_tells_nothing(self):
    fix = _EDITS[0]
    places = {_choose(seed, fix).index(fix) for seed in range(200)}
    self.assertLen(places, 16)

  def test_is_a_function_of_the_seed(self):
    self.assertEqual(_choose(3, _EDITS[5]), _choose(3, _EDITS[5]))
    self.assertNotEqual(_choose(3, _EDITS[5]), _choose(4, _EDITS[5]))

  def test_takes_all_where_there_are_few(self):
    self.assertCountEqual(_choose(0, _EDITS[0], len(_EDITS) + 5), _EDITS)


if __name__ == "__main__":
  absltest.main()
