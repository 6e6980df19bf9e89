"""Hints on the words that an edit takes and brings: where else they are."""

from collections.abc import Callable
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
    found[f"{side} from {place}"] = count / len(words)
    found[f"kind={kind} {side} from {place}"] = count / len(words)
  if "message" in counts:
    found[f"{context.exception} {side} from message"] = (
        counts["message"] / len(words)
    )
  return found


def of_line(
    kind: str, side: str, num_beside: int, num: int
) -> changes.Features:
  """Tells how many words of how many are on the line already."""
  if not num_beside:
    return {}
  share = num_beside / num
  return {f"{side} from line": share, f"kind={kind} {side} from line": share}


def make_counter(
    context: context_lib.Context,
) -> Callable[[tuple[str, ...], int], tuple[int, int]]:
  """Returns what counts distinct words on a line, and such words at all."""
  words = functools.cache(
      lambda texts: frozenset(filter(context_lib.is_word, texts))
  )

  def count(texts: tuple[str, ...], line: int) -> tuple[int, int]:
    found = words(texts)
    beside = context.words_of_line.get(line, frozenset())
    return len(found & beside), len(found)

  return count
