"""What all edits of a state share, read once."""

from collections.abc import Iterable, Mapping
import functools
from typing import NamedTuple

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import lexer
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair import values as values_lib
from jepa.domains.code_repair.hints import surroundings

_MAX_WORDS = 400  # Read of each part of a failure.
_BOUND = frozenset(("name_store", "parameter"))
_NAMED = frozenset(
    ("name_load", "call_name", "method", "attribute", *_BOUND)
)


class Context(NamedTuple):
  """What all edits of a state share.

  tokens: of the function; texts: theirs.
  lines: the line that stands for each token in the spectrum.
  blamed: Ochiai of each token's line; worst: the highest of them.
  unpassed: lines that no passing test ran, and a failing one did.
  heads: the first word of each token's logical line.
  brackets: what the innermost bracket around each token is: "call f",
    "method f", "call", "group", "subscript", "list", "braces", or "nothing".
  marks: how the failing test left each line.
  words_of_line: texts of the tokens of each line.
  places_of_word: where else a word is: in what a failure shows, in a scope.
  held: the class of what each variable held.
  exception: type of the failing test's exception.
  returned: class of what the function returned.
  differences: words for how what was observed differs from the expected.
  """
  tokens: tuple[tokens_lib.Token, ...]
  texts: tuple[str, ...]
  lines: tuple[int, ...]
  blamed: tuple[float, ...]
  worst: float
  unpassed: frozenset[int]
  heads: list[str]
  brackets: list[str]
  marks: dict[int, str]
  words_of_line: dict[int, set[str]]
  places_of_word: dict[str, tuple[str, ...]]
  held: dict[str, str]
  exception: str
  returned: str
  differences: tuple[str, ...]


def make_context(state: nodes.State) -> Context:
  function, spectrum, failure = state.function, state.spectrum, state.failure
  blamed = localization.token_scores(function, spectrum)
  held = {v.name: v for v in failure.values} if failure else {}
  returned = held.pop("return", None)
  lines = localization.traced_lines(function, spectrum)
  words_of_line: dict[int, set[str]] = {}
  for token, line in zip(function.tokens, lines):
    words_of_line.setdefault(line, set()).add(token.text)
  return Context(
      tokens=function.tokens,
      texts=tuple(t.text for t in function.tokens),
      lines=lines,
      words_of_line=words_of_line,
      blamed=blamed,
      worst=max(blamed, default=0.0),
      unpassed=frozenset(
          n for n in spectrum.failing if not spectrum.passing.get(n)
      ),
      heads=surroundings.heads(function.tokens),
      brackets=surroundings.brackets(function.tokens),
      marks=_marks(failure),
      places_of_word=_places_of_word(
          _said(failure) | _scopes(function)
          | _held(failure, held.values(), returned)
      ),
      held={name: values_lib.classify(v) for name, v in held.items()},
      exception=failure.exception if failure else "",
      returned=values_lib.classify(returned) if returned else "none",
      differences=tuple(
          values_lib.differences(failure.expected, failure.observed)
          if failure else ()
      ),
  )


@functools.lru_cache(maxsize=1 << 14)
def is_word(text: str) -> bool:
  """Whether it is a name, a number or a string."""
  return text[0].isalnum() or text[0] in "_'\""


def _marks(failure: failure_lib.Failure | None) -> dict[int, str]:
  if failure is None:
    return {}
  marks = {failure.exit_line: "left"} if failure.exit_line else {}
  marks |= dict.fromkeys(failure.target_lines, "traceback")
  if failure.target_lines and failure.is_raised_in_target:
    marks[failure.target_lines[-1]] = "raised"
  return marks


def _said(failure: failure_lib.Failure | None) -> dict[str, frozenset[str]]:
  """Returns the words of each part of a failure."""
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
      filter(is_word, lexer.tokens(text, _MAX_WORDS))
  )
  return {name: words(text) for name, text in texts.items()}


def _scopes(function: source.Function) -> dict[str, frozenset[str]]:
  texts = lambda syntaxes: frozenset(
      t.text for t in function.tokens if t.syntax in syntaxes
  )
  return {
      "bound": texts(_BOUND),
      "used": texts(_NAMED),
      "module": frozenset(function.module_names),
  }


def _held(
    failure: failure_lib.Failure | None,
    held: Iterable[evidence.Value],
    returned: evidence.Value | None,
) -> dict[str, list[str]]:
  """Sorts variables by what they held, and by what else is equal to it."""
  places: dict[str, list[str]] = {}
  if failure is None:
    return places
  wanted = values_lib.literal(failure.expected)
  is_readable = wanted is not values_lib.UNREADABLE
  for value in held:
    found = {
        f"held {values_lib.classify(value)}": True,
        "held as expected": value.text == failure.expected,
        "held as observed": value.text == failure.observed,
        "held as returned": returned and value.text == returned.text,
        "type of returned": returned and value.type == returned.type,
        "type of expected": is_readable and value.type == type(wanted).__name__,
        "other type than expected": (
            is_readable and value.type != type(wanted).__name__
        ),
    }
    for place, is_there in found.items():
      if is_there:
        places.setdefault(place, []).append(value.name)
  return places


def _places_of_word(
    places: Mapping[str, Iterable[str]],
) -> dict[str, tuple[str, ...]]:
  found: dict[str, tuple[str, ...]] = {}
  for place, words in places.items():
    for word in words:
      found[word] = (*found.get(word, ()), place)
  return found
