"""Hints on where an edit is, and on the tokens that it takes and brings."""

import builtins
import functools

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.hints import context as context_lib

# Names of features, each with its value; what is not named is zero.
Features = dict[str, float]

MAX_SHOWN = 2  # Tokens of a side of a change that is told.
_MAX_COUNT = 8  # Sizes from here on are one.
_COMMON = frozenset((*dir(builtins), "self", "cls"))


def of_place(
    context: context_lib.Context, kind: str, start: int, end: int
) -> Features:
  """Tells what an edit of a kind finds where it touches tokens."""
  line, token = context.lines[start], context.tokens[start]
  head, mark = context.heads[start], context.marks.get(line, "")
  score = max(context.blamed[start:end])
  names = [
      f"kind={kind}",
      f"kind={kind} exception={context.exception}",
      f"kind={kind} returned={context.returned}",
      f"kind={kind} at={token.syntax}",
      f"kind={kind} head={head}",
      f"head={head}",
      f"depth={min(token.depth, _MAX_COUNT)}",
      f"mark={mark}",
      f"kind={kind} mark={mark}",
      f"mark={mark} exception={context.exception}",
      *(f"kind={kind} differs={word}" for word in context.differences),
  ]
  names += _around(context, kind, start, end)
  if score == context.worst:
    names.append("worst")
  if score == 0.0:
    names.append("not reached")
  if line in context.unpassed:
    names.append("no passing test")
  return dict.fromkeys(names, 1.0) | {
      "ochiai": score,
      "below the worst": context.worst - score,
      "place": start / len(context.tokens),
  }


def _around(
    context: context_lib.Context, kind: str, start: int, end: int
) -> list[str]:
  """Tells what is beside the tokens, and what bracket they are in."""
  bracket = context.brackets[start]
  before = _syntax(context.tokens[start - 1])
  after = _syntax(context.tokens[end]) if end < len(context.tokens) else ""
  return [
      f"in {bracket}",
      f"kind={kind} in {bracket.split(' ')[0]}",
      f"kind={kind} after {before}",
      f"kind={kind} before {after}",
  ]


def _syntax(token: tokens_lib.Token) -> str:
  """Returns what a token is; of operators and keywords, which."""
  is_telling = token.syntax in ("operator", "delimiter", "keyword")
  return token.text if is_telling else token.syntax


def of_size(num_removed: int, num_inserted: int) -> Features:
  growth = num_inserted - num_removed
  return {
      f"removes {min(num_removed, _MAX_COUNT)}": 1.0,
      f"inserts {min(num_inserted, _MAX_COUNT)}": 1.0,
      "grows": max(growth, 0) / _MAX_COUNT,
      "shrinks": max(-growth, 0) / _MAX_COUNT,
  }


def of_marks(verb: str, marks: tuple[str, ...]) -> Features:
  """Tells what an edit takes or brings beside words."""
  return {f"{verb} {text}": 1.0 for text in marks}


def of_shapes(
    context: context_lib.Context, removed: str, inserted: str
) -> Features:
  """Tells a change by the `shape` of either side."""
  shape = f"held {removed} -> {inserted}"
  names = [shape, f"{shape} {context.exception}"]
  names += [f"{shape} differs={word}" for word in context.differences]
  return dict.fromkeys(names, 1.0)


def of_spelling(
    context: context_lib.Context,
    removed: tuple[str, ...],
    inserted: tuple[str, ...],
) -> Features:
  """Tells a change of common texts as it is."""
  change = f"{' '.join(removed)} -> {' '.join(inserted)}"
  names = [change]
  names += [f"{change} differs={word}" for word in context.differences]
  return dict.fromkeys(names, 1.0)


def is_common(texts: tuple[str, ...]) -> bool:
  """Whether other programs have them, too."""
  return all(map(_is_common, texts))


def shape(context: context_lib.Context, texts: tuple[str, ...]) -> str:
  """Returns texts with what their names held in place of the names."""
  return " ".join([_class(context, text) for text in texts])


@functools.lru_cache(maxsize=1 << 12)
def _is_common(text: str) -> bool:
  # Names and strings are of one program.
  if text.isidentifier():
    return text in _COMMON or text in tokens_lib.KEYWORDS
  return text[0] not in "'\"" or len(text) == 2


def _class(context: context_lib.Context, text: str) -> str:
  if text in context.held:
    return f"<{context.held[text]}>"
  if text.isidentifier() and text not in tokens_lib.KEYWORDS:
    return "<name>"
  return "<string>" if text[0] in "'\"" else text
