"""Folders of public programs: reading them, and telling copies apart."""

import collections
import dataclasses
import os
import pathlib

from jepa.domains.orb import decompose
from jepa.domains.orb import program as program_lib

_SUFFIXES = (".json", ".orb")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
  """name: file, relative to the folder; program: its content."""
  name: str
  program: program_lib.Program


class CorpusError(ValueError):
  """A folder that holds no program."""


def read_folder(folder: str | os.PathLike[str]) -> list[Entry]:
  """Returns the programs in `folder` and below, in order of name.

  Files that hold no JSON object with orbitals are passed over.

  Raises:
    CorpusError: there is no program at all.
  """
  return scan_folder(folder)[0]


def scan_folder(
    folder: str | os.PathLike[str],
) -> tuple[list[Entry], dict[str, str]]:
  """Returns the programs in `folder` and below, and what is wrong with others.

  Of the files that have the suffix of a program but hold none, the second
  result says by name what they hold.

  Raises:
    CorpusError: there is no such folder, or no program in it.
  """
  root = pathlib.Path(folder)
  if not root.is_dir():
    raise CorpusError(f"{root} is no folder: name one that holds Orb programs.")
  entries, unreadable = [], {}
  for path in sorted(root.rglob("*")):
    if path.suffix not in _SUFFIXES or not path.is_file():
      continue
    name = path.relative_to(root).as_posix()
    try:
      entries.append(Entry(name=name, program=_read(path)))
    except (OSError, program_lib.ProgramError) as e:
      unreadable[name] = str(e)
  if not entries:
    found = "; ".join(f"{n}: {e}" for n, e in list(unreadable.items())[:3])
    raise CorpusError(
        f"no Orb program in {root}: expected {' or '.join(_SUFFIXES)} files, "
        'each a JSON object with a list of "orbitals"'
        + (f" ({found})" if found else ".")
    )
  return entries, unreadable


def _read(path: pathlib.Path) -> program_lib.Program:
  program = program_lib.parse(path.read_bytes())
  if not isinstance(program.get("orbitals"), list):
    raise program_lib.ProgramError('there is no list of "orbitals".')
  return program


# Slots whose texts belong to the language; all others may hold names.
_KEYWORDS = ("operator", "type", "flag", "category", "persistence", "scope")


def outline(program: program_lib.Program) -> collections.Counter[str]:
  """Returns what a program does, without any name: a bag of its steps."""
  bag: collections.Counter[str] = collections.Counter()
  for step in decompose.decompose(program):
    words = [step.kind]
    for slot, value in step.named_slots.items():
      words += [str(value)] if slot in _KEYWORDS else _structure(value)
    bag[" ".join(words)] += 1
  return bag


def _structure(value: program_lib.Json) -> list[str]:
  """Returns the keys, patterns and types of a value, not its texts."""
  if isinstance(value, dict):
    pattern = value.get("type")
    parts = [w for k in sorted(value) for w in (k, *_structure(value[k]))]
    return [pattern, *parts] if isinstance(pattern, str) else parts
  if isinstance(value, list):
    return ["[", *(w for v in value for w in _structure(v)), "]"]
  if isinstance(value, str):
    return ["@" if value.startswith("@") else "_"]
  return [type(value).__name__]


def similarity(
    a: collections.Counter[str], b: collections.Counter[str]
) -> float:
  """Returns the weighted Jaccard similarity of two outlines, in [0, 1]."""
  union = (a | b).total()
  return (a & b).total() / union if union else 1.0


def _is_similar(a, b, threshold: float) -> bool:
  # The similarity is at most the ratio of the sizes, which is quick to have.
  small, large = sorted((a.total(), b.total()))
  return small >= threshold * large and similarity(a, b) >= threshold


def distinct(
    entries: list[Entry], *, threshold: float = 0.8, most: int | None = None
) -> list[Entry]:
  """Returns the entries that are no near-duplicate of an earlier one.

  Args:
    entries: in the order in which they are preferred.
    threshold: of `similarity`, from which on two are the same.
    most: how many are wanted; the rest is not looked at.
  """
  kept: list[Entry] = []
  outlines: list[collections.Counter[str]] = []
  for entry in entries:
    if len(kept) == most:
      break
    bag = outline(entry.program)
    if not any(_is_similar(bag, other, threshold) for other in outlines):
      kept.append(entry)
      outlines.append(bag)
  return kept
