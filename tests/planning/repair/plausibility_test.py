"""Tests for `plausibility`: what an edit throws away."""

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import source
from jepa.planning.repair import plausibility

_SOURCE = b'''
def clamp(x, low, *, high=9, **more):
  if x < low:
    return low
  return min(x, high, *more)
'''


class PlausibilityTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    (self.function,) = source.functions(_SOURCE, "a.py")

  def _replace(self, old, new):
    """Returns the edit that puts `new` where the tokens of `old` stand."""
    texts = [token.text for token in self.function.tokens]
    old = old.split()
    (start,) = (
        i for i in range(len(texts)) if texts[i:i + len(old)] == old
    )
    return edits_lib.Edit(
        kind="var_replace", start=start, end=start + len(old),
        insert=tuple(new.split()),
    )

  @parameterized.parameters(
      ("x < low", "x <= low", 0, 1),
      ("x < low", "x", 0, 2),
      ("min ( x , high , * more )", "x", 2, 8),
      ("high , *", "low , *", 1, 2),
      ("* more", "* [ low , more ]", 0, 8),
      ("low :", "high :", 0, 2),
      ("x < low", "x < - low", 0, 3),
      ("x < low", "x > low", 0, 3),
      ("x < low", "x == low", 0, 3),
      ("high = 9", "high = 8", 0, 2),
      ("high = 9", "high = 90", 0, 3),
      ("x < low", "x < low or x < low", 0, 8),
  )
  def test_an_edit(self, old, new, num_lost, distance):
    edit = self._replace(old, new)
    self.assertEqual(
        plausibility.num_lost_inputs(self.function, edit), num_lost
    )
    self.assertEqual(plausibility.distance(self.function, edit), distance)


if __name__ == "__main__":
  absltest.main()
