"""What a hand can say of an edit: sparse features of a state and an edit.

All is read off the plain state, and no feature needs the program to be run. A
linear ranker takes them as they are (`baselines.code_repair_linear`), models
take their hashes.
"""

from collections.abc import Callable
import functools
import itertools
from typing import NamedTuple
import zlib

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import lexer
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair import values as values_lib

# Names of features, each with its value; what is not named is zero.
Features = dict[str, float]

MAX_HINTS = 48
NUM_HASHES = 8192
_LEVELS = 4  # That values in between are rounded to.
_MAX_WORDS = 400  # Read of each part of a failure.
_MAX_COUNT = 8  # Sizes from here on are one.
_BOUND = frozenset(("name_store", "parameter"))
_NAMED = frozenset(
    ("name_load", "call_name", "method", "attribute", *_BOUND)
)
_BLANK = tokens_lib.Token(
    text="", start=0, end=0, line=0, depth=0, syntax="newline"
)


class _Context(NamedTuple):
  """What all edits of a state share.

  tokens: of the function.
  lines: the line that stands for each token in the spectrum.
  blamed: Ochiai of each token's line; worst: the highest of them.
  unpassed: lines that no passing test ran, and a failing one did.
  heads: the first word of each token's logical line.
  marks: how the failing test left each line.
  words_of_line: texts of the tokens of each line.
  places_of_word: where else a word is: in what a failure shows, in a scope.
  exception: type of the failing test's exception.
  returned: class of what the function returned.
  """
  tokens: tuple[tokens_lib.Token, ...]
  lines: tuple[int, ...]
  blamed: tuple[float, ...]
  worst: float
  unpassed: frozenset[int]
  heads: list[str]
  marks: dict[int, str]
  words_of_line: dict[int, set[str]]
  places_of_word: dict[str, tuple[str, ...]]
  exception: str
  returned: str


def make_extractor(
    state: nodes.State,
) -> Callable[[edits_lib.Edit], Features]:
  """Returns what reads the features of edits of one state."""
  parts = _make_parts(state)

  def extract(edit: edits_lib.Edit) -> Features:
    found: Features = {}
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

  def hashes(part: Features) -> tuple[int, ...]:
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
) -> Callable[[edits_lib.Edit], tuple[Features, ...]]:
  """Returns what reads the features of an edit in parts that others share."""
  context = _make_context(state)
  place = functools.cache(functools.partial(_of_place, context))
  change = functools.cache(functools.partial(_of_change, context))
  brought = functools.cache(functools.partial(_of_brought, context))
  taken = functools.cache(functools.partial(_of_taken, context))

  def parts(edit: edits_lib.Edit) -> tuple[Features, ...]:
    touched = localization.touched_tokens(state.function, edit)
    line = context.lines[touched[0]]
    return (
        place(edit.kind, touched.start, touched.stop),
        change(edit.start, edit.end, edit.insert),
        brought(edit.kind, edit.insert, line),
        taken(edit.kind, edit.start, edit.end, line),
    )

  return parts


@functools.lru_cache(maxsize=1 << 16)
def _hash(name: str, level: int) -> int:
  return 1 + zlib.crc32(f"{name}~{level}".encode()) % (NUM_HASHES - 1)


def _make_context(state) -> _Context:
  function, spectrum, failure = state.function, state.spectrum, state.failure
  blamed = localization.token_scores(function, spectrum)
  exits = [v for v in failure.values if v.name == "return"] if failure else []
  lines = localization.traced_lines(function, spectrum)
  words_of_line: dict[int, set[str]] = {}
  for token, line in zip(function.tokens, lines):
    words_of_line.setdefault(line, set()).add(token.text)
  return _Context(
      tokens=function.tokens,
      lines=lines,
      words_of_line=words_of_line,
      blamed=blamed,
      worst=max(blamed, default=0.0),
      unpassed=frozenset(
          n for n in spectrum.failing if not spectrum.passing.get(n)
      ),
      heads=_heads(function.tokens),
      marks=_marks(failure),
      places_of_word=_places_of_word(_said(failure) | _scopes(function)),
      exception=failure.exception if failure else "",
      returned=values_lib.classify(exits[0]) if exits else "none",
  )


def _heads(tokens) -> list[str]:
  """Returns "if", "return", ... of each token's line, "expression" if none."""
  heads, head = [], "expression"
  for token, following in zip(tokens, (*tokens[1:], _BLANK)):
    if token.syntax == "newline":
      is_keyword = following.syntax == "keyword"
      head = following.text if is_keyword else "expression"
    heads.append(head)
  return heads


def _marks(failure) -> dict[int, str]:
  if failure is None:
    return {}
  marks = {failure.exit_line: "left"} if failure.exit_line else {}
  marks |= dict.fromkeys(failure.target_lines, "traceback")
  if failure.target_lines and failure.is_raised_in_target:
    marks[failure.target_lines[-1]] = "raised"
  return marks


def _said(failure) -> dict[str, frozenset[str]]:
  if failure is None:
    return {}
  texts = {
      "test": failure.test,
      "message": failure.message,
      "expected": failure.expected,
      "observed": failure.observed,
      "frames": "\n".join(text for _, text in failure.frames),
      "held": " ".join(v.name for v in failure.values),
  }
  words = lambda text: frozenset(
      filter(_is_word, lexer.tokens(text, _MAX_WORDS))
  )
  return {name: words(text) for name, text in texts.items()}


def _scopes(function) -> dict[str, frozenset[str]]:
  texts = lambda syntaxes: frozenset(
      t.text for t in function.tokens if t.syntax in syntaxes
  )
  return {
      "bound": texts(_BOUND),
      "used": texts(_NAMED),
      "module": frozenset(function.module_names),
  }


def _places_of_word(places) -> dict[str, tuple[str, ...]]:
  found: dict[str, tuple[str, ...]] = {}
  for place, words in places.items():
    for word in words:
      found[word] = (*found.get(word, ()), place)
  return found


def _is_word(text: str) -> bool:
  """Whether it is a name, a number or a string."""
  return text[0].isalnum() or text[0] in "_'\""


def _of_place(context, kind: str, start: int, end: int) -> Features:
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


def _of_change(context, start: int, end: int, insert) -> Features:
  """Tells what goes and what comes, but for words."""
  removed = [t.text for t in context.tokens[start:end]]
  names = [
      f"removes {min(len(removed), _MAX_COUNT)}",
      f"inserts {min(len(insert), _MAX_COUNT)}",
  ]
  if len(removed) <= 2 and len(insert) <= 2:
    names.append(f"{' '.join(removed)} -> {' '.join(insert)}")
  names += [f"removes {text}" for text in removed if not _is_word(text)]
  names += [f"inserts {text}" for text in insert if not _is_word(text)]
  growth = len(insert) - len(removed)
  return dict.fromkeys(names, 1.0) | {
      "grows": max(growth, 0) / _MAX_COUNT,
      "shrinks": max(-growth, 0) / _MAX_COUNT,
  }


def _of_brought(context, kind: str, insert, line: int) -> Features:
  return _of_words(context, kind, "brings", insert, line)


def _of_taken(context, kind: str, start: int, end: int, line: int) -> Features:
  removed = [t.text for t in context.tokens[start:end]]
  return _of_words(context, kind, "takes", removed, line)


def _of_words(context, kind: str, side: str, texts, line: int) -> Features:
  """Tells where else the words that an edit brings or takes are found."""
  words = [text for text in texts if _is_word(text)]
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
