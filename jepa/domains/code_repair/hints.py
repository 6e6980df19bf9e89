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
  said: words of the failing test by where they were said.
  scopes: names by where they come from.
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
  said: dict[str, frozenset[str]]
  scopes: dict[str, frozenset[str]]
  exception: str
  returned: str


def make_extractor(
    state: nodes.State,
) -> Callable[[edits_lib.Edit], Features]:
  """Returns what reads the features of edits of one state."""
  context = _make_context(state)

  def extract(edit: edits_lib.Edit) -> Features:
    touched = localization.touched_tokens(state.function, edit)
    return (
        _of_kind(context, edit, touched)
        | _of_place(context, edit, touched)
        | _of_change(context, edit)
        | _of_words(context, edit, touched)
    )

  return extract


def encode(features: Features) -> tuple[int, ...]:
  """Returns a hash of each feature and its rounded value, at most MAX_HINTS."""
  levels = (
      (name, round(_LEVELS * value)) for name, value in features.items()
  )
  hashes = (_hash(name, level) for name, level in levels if level)
  return tuple(itertools.islice(dict.fromkeys(hashes), MAX_HINTS))


@functools.lru_cache(maxsize=1 << 16)
def _hash(name: str, level: int) -> int:
  return 1 + zlib.crc32(f"{name}~{level}".encode()) % (NUM_HASHES - 1)


def _make_context(state) -> _Context:
  function, spectrum, failure = state.function, state.spectrum, state.failure
  blamed = localization.token_scores(function, spectrum)
  exits = [v for v in failure.values if v.name == "return"] if failure else []
  return _Context(
      tokens=function.tokens,
      lines=localization.traced_lines(function, spectrum),
      blamed=blamed,
      worst=max(blamed, default=0.0),
      unpassed=frozenset(
          n for n in spectrum.failing if not spectrum.passing.get(n)
      ),
      heads=_heads(function.tokens),
      marks=_marks(failure),
      said=_said(failure),
      scopes={
          "bound": frozenset(
              t.text for t in function.tokens if t.syntax in _BOUND
          ),
          "used": frozenset(
              t.text for t in function.tokens if t.syntax in _NAMED
          ),
          "module": frozenset(function.module_names),
      },
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


def _is_word(text: str) -> bool:
  """Whether it is a name, a number or a string."""
  return text[0].isalnum() or text[0] in "_'\""


def _of_kind(context, edit, touched) -> Features:
  kind, token = edit.kind, context.tokens[touched[0]]
  names = (
      f"kind={kind}",
      f"kind={kind} exception={context.exception}",
      f"kind={kind} returned={context.returned}",
      f"kind={kind} at={token.syntax}",
      f"kind={kind} head={context.heads[touched[0]]}",
  )
  return dict.fromkeys(names, 1.0)


def _of_place(context, edit, touched) -> Features:
  first = touched[0]
  line, token = context.lines[first], context.tokens[first]
  score = max(context.blamed[i] for i in touched)
  mark = context.marks.get(line, "")
  names = [
      f"head={context.heads[first]}",
      f"depth={min(token.depth, _MAX_COUNT)}",
      f"mark={mark}",
      f"kind={edit.kind} mark={mark}",
      f"mark={mark} exception={context.exception}",
  ]
  if score == context.worst:
    names.append("worst")
  if score == 0.0:
    names.append("not reached")
  if line in context.unpassed:
    names.append("no passing test")
  found = dict.fromkeys(names, 1.0)
  return found | {
      "ochiai": score,
      "below the worst": context.worst - score,
      "place": first / len(context.tokens),
  }


def _of_change(context, edit) -> Features:
  removed = [t.text for t in context.tokens[edit.start : edit.end]]
  names = [
      f"removes {min(len(removed), _MAX_COUNT)}",
      f"inserts {min(len(edit.insert), _MAX_COUNT)}",
  ]
  if len(removed) <= 2 and len(edit.insert) <= 2:
    names.append(f"{' '.join(removed)} -> {' '.join(edit.insert)}")
  names += [f"removes {text}" for text in removed if not _is_word(text)]
  names += [f"inserts {text}" for text in edit.insert if not _is_word(text)]
  growth = len(edit.insert) - len(removed)
  return dict.fromkeys(names, 1.0) | {
      "grows": max(growth, 0) / _MAX_COUNT,
      "shrinks": max(-growth, 0) / _MAX_COUNT,
  }


def _of_words(context, edit, touched) -> Features:
  """Tells where else the words that an edit brings and takes are found."""
  line = context.lines[touched[0]]
  beside = {
      t.text for t, n in zip(context.tokens, context.lines) if n == line
  }
  removed = (t.text for t in context.tokens[edit.start : edit.end])
  sides = {
      "brings": list(filter(_is_word, edit.insert)),
      "takes": list(filter(_is_word, removed)),
  }
  places = context.said | context.scopes | {"line": beside}
  found = {}
  for side, words in sides.items():
    if not words:
      continue
    unknown = set(words)
    for place, known in places.items():
      share = sum(w in known for w in words) / len(words)
      unknown -= known
      if share:
        found[f"{side} from {place}"] = share
        found[f"kind={edit.kind} {side} from {place}"] = share
    found[f"{side} from nowhere"] = len(unknown) / len(words)
  return found
