"""Tests for the hashes of `jepa/domains/code_repair/hints/extraction.py`.

What the features say is tested with the ranker that reads them.
"""

from absl.testing import absltest
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import hints
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair.hints import extraction
from tests.domains.code_repair import real_functions


def _state(function):
  lines = {t.line: 1 for t in function.tokens}
  spectrum = localization.Spectrum(
      num_failing=1, num_passing=1, failing=lines, passing={}
  )
  return nodes.State(function=function, spectrum=spectrum, failure=None)


class HintsTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.state = _state(real_functions.sample(5)[2])
    cls.edits = edits.enumerate_edits(cls.state.function)
    encode = hints.make_encoder(cls.state)
    cls.encoded = [encode(edit) for edit in cls.edits]

  def test_fit_into_their_room(self):
    for encoded in self.encoded:
      self.assertBetween(len(encoded), 1, hints.MAX_HINTS)
      self.assertBetween(min(encoded), 1, hints.NUM_HASHES - 1)
      self.assertBetween(max(encoded), 1, hints.NUM_HASHES - 1)
      self.assertLen(set(encoded), len(encoded))

  def test_tell_most_edits_apart(self):
    self.assertGreater(len(set(self.encoded)), 0.5 * len(self.edits))

  def test_are_the_same_in_every_process_and_order(self):
    encode = hints.make_encoder(self.state)
    again = [encode(edit) for edit in reversed(self.edits)]
    self.assertEqual(again[::-1], self.encoded)
    # Of the feature "kind=cmp_op" with value 1: no process salts it.
    self.assertEqual(extraction._hash("kind=cmp_op", 4), 3648)


if __name__ == "__main__":
  absltest.main()
