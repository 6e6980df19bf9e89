"""Hints on an edit's place, and on the tokens that it takes and brings."""

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.hints import context as context_lib

# Names of features, each with its value; what is not named is zero.
Features = dict[str, float]

_MAX_COUNT = 8  # Sizes from here on are one.
_MAX_SHOWN = 2  # Tokens of a side of a change that is told as it is.


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


def of_size(removed: tuple[str, ...], inserted: tuple[str, ...]) -> Features:
  growth = len(inserted) - len(removed)
  return {
      f"removes {min(len(removed), _MAX_COUNT)}": 1.0,
      f"inserts {min(len(inserted), _MAX_COUNT)}": 1.0,
      "grows": max(growth, 0) / _MAX_COUNT,
      "shrinks": max(-growth, 0) / _MAX_COUNT,
  }


def of_marks(verb: str, texts: tuple[str, ...]) -> Features:
  """Tells what an edit takes or brings beside words."""
  return {f"{verb} {t}": 1.0 for t in texts if not context_lib.is_word(t)}


def of_change(
    context: context_lib.Context,
    removed: tuple[str, ...],
    inserted: tuple[str, ...],
) -> Features:
  """Tells a short change as it is, and by what its names held."""
  if max(len(removed), len(inserted)) > _MAX_SHOWN:
    return {}
  change = f"{' '.join(removed)} -> {' '.join(inserted)}"
  shape = f"{_shape(context, removed)} -> {_shape(context, inserted)}"
  names = [change, f"held {shape}", f"held {shape} {context.exception}"]
  for word in context.differences:
    names += [f"{change} differs={word}", f"held {shape} differs={word}"]
  return dict.fromkeys(names, 1.0)


def _shape(context: context_lib.Context, texts: tuple[str, ...]) -> str:
  return " ".join(_class(context, text) for text in texts)


def _class(context: context_lib.Context, text: str) -> str:
  if text in context.held:
    return f"<{context.held[text]}>"
  if text.isidentifier() and text not in tokens_lib.KEYWORDS:
    return "<name>"
  return "<string>" if text[0] in "'\"" else text


def of_words(
    context: context_lib.Context, kind: str, side: str, texts, line: int
) -> Features:
  """Tells where else the words that an edit brings or takes are found.

  Args:
    context: of the state.
    kind: of the edit.
    side: "brings" or "takes".
    texts: what it brings or takes.
    line: that it touches.
  """
  words = [text for text in texts if context_lib.is_word(text)]
  if not words:
    return {}
  beside = context.words_of_line.get(line, frozenset())
  counts: dict[str, int] = {}
  nowhere = set()
  for word in words:
    places = context.places_of_word.get(word, ())
    if word in beside:
      places = (*places, "line")
    elif not places:
      nowhere.add(word)
    for place in places:
      counts[place] = counts.get(place, 0) + 1
  found = {}
  for place, count in counts.items():
    found[f"{side} from {place}"] = count / len(words)
    found[f"kind={kind} {side} from {place}"] = count / len(words)
  return found | {f"{side} from nowhere": len(nowhere) / len(words)}
