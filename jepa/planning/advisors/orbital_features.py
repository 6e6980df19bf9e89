"""What speaks for a kind of orbital being the one that a program lacks."""

import collections
from collections.abc import Iterable, Sequence
import math
from typing import NamedTuple

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import behaviors
from jepa.domains.orb import catalogue as catalogue_lib
from jepa.domains.orb import census
from jepa.domains.orb import loose_ends
from jepa.domains.orb import program as program_lib
from jepa.planning.advisors import reading
import numpy as np

Kind = catalogue_lib.Kind
NUM_OPEN = 24
_GENERAL = 5  # The first signals: valid, errors, warnings, compiles, tests.

# Loose ends that another orbital may tie.
_ENDS = ("entity", "route", "listener", "source", "attachment", "unheard")

NAMES = (
    "frequency", "is known", "is there", "is wanted", "is wanted and not there",
    "share of what is wanted", "company", "neighbours", "nearest there",
    *(f"loose {role}" for role in _ENDS), "share loose", "times loose",
    "first said", "last said",
)  # fmt: skip


class Memory(NamedTuple):
  """One orbital that was seen, and what stood beside it."""
  origin: str
  kind: int
  beside: frozenset[str]


class Company:
  """Which kinds of orbitals keep company with which subjects and behaviours."""

  def __init__(self, memories: Sequence[Memory], num_kinds: int):
    self.memories = memories
    self._num_kinds = num_kinds

  def pull(self, present: frozenset[str], origin: str) -> np.ndarray:
    """Returns how much each kind is drawn to what is there, shape `[C, 2]`.

    The mean pointwise mutual information with the parts that are there; and
    the share of the kind among the orbitals whose company was most alike.

    Args:
      present: subjects and behaviours that are there.
      origin: program that is left out of all counts.
    """
    others = [m for m in self.memories if m.origin != origin]
    together = np.full((self._num_kinds, len(present)), 0.5)
    kinds = np.ones(self._num_kinds)
    votes = np.zeros(self._num_kinds)
    columns = {part: i for i, part in enumerate(sorted(present))}
    for m in others:
      both = m.beside & present
      kinds[m.kind] += 1
      votes[m.kind] += (len(both) / len(m.beside | present)) ** 2
      together[m.kind, [columns[part] for part in both]] += 1
    alone = kinds[:, None] * (1 + together.sum(axis=0)[None])
    information = np.log(together * (len(others) + 1) / alone)
    mean = information.sum(axis=1) / max(len(present), 1)
    return np.stack([mean, votes / max(votes.sum(), 1e-6)], axis=1)


def remember(
    programs: Iterable[tuple[str, program_lib.Program]],
    catalogue: catalogue_lib.Catalogue,
) -> Company:
  """Remembers, for each orbital of named programs, what stands beside it."""
  memories = []
  for origin, program in programs:
    orbitals = [o for _, o in program_lib.orbitals(program)]
    for i, orbital in enumerate(orbitals):
      kind = catalogue.index(orbital)
      beside = parts(orbitals[:i] + orbitals[i + 1 :])
      if kind is not None and beside:
        memories.append(Memory(origin, kind, frozenset(beside)))
  return Company(memories, len(catalogue.kinds))


def parts(orbitals: Sequence[program_lib.Json]) -> set[str]:
  """Returns the subjects and behaviours of orbitals."""
  found = {census.subject(o) for o in orbitals}
  return found | {b for o in orbitals for b in census.behaviors(o)}


def candidates(
    program: program_lib.Program, catalogue: catalogue_lib.Catalogue
) -> list[Kind]:
  """Returns the kinds that the program may lack.

  Those of the catalogue, and subjects that nobody has heard of but that the
  program's loose ends name: at the most `NUM_OPEN`.
  """
  kinds = list(catalogue.kinds)
  if catalogue.facet == "subject":
    known = {kind.label for kind in kinds}
    there = {census.subject(o) for _, o in program_lib.orbitals(program)}
    named = [
        census.distinct(census.words(end.name))
        for end in loose_ends.loose_ends(program)
        if end.role in _ENDS
    ]
    # Each loose end's last word first: it is what the others qualify.
    ordered = [w for words in named for w in reversed(words)]
    fresh = [w for w in dict.fromkeys(ordered) if w not in known | there]
    kinds += [
        Kind(label=w, count=0, words=(w,), behaviors=())
        for w in fresh[:NUM_OPEN]
    ]
  return kinds


