"""Laying tokens out as text: where a space goes and where none may."""

from collections.abc import Sequence

from jepa.domains.code_repair import tokens as tokens_lib

_OPENERS = frozenset("([{")
_CLOSERS = frozenset(")]}")
_SIGNS = frozenset(("-", "+", "~", "*", "**", "@"))


def spaced(
    texts: Sequence[str], *, previous: str = "", brackets: Sequence[str] = ()
) -> str:
  """Returns `texts` as one line of source, with the gap after `previous`.

  Args:
    texts: tokens; none starts a line.
    previous: the token on the left; "" at the start of a line.
    brackets: opening brackets that enclose the place, outermost first.
  """
  stack = list(brackets)
  parts = []
  left, is_sign = previous, False
  for text in texts:
    if left and wants_space(left, text, stack, is_sign):
      parts.append(" ")
    is_sign = text in _SIGNS and not _ends_operand(left)
    if text in _OPENERS:
      stack.append(text)
    elif text in _CLOSERS and stack:
      stack.pop()
    parts.append(text)
    left = text
  return "".join(parts)


def wants_space(
    left: str, right: str, brackets: Sequence[str], is_sign: bool = False
) -> bool:
  """Whether the house style has a space between two tokens.

  Args:
    brackets: as in `spaced`, at this place.
    is_sign: whether `left` is a unary operator or unpacks an argument.
  """
  if fuses(left, right):
    return True
  if left in _OPENERS or left == "." or is_sign:
    return False
  if right in _CLOSERS or right in (".", ",", ";", ":"):
    return False
  if left == ":":
    return brackets[-1:] != ["["]
  if "=" in (left, right):
    return not brackets
  if right in _OPENERS:
    return not _ends_operand(left)
  return True


def fuses(left: str, right: str) -> bool:
  """Whether two tokens would be read as others if nothing were between."""
  # Two operators never meet in a program but as `<-` or `*-`, which are safe.
  if not _is_word(left[-1]):
    return False
  return _is_word(right[0]) or right[0] in "\"'" or (
      right[0] == "." and left[0].isdigit())


def _is_word(char: str) -> bool:
  return char.isalnum() or char == "_" or not char.isascii()


def _ends_operand(text: str) -> bool:
  """Whether a value can end with this token."""
  if not text or text in tokens_lib.KEYWORDS:
    return False
  return text[-1] in ")]}\"'" or _is_word(text[-1])
