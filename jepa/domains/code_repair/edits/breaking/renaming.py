"""A function under other names: the same bug in another guise."""

from collections.abc import Iterator, Sequence
import itertools

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import scopes

# What people call things when they do not think of a better name.
NAMES = (
    ("value", "result", "item", "index", "name", "data", "key", "total"),
    ("x", "out", "elem", "i", "s", "values", "k", "count"),
    ("a", "res", "current", "n", "text", "items", "left", "size"),
)
MORE_NAMES = (
    ("val", "ret", "obj", "idx", "label", "info", "field", "amount"),
    ("y", "r", "t", "j", "c", "rows", "v", "m"),
    ("old", "answer", "entry", "pos", "string", "content", "ident", "acc"),
    ("arg", "output", "member", "offset", "title", "source", "token", "number"),
    ("b", "rv", "node", "p", "line", "parts", "first", "limit"),
)
_VARIABLES = frozenset(("name_load", "name_store", "parameter", "call_name"))


def renamed(
    outline: outlines.Outline, lists: Sequence[Sequence[str]] = NAMES
) -> Iterator[source_lib.Function]:
  """All that the function itself binds, under the names of each list.

  Callers may name a parameter: that is for the tests to say.
  """
  bound = _bound(outline)
  uses = [
      token for token in outline.tokens
      if token.text in bound and token.syntax in _VARIABLES
  ]
  for names in lists if bound else ():
    spare = (f"{name}_{k}" for k, name in itertools.product((1, 2, 3), names))
    free = (n for n in (*names, *spare) if n not in outline.texts)
    new = dict(zip(bound, free))
    content = outline.function.source
    for token in reversed(uses):
      name = new.get(token.text, token.text).encode()
      content = content[:token.start] + name + content[token.end:]
    yield source_lib.replace_source(outline.function, content)


def _bound(outline: outlines.Outline) -> list[str]:
  """Returns the names that may be others, in the order they are bound."""
  _, scope = outline.parameters[0]
  # An f-string is one token, and what it names is inside.
  formatted = " ".join(
      t.text for t in outline.tokens if t.syntax == "string"
      and "f" in t.text.split(t.text[-1])[0].lower()
  )
  elsewhere = {
      name for _, inner in outline.parameters[1:]
      for name in (*inner.bound, *inner.callables)
  }
  # What a handler or an import binds is a mere name to the tokens.
  mere = {t.text for t in outline.tokens if t.syntax == "name"}
  left_out = scopes.IGNORED | outline.declared | elsewhere | mere
  return [
      name for name in scope.bound
      if name not in left_out and name not in formatted
  ]
