"""Tokens of text that need not parse: messages, reprs, single source lines.

A name, number or short string reads exactly as it does in a function's own
tokens, so that both point at one symbol.
"""

from collections.abc import Iterator
import re

_TOKEN = re.compile(
    r"""
    [bBrRuUfF]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")   # string
    | \d+(?:\.\d+)?(?:[eE][+-]?\d+)?                              # number
    | [^\W\d]\w*                                                  # name
    | \*\*=? | //=? | << | >> | -> | := | [-+*/%<>=!&|^]= | \.\.\.
    | \S
    """,
    re.VERBOSE,
)


def tokens(text: str, limit: int) -> Iterator[str]:
  """Yields the first `limit` tokens of `text`."""
  for i, match in enumerate(_TOKEN.finditer(text)):
    if i == limit:
      return
    yield match.group()
