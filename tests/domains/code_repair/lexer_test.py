"""Tests that text reads as Python's own tokens do."""

import inspect
import itertools

from absl.testing import absltest
from hypothesis import given
from hypothesis import strategies as st
from jepa.domains.code_repair import lexer
from jepa.domains.code_repair import source
import toolz.itertoolz

_LIMIT = 1000


class LexerTest(absltest.TestCase):

  def test_reads_code_as_the_tokens_of_functions_are(self):
    text = inspect.getsource(toolz.itertoolz).encode()
    compared = 0
    for function in source.functions(text):
      by_line = itertools.groupby(function.tokens, key=lambda t: t.line)
      for line, tokens in by_line:
        expected = [
            t.text for t in tokens if t.syntax not in ("newline", "docstring")
        ]
        code = text.decode().splitlines()[line - 1]
        if expected and "#" not in code:
          self.assertEqual(list(lexer.tokens(code, _LIMIT)), expected)
          compared += 1
    self.assertGreater(compared, 200)

  @given(st.text())
  def test_loses_nothing_but_space(self, text):
    joined = "".join(lexer.tokens(text, _LIMIT))
    squeeze = lambda s: "".join(s.split())
    self.assertEqual(squeeze(joined), squeeze(text))

  def test_stops_at_the_limit(self):
    self.assertEqual(list(lexer.tokens("a b c", 2)), ["a", "b"])


if __name__ == "__main__":
  absltest.main()
