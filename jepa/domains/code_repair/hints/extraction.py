"""From a state and an edit to features, and to their hashes."""

from collections.abc import Callable
import functools
import itertools
import zlib

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair.hints import changes
from jepa.domains.code_repair.hints import context as context_lib
from jepa.domains.code_repair.hints import outcomes

MAX_HINTS = 64
NUM_HASHES = 8192
_LEVELS = 4  # That values in between are rounded to.


def make_extractor(
    state: nodes.State,
) -> Callable[[edits_lib.Edit], changes.Features]:
  """Returns what reads the features of edits of one state."""
  parts = _make_parts(state)

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
  parts = _make_parts(state)
  # Edits share places and insertions: these are hashed once.
  hashed: dict[int, tuple[int, ...]] = {}

  def hashes(part: changes.Features) -> tuple[int, ...]:
    if id(part) not in hashed:
      levels = ((name, round(_LEVELS * x)) for name, x in part.items())
      hashed[id(part)] = tuple(_hash(n, level) for n, level in levels if level)
    return hashed[id(part)]

  def encode(edit: edits_lib.Edit) -> tuple[int, ...]:
    found = itertools.chain.from_iterable(map(hashes, parts(edit)))
    return tuple(itertools.islice(dict.fromkeys(found), MAX_HINTS))

  return encode


def _make_parts(
    state: nodes.State,
) -> Callable[[edits_lib.Edit], tuple[changes.Features, ...]]:
  """Returns what reads the features of an edit in parts that others share."""
  context = context_lib.make_context(state)
  texts, lines = context.texts, context.lines
  outcome = outcomes.make_reader(state)
  place = functools.cache(functools.partial(changes.of_place, context))
  words = functools.cache(functools.partial(changes.of_words, context))
  change = functools.cache(functools.partial(changes.of_change, context))
  size = functools.cache(changes.of_size)
  marks = functools.cache(changes.of_marks)
  named = functools.cache(lambda names: dict.fromkeys(names, 1.0))

  def parts(edit: edits_lib.Edit) -> tuple[changes.Features, ...]:
    touched = localization.touched_tokens(state.function, edit)
    kind, removed = edit.kind, texts[edit.start : edit.end]
    line = lines[touched.start]
    return (
        named(outcome(edit)),
        words(kind, "brings", edit.insert, line),
        words(kind, "takes", removed, line),
        change(removed, edit.insert),
        place(kind, touched.start, touched.stop),
        size(removed, edit.insert),
        marks("removes", removed),
        marks("inserts", edit.insert),
    )

  return parts


@functools.lru_cache(maxsize=1 << 16)
def _hash(name: str, level: int) -> int:
  return 1 + zlib.crc32(f"{name}~{level}".encode()) % (NUM_HASHES - 1)
