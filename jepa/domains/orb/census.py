"""What an orbital is, whatever it is called: its subject and its behaviours.

Authors name traits after their subject and what they do to it: `VehicleList`,
`OrderCreate`. Without the subject's words, what is left is comparable between
programs: `list`, `create`.
"""

from collections.abc import Iterable
import functools
import re

from jepa.domains.orb import program as program_lib

Json = program_lib.Json

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

# Words of names that say nothing of what the thing is.
_FILLERS = frozenset(
    ("row", "record", "item", "entry", "orbital", "panel", "data", "std")
)


@functools.lru_cache(maxsize=1 << 16)
def words(text: str) -> tuple[str, ...]:
  """Returns the words of a name or a sentence, in lower case and singular."""
  return tuple(_singular(w.lower()) for w in _WORD.findall(text))


def _singular(word: str) -> str:
  if word.endswith("ies") and len(word) > 4:
    return f"{word[:-3]}y"
  is_plural = word.endswith("s") and not word.endswith(("ss", "us", "is"))
  return word[:-1] if is_plural and len(word) > 3 else word


def entity_name(orbital: Json) -> str:
  """Returns the name of the orbital's entity, which may be a mere reference."""
  entity = orbital.get("entity")
  if isinstance(entity, dict):
    entity = entity.get("name")
  return entity if isinstance(entity, str) else ""


def subject(orbital: Json) -> str:
  """Returns the word for what the orbital is about; "" where none is said."""
  names = (entity_name(orbital), text(orbital.get("name")))
  for name in names:
    telling = [w for w in words(name) if w not in _FILLERS]
    if telling:
      return telling[-1]
  return ""


def behaviors(orbital: Json) -> tuple[str, ...]:
  """Returns the distinct behaviours of the orbital's traits, sorted."""
  traits = program_lib.items(orbital, ("traits",))
  found = {behavior(t, orbital) for t in traits if isinstance(t, dict)}
  return tuple(sorted(found - {""}))


def behavior(trait: Json, orbital: Json) -> str:
  """Returns what a trait does: its name without its orbital's words."""
  names = (entity_name(orbital), text(orbital.get("name")))
  about = {word for name in names for word in words(name)}
  own = words(text(trait.get("name") or trait.get("ref")))
  return "-".join([w for w in own if w not in about] or own[-1:])


def wanted(
    program: program_lib.Program, intent: Iterable[str] = ()
) -> tuple[str, ...]:
  """Returns the words in which a program, or `intent`, says its purpose."""
  texts = (*intent, text(program.get("name")), text(program.get("description")))
  return distinct(w for t in texts for w in words(t))


def distinct(found: Iterable[str]) -> tuple[str, ...]:
  """Returns the words that say something, each once, in order."""
  return tuple(dict.fromkeys(w for w in found if w not in _FILLERS))


def without(
    program: program_lib.Program, index: int
) -> program_lib.Program:
  """Returns the program without one of its orbitals."""
  orbitals = program_lib.items(program, ("orbitals",))
  return {**program, "orbitals": orbitals[:index] + orbitals[index + 1 :]}


def text(value: Json) -> str:
  return value if isinstance(value, str) else ""
