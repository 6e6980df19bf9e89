"""Branches of the Orb world from any folder of programs, ready to evaluate.

Nothing has to be prepared: walks fill holes in the programs, the compiler
judges every action that is tried, and what it said is kept in a cache. The
same folder gives the same branches each time.
"""

from collections.abc import Callable, Iterator
import dataclasses
import random
from typing import Any

from jepa.datasets import features
from jepa.datasets.orb import orb_dataset_builder
from jepa.domains import base
from jepa.domains.orb import corpus
from jepa.domains.orb import generation
from jepa.domains.orb import vocabulary
from jepa.domains.orb import walk


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bounds:
  """How much of a folder is looked at.

  num_programs: at the most; of more, some are drawn, always the same ones.
  num_walks: from each program; num_states: in each walk, at the most.
  """
  num_programs: int = 60
  num_walks: int = 2
  num_states: int = 6


@dataclasses.dataclass(frozen=True, kw_only=True)
class Folder:
  """What was found in a folder.

  examples: of `datasets.features`; entries: the programs they are from.
  num_files: readable programs, near-duplicates included.
  unreadable: files that hold no program, by name, and why.
  """
  examples: list[dict[str, Any]]
  entries: list[corpus.Entry]
  num_files: int
  unreadable: dict[str, str]

  def describe(self) -> str:
    """Returns what was read and what was passed over, as text."""
    lines = [
        f"{self.num_files} programs, of which {len(self.entries)} are looked "
        "at; none of these is a near-duplicate of another"
    ]
    lines += [f"  passed over {n}: {e}" for n, e in self.unreadable.items()]
    return "\n".join(lines)


def load_folder(
    folder: str,
    *,
    cache: str,
    bounds: Bounds = Bounds(),
    num_workers: int | None = None,
    on_program: Callable[[int, int, int], None] = lambda *_: None,
) -> Folder:
  """Walks through the programs of a folder, with the compiler as judge.

  Args:
    folder: with files of programs, at any depth.
    cache: folder of verdicts: what is there is not asked again.
    bounds: how much to look at.
    num_workers: processes that compile; None for one per core.
    on_program: called with the programs done, all programs, and the labelled
      actions so far.

  Raises:
    CorpusError: there is no program in the folder.
    CompilerError: there is no verifier of the right version.
  """
  found, unreadable = corpus.scan_folder(folder)
  entries = _some(found, bounds.num_programs)
  settings = generation.Settings(cache=cache, num_workers=num_workers)
  examples, num_actions = [], 0
  runs = generation.run(_jobs(entries, bounds), settings)
  for i, (_, branches) in enumerate(runs, 1):
    for branch in branches:
      num_actions += len(branch.candidates)
      examples.append(
          features.encode_branch(
              branch,
              vocabulary.VOCABULARY,
              orb_dataset_builder.SIZES,
              meta="",
          )
      )
    on_program(i, len(entries), num_actions)
  return Folder(
      examples=examples,
      entries=entries,
      num_files=len(found),
      unreadable=unreadable,
  )


def check_world(name: str, known: base.Vocabulary) -> None:
  """Raises VocabularyError unless a model is of this world."""
  if known.world != vocabulary.VOCABULARY.world:
    raise base.VocabularyError(
        f"{name} was trained on {known.world!r}; Orb programs need a model of "
        f"{vocabulary.VOCABULARY.world!r}."
    )


def _some(entries: list[corpus.Entry], count: int) -> list[corpus.Entry]:
  """Returns programs that are no near-duplicates, in order of name."""
  if len(entries) > count:
    entries = random.Random("evaluate").sample(entries, len(entries))
  chosen = corpus.distinct(entries, most=count)
  return sorted(chosen, key=lambda entry: entry.name)


def _jobs(entries, bounds: Bounds) -> Iterator[generation.PublicJob]:
  for entry in entries:
    yield generation.PublicJob(
        entry=entry,
        num_walks=bounds.num_walks,
        habits=walk.Habits(max_length=bounds.num_states),
    )
