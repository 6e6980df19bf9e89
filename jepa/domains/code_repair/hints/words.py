"""Hints on the words that an edit takes and brings: where else they are."""

import functools

from jepa.domains.code_repair.hints import changes
from jepa.domains.code_repair.hints import context as context_lib


def of_words(
    context: context_lib.Context,
    kind: str,
    side: str,
    texts: tuple[str, ...],
) -> changes.Features:
  """Tells where else the words that an edit brings or takes are found.

  Args:
    context: of the state.
    kind: of the edit.
    side: "brings" or "takes".
    texts: what it brings or takes.
  """
  words = [text for text in texts if context_lib.is_word(text)]
  counts: dict[str, int] = {}
  for word in words:
    for place in context.places_of_word.get(word, ("nowhere",)):
      counts[place] = counts.get(place, 0) + 1
  found = {}
  for place, count in counts.items():
    of_all, of_kind = _names(kind, side, place)
    found[of_all] = found[of_kind] = count / len(words)
  if "message" in counts:
    found[f"{context.exception} {side} from message"] = (
        counts["message"] / len(words)
    )
  return found


@functools.cache
def _names(kind: str, side: str, place: str) -> tuple[str, str]:
  return f"{side} from {place}", f"kind={kind} {side} from {place}"


def of_line(
    kind: str, side: str, num_beside: int, num: int
) -> changes.Features:
  """Tells how many of an edit's distinct words are on its line already."""
  if not num_beside:
    return {}
  return dict.fromkeys(_names(kind, side, "line"), num_beside / num)


@functools.lru_cache(maxsize=1 << 12)
def distinct(texts: tuple[str, ...]) -> frozenset[str]:
  """Returns the words among texts."""
  return frozenset(filter(context_lib.is_word, texts))
