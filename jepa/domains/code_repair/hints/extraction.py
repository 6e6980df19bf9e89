"""From a state and an edit to features, and to their hashes.

Edits of one state share most of what is told of them: each part of it is read,
and hashed, once.
"""

from collections.abc import Callable
import functools
import itertools
from typing import TypeVar
import zlib

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair.hints import changes
from jepa.domains.code_repair.hints import context as context_lib
from jepa.domains.code_repair.hints import outcomes
from jepa.domains.code_repair.hints import words as words_lib

MAX_HINTS = 56
NUM_HASHES = 16384
_LEVELS = 4  # That values in between are rounded to.
_Part = TypeVar("_Part")


def make_extractor(
    state: nodes.State,
) -> Callable[[edits_lib.Edit], changes.Features]:
  """Returns what reads the features of edits of one state."""
  parts = _make_parts(state, lambda features: features)

  def extract(edit: edits_lib.Edit) -> changes.Features:
    found: changes.Features = {}
    for part in parts(edit):
      found |= part
    return found

  return extract


def make_encoder(
    state: nodes.State,
) -> Callable[[edits_lib.Edit], tuple[int, ...]]:
  """Returns what hashes the features of edits of one state.

  A hash of each feature and its rounded value, at most MAX_HINTS of them.
  """
  parts = _make_parts(state, _hashes)

  def encode(edit: edits_lib.Edit) -> tuple[int, ...]:
    found = itertools.chain.from_iterable(parts(edit))
    return tuple(dict.fromkeys(found))[:MAX_HINTS]

  return encode


def _make_parts(
    state: nodes.State, finish: Callable[[changes.Features], _Part]
) -> Callable[[edits_lib.Edit], tuple[_Part, ...]]:
  """Returns what reads an edit in parts, the most telling first.

  Args:
    state: that is edited.
    finish: what to make of the features of a part.
  """
  context = context_lib.make_context(state)
  function, texts, lines = state.function, context.texts, context.lines
  outcome = outcomes.make_reader(state)

  def once(read):
    return functools.cache(lambda *args: finish(read(*args)))

  told = once(lambda names: dict.fromkeys(names, 1.0))
  words = once(functools.partial(words_lib.of_words, context))
  beside = once(words_lib.of_line)
  change = once(functools.partial(changes.of_change, context))
  place = once(functools.partial(changes.of_place, context))
  size = once(changes.of_size)
  marks = once(changes.of_marks)

  nothing = told(())

  @functools.cache
  def of_span(kind, start, end, first):
    """Reads what edits that take the same tokens share."""
    taken, on_line = texts[start:end], context.words_of_line[lines[first]]
    found = words_lib.distinct(taken)
    return taken, on_line, (
        words(kind, "takes", taken),
        beside(kind, "takes", len(found & on_line), len(found)),
        place(kind, first, max(end, first + 1)),
        marks("removes", taken),
    )

  @functools.cache
  def of_insertion(kind, brought):
    """Reads what edits that bring the same tokens share."""
    return words_lib.distinct(brought), (
        words(kind, "brings", brought), marks("inserts", brought)
    )

  def parts(edit: edits_lib.Edit) -> tuple[_Part, ...]:
    kind, start, end, brought = edit.kind, edit.start, edit.end, edit.insert
    first = localization.first_touched(function, edit)
    taken, on_line, of_taken = of_span(kind, start, end, first)
    words_taken, beside_taken, at, marks_taken = of_taken
    found, (words_brought, marks_brought) = of_insertion(kind, brought)
    is_short = len(taken) <= changes.MAX_SHOWN >= len(brought)
    return (
        told(outcome(edit)),
        words_brought,
        words_taken,
        beside(kind, "brings", len(found & on_line), len(found)),
        beside_taken,
        change(taken, brought) if is_short else nothing,
        at,
        size(len(taken), len(brought)),
        marks_taken,
        marks_brought,
    )

  return parts


def _hashes(features: changes.Features) -> tuple[int, ...]:
  return tuple([
      _hash(name, level)
      for name, x in features.items() if (level := round(_LEVELS * x))
  ])


@functools.lru_cache(maxsize=1 << 16)
def _hash(name: str, level: int) -> int:
  return 1 + zlib.crc32(f"{name}~{level}".encode()) % (NUM_HASHES - 1)
