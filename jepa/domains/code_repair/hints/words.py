"""Hints on the words that an edit takes and brings: where else they are."""

import functools

from jepa.domains.code_repair.hints import changes
from jepa.domains.code_repair.hints import context as context_lib

_NOWHERE = ("nowhere",)

# For each word that an edit brings or takes, where else it is.
Places = tuple[tuple[str, ...], ...]


def places(context: context_lib.Context, words: tuple[str, ...]) -> Places:
  """Returns where else each word is found: many words share their places."""
  found = context.places_of_word.get
  return tuple([found(word, _NOWHERE) for word in words])


def of_places(
    exception: str, kind: str, side: str, found: Places
) -> changes.Features:
  """Tells where else the words that an edit brings or takes are found.

  Args:
    exception: of the failing test.
    kind: of the edit.
    side: "brings" or "takes".
    found: places of what it brings or takes.
  """
  counts: dict[str, int] = {}
  for of_word in found:
    for place in of_word:
      counts[place] = counts.get(place, 0) + 1
  features = {}
  for place, count in counts.items():
    of_all, of_kind = _names(kind, side, place)
    features[of_all] = features[of_kind] = count / len(found)
  if "message" in counts:
    features[f"{exception} {side} from message"] = (
        counts["message"] / len(found)
    )
  return features


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