def written(
    program: program_lib.Program,
    intent: Sequence[str],
    kinds: Sequence[Kind],
    catalogue: catalogue_lib.Catalogue,
    company: Company,
    origin: str = "",
) -> np.ndarray:
  """Returns what the program shows for each kind, shape `[C, len(NAMES)]`.

  Args:
    program: what is there.
    intent: words that say what is wanted, besides those of the program.
    kinds: `candidates` of the program.
    catalogue: that the kinds begin with.
    company: what goes with what.
    origin: the program's own name, to be left out of what goes with what.
  """
  orbitals = [o for _, o in program_lib.orbitals(program)]
  there = {catalogue.index(o) for o in orbitals}
  present = frozenset(parts(orbitals))
  wanted, unmet = _wishes(program, intent, orbitals)
  ends = [e for e in loose_ends.loose_ends(program) if e.role in _ENDS]
  said = [census.words(name) for name in {e.name for e in ends}]
  loose: dict[str, set[str]] = {role: set() for role in _ENDS}
  for end in ends:
    loose[end.role].update(census.words(end.name))
  any_loose = set().union(*loose.values())
  shapes = [frozenset(census.behaviors(o)) for o in orbitals]
  askable = set().union(*(_telling(k, catalogue.facet) for k in kinds))
  pull = np.zeros((len(kinds), 2))
  pull[: len(catalogue.kinds)] = company.pull(present, origin)
  rows = []
  for i, kind in enumerate(kinds):
    told = _telling(kind, catalogue.facet)
    rows.append([
        math.log(max(kind.count, 0.5)),
        kind.count > 0,
        i in there,
        bool(told & wanted),
        bool(told & unmet),
        catalogue_lib.jaccard(told, unmet & askable),
        *pull[i],
        max(
            (catalogue_lib.jaccard(s, kind.behaviors) for s in shapes),
            default=0.0,
        ),
        *(bool(told & loose[role]) for role in _ENDS),
        len(told & any_loose) / len(told),
        math.log1p(sum(bool(told & {*words}) for words in said)),
        any(told & {*words[:1]} for words in said),
        any(told & {*words[-1:]} for words in said),
    ])
  return np.array(rows, np.float32)


def _wishes(program, intent, orbitals) -> tuple[set[str], set[str]]:
  """Returns the words that are wished for, and those of unmet wishes.

  What is wished for twice and there once is still wanted.
  """
  wanted = collections.Counter(
      w for text in intent for w in census.words(text)
  )
  wanted.update(census.wanted(program))
  there = collections.Counter(
      w for o in orbitals for part in parts([o]) for w in census.words(part)
  )
  return set(wanted), set(wanted - there)


def _telling(kind: Kind, facet: str) -> set[str]:
  """Returns the words by which a program may ask for the kind."""
  if facet == "subject":
    return set(census.words(kind.label)) or {kind.label}
  return {w for b in kind.behaviors for w in census.words(b)} or {kind.label}


def view(
    program: program_lib.Program,
    intent: Sequence[str],
    kinds: Sequence[Kind],
) -> reading.View:
  """Returns what a model has to read: an orbital of each kind, to be added."""
  actions = tuple(_start(kind) for kind in kinds)
  return reading.View(program, actions, tuple(intent))


def _start(kind: Kind) -> actions_lib.Action:
  """Returns the step that begins an orbital of the kind."""
  entity = kind.label.title() if kind.label.isalpha() else "Thing"
  known = [b for b in kind.behaviors if b in behaviors.NAMES]
  behavior = (*known, *kind.behaviors, "browse")[0]
  path = f"/{entity.lower()}s"
  return actions_lib.Action(
      kind="start_orbital",
      at=(),
      slots=(entity, "persistent", behavior, path),
  )


def foreseen(
    seen: reading.Reading, prototypes: np.ndarray, whole: np.ndarray
) -> np.ndarray:
  """Returns what a model foresees of each kind, shape `[C, F]`.

  Args:
    seen: the program, with the step that begins each kind.
    prototypes: `[C, D]`, mean state of programs that lacked the kind; zero
      where there was none.
    whole: `[D]`, mean state of whole programs.
  """
  general = seen.logits[:, :_GENERAL]
  change = seen.z_hat - seen.z[None]
  return np.concatenate(
      [
          general - general.mean(axis=0, keepdims=True),
          np.linalg.norm(change, axis=1, keepdims=True),
          _cosine(prototypes, seen.z[None]),
          _cosine(seen.z_hat, whole[None]),
      ],
      axis=1,
  ).astype(np.float32)


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
  """Returns cosines of rows, shape `[C, 1]`; 0 where a row is zero."""
  norm = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
  return ((a * b).sum(axis=1) / np.maximum(norm, 1e-6))[:, None]
