"""Telling functions that are copies of each other but for their names."""

import hashlib

from jepa.domains.code_repair import source

_NAMES = frozenset(
    ("name", "name_load", "name_store", "parameter", "call_name")
)


def fingerprint(function: source.Function) -> str:
  """Returns a hash that near copies of a function share.

  Names count by the order of their first use, docstrings not at all;
  attributes, methods, literals and structure count as they are.
  """
  numbers: dict[str, int] = {}
  texts = []
  for token in function.tokens:
    if token.syntax in _NAMES:
      texts.append(f"name {numbers.setdefault(token.text, len(numbers))}")
    elif token.syntax != "docstring":
      texts.append(token.text)
  return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
