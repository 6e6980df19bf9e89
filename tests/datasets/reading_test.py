"""Tests of reading datasets."""

from absl.testing import absltest
from jepa.datasets import reading


class JoinedTest(absltest.TestCase):

  def test_is_what_concatenation_is(self):
    parts = ["ab", "", "c", "ab"]
    joined = reading.Joined(parts)
    self.assertEqual("".join(joined), "".join(parts))
    self.assertLen(joined, 5)

  def test_has_nothing_beyond_its_ends(self):
    joined = reading.Joined(["ab", "c"])
    for index in (-1, 3):
      with self.assertRaisesRegex(IndexError, f"No example {index}"):
        joined[index]  # pylint: disable=pointless-statement


class SpreadTest(absltest.TestCase):

  def test_takes_from_all_parts(self):
    self.assertEqual(reading.spread(range(54), 48)[-1], 52)
    self.assertLen(reading.spread(range(54), 48), 48)
    self.assertEqual(reading.spread("abcdef", 3), ["a", "c", "e"])
    self.assertEqual(reading.spread("ab", 5), ["a", "b"])


if __name__ == "__main__":
  absltest.main()
