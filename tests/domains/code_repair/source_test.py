"""Tests for `jepa/domains/code_repair/source.py`."""

import ast
import re

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import source
from tests.domains.code_repair import real_functions

_NESTED = '''
import os, sys as system
LIMIT, _ = 3, 4

if LIMIT:
  def f(x):
    def inner():
      return x
    return inner

class Outer:
  @property
  @os.deco(1,
           2)
  def p(self): return 1

  class Inner:
    async def m(self):
      """Text."""
try:
  import json
except ImportError:
  def g(): pass
'''


def _only(text: str) -> source.Function:
  function, = source.functions(text.encode(), "m.py")
  return function


def _texts(text: str) -> list[str]:
  return [token.text for token in _only(text).tokens]


class FunctionsTest(parameterized.TestCase):

  def test_finds_the_outermost_functions(self):
    found = source.functions(_NESTED.encode())
    self.assertEqual(
        [(f.qualname, f.lineno, f.end_lineno) for f in found],
        [("f", 6, 9), ("Outer.p", 12, 15), ("Outer.Inner.m", 18, 19),
         ("g", 23, 23)],
    )

  def test_knows_the_names_of_the_module(self):
    names = source.functions(_NESTED.encode())[0].module_names
    self.assertEqual(
        names,
        ("os", "system", "LIMIT", "_", "f", "Outer", "json", "g"))

  @parameterized.named_parameters(
      ("mark", b"\xef\xbb\xbfx = 1\n", "byte order mark"),
      ("latin_1", b"# coding: latin-1\nx = '\xe9'\n", "is in iso-8859-1"),
      ("unknown", b"# coding: rot14\n", "unknown encoding"),
      ("not_utf_8", b"x = 1\ny = '\xe9'\n", "UTF-8"),
      ("syntax", b"def f(:\n", "m.py does not parse"),
      ("null", b"x = '\0'\n", "m.py does not parse"),
  )
  def test_refuses(self, text, message):
    with self.assertRaisesRegex(source.SourceError, message):
      source.functions(text, "m.py")


class TokensTest(parameterized.TestCase):

  def test_of_real_functions_name_their_bytes(self):
    """Tests that only blanks, comments and line breaks are in no token."""
    gap = re.compile(rb"(\s|\\\r?\n|#[^\r\n]*[\r\n])*")
    for function in real_functions.functions():
      end = function.start
      for token in function.tokens:
        self.assertTrue(gap.fullmatch(function.source[end:token.start]))
        found = function.source[token.start:token.end].decode()
        if token.syntax == "newline":
          self.assertEqual(found.strip(), "")
        else:
          self.assertEqual(found, token.text)
        end = token.end

  def test_of_real_functions_give_back_the_tree(self):
    """Tests that indented by depth and joined by spaces they parse alike."""
    for function in real_functions.functions():
      text = "".join(
          "\n" + " " * token.depth if token.syntax == "newline"
          else token.text + " " for token in function.tokens)
      self.assertEqual(
          ast.dump(ast.parse(text).body[0]), ast.dump(function.tree))

  def test_start_each_line_with_its_depth(self):
    self.assertEqual(
        _texts("def f(x):\n\n  # Why.\n  if x:\n      a; b\n  else: c\n"),
        ["\\n0", "def", "f", "(", "x", ")", ":", "\\n1", "if", "x", ":",
         "\\n2", "a", ";", "b", "\\n1", "else", ":", "c"],
    )

  def test_of_strings_are_whole(self):
    self.assertEqual(
        _texts('def f(x): return f"{x!r:{x}} a", \'\'\'b\nc\'\'\'\n')[-4:],
        ["return", 'f"{x!r:{x}} a"', ",", "'''b\nc'''"],
    )

  @parameterized.parameters(
      ("x", "parameter"), ("y", "name_store"), ("g", "call_name"),
      ("k", "keyword_arg"), ("z", "name_load"), ("a", "attribute"),
      ("m", "method"), ("'t'", "string"), ("1", "number"), ("f", "name"),
      ("return", "keyword"), ("'d'", "docstring"), ("-", "operator"),
      (",", "delimiter"), ("\\n1", "newline"),
  )
  def test_tell_what_they_are(self, text, expected):
    function = _only(
        "def f(x):\n 'd'\n y = g(z.a, k=-1)\n return z.m('t')\n")
    found, *_ = [t.syntax for t in function.tokens if t.text == text]
    self.assertEqual(found, expected)

  @parameterized.named_parameters(
      ("crlf", b"def f(x):\r\n  # c\r\n  y = (x,\r\n    1)\r\n  return y\r\n"),
      ("cr", b"def f(x):\r  y = (x,\r    1)\r  return y\r"),
      ("form_feed", b"x = 1\n\x0c\ndef f(x):\n  y = (x,\n\x0c1)\n  return y"),
      ("tabs", b"class A:\n\tdef f(x):\n\t\ty = (x,\n1)\n\t\treturn y"),
      ("wide", "def f(x):\n  y = (x, # ü\n  1); 'ü'; return y\n".encode()),
      ("separators", b"def f(x):\n  y = (x,  1) # \x1c \xe2\x80\xa8 \n"
       b"  return y"),
      ("continued", b"def f(x):\n  y = (x, \\\n 1)\n  return \\\n    y\n\n"),
  )
  def test_survive_odd_files(self, text):
    function, = source.functions(text)
    texts = [t.text for t in function.tokens if t.text != "'ü'"]
    texts = [t for t in texts if t != ";" and t[0] != "\\"]
    self.assertEqual(
        " ".join(texts), "def f ( x ) : y = ( x , 1 ) return y")
    for token in function.tokens:
      if token.syntax != "newline":
        self.assertEqual(
            text[token.start:token.end].decode(), token.text)
    returned = function.tree.body[-1].value
    at = function.offset(returned.lineno, returned.col_offset)
    self.assertEqual(text[at:at + 1], b"y")


if __name__ == "__main__":
  absltest.main()
