"""From a state and an edit to features, and to their hashes.

Edits of one state share most of what is told of them: each part of it is read,
and hashed, once.
"""

from collections.abc import Callable
import functools
import itertools
from typing import NamedTuple, TypeVar
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
    found = sum(parts(edit), ())
    if len(set(found)) < len(found):  # It is seldom so.
      found = tuple(dict.fromkeys(found))
    return found[:MAX_HINTS]

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
  words = once(functools.partial(words_lib.of_places, context.exception))
  beside = once(words_lib.of_line)
  shapes = once(functools.partial(changes.of_shapes, context))
  spelling = once(functools.partial(changes.of_spelling, context))
  place = once(functools.partial(changes.of_place, context))
  size = once(changes.of_size)
  marks = once(changes.of_marks)

  nothing = told(())

  @functools.cache
  def of_span(kind, start, end, first):
    """Reads what edits that take the same tokens share."""
    side = _make_side(context, texts[start:end])
    on_line = context.words_of_line[lines[first]]
    num_beside = len(side.distinct & on_line)
    return side, on_line, (
        words(kind, "takes", side.places),
        beside(kind, "takes", num_beside, len(side.distinct)),
        place(kind, first, max(end, first + 1)),
        marks("removes", side.marks),
    )

  @functools.cache
  def of_insertion(kind, brought):
    """Reads what edits that bring the same tokens share."""
    side = _make_side(context, brought)
    return side, (
        words(kind, "brings", side.places), marks("inserts", side.marks)
    )

  def parts(edit: edits_lib.Edit) -> tuple[_Part, ...]:
    kind, start, end = edit.kind, edit.start, edit.end
    first = start
    if start == end:
      first = localization.first_touched(function, edit)
    taken, on_line, of_taken = of_span(kind, start, end, first)
    words_taken, beside_taken, at, marks_taken = of_taken
    brought, (words_brought, marks_brought) = of_insertion(kind, edit.insert)
    held, spelled = nothing, nothing
    if taken.is_short and brought.is_short:
      held = shapes(taken.shape, brought.shape)
      if taken.is_common and brought.is_common:
        spelled = spelling(taken.texts, brought.texts)
    num_beside = len(brought.distinct & on_line)
    return (
        told(outcome(edit)),
        words_brought,
        words_taken,
        beside(kind, "brings", num_beside, len(brought.distinct)),
        beside_taken,
        held,
        spelled,
        at,
        size(end - start, len(brought.texts)),
        marks_taken,
        marks_brought,
    )

  return parts


class _Side(NamedTuple):
  """What is told of the texts that an edit takes or brings.

  distinct: the words among them; marks: the others.
  places: where else each word is.
  is_short: whether the change is told, and with it these:
  shape: what they held; is_common: whether other programs have them, too.
  """
  texts: tuple[str, ...]
  distinct: frozenset[str]
  marks: tuple[str, ...]
  places: words_lib.Places
  is_short: bool
  shape: str
  is_common: bool


def _make_side(
    context: context_lib.Context, texts: tuple[str, ...]
) -> _Side:
  words = tuple(filter(context_lib.is_word, texts))
  marks = ()
  if len(words) < len(texts):
    marks = tuple(itertools.filterfalse(context_lib.is_word, texts))
  is_short = len(texts) <= changes.MAX_SHOWN
  return _Side(
      texts,
      frozenset(words),
      marks,
      words_lib.places(context, words),
      is_short,
      changes.shape(context, texts) if is_short else "",
      is_short and changes.is_common(texts),
  )


def _hashes(features: changes.Features) -> tuple[int, ...]:
  hashes = map(_hash_value, features, features.values())
  return tuple(filter(None, hashes))


@functools.lru_cache(maxsize=1 << 16)
def _hash_value(name: str, value: float) -> int:
  """Returns the hash of a feature, 0 where its value is rounded to zero."""
  level = round(_LEVELS * value)
  return _hash(name, level) if level else 0


def _hash(name: str, level: int) -> int:
  return 1 + zlib.crc32(f"{name}~{level}".encode()) % (NUM_HASHES - 1)
