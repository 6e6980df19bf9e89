"""Tests of which functions count as copies."""

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import duplicates
from jepa.domains.code_repair import source

_ORIGINAL = '''def take(n, seq):
  """The first n."""
  result = []
  for x in seq[:n]:
    result.append(x + 1)
  return result
'''


def _fingerprint(text):
  return duplicates.fingerprint(source.functions(text.encode())[0])


class DuplicatesTest(parameterized.TestCase):

  @parameterized.parameters(
      (("take", "first"), ("seq", "items"), ("x", "y")),
      (("The first n.", "Another docstring."),),
      (("  result = []\n", "  result = []  # A comment.\n\n"),),
  )
  def test_copies_share_a_fingerprint(self, *changes):
    text = _ORIGINAL
    for old, new in changes:
      text = text.replace(old, new)
    self.assertNotEqual(text, _ORIGINAL)
    self.assertEqual(_fingerprint(text), _fingerprint(_ORIGINAL))

  @parameterized.parameters(
      ("x + 1", "x + 2"),
      ("x + 1", "x + n"),
      ("append", "insert"),
      ("[:n]", "[n:]"),
  )
  def test_other_programs_do_not(self, old, new):
    self.assertNotEqual(
        _fingerprint(_ORIGINAL.replace(old, new)), _fingerprint(_ORIGINAL)
    )


if __name__ == "__main__":
  absltest.main()
