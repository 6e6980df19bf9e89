"""Programs that advisors are fitted and measured on: generated, or a folder."""

from collections.abc import Sequence
import dataclasses
import os
import random
from typing import Any

from jepa.domains.orb import corpus
from jepa.domains.orb import derailing
from jepa.domains.orb import excision
from jepa.domains.orb import fragments
from jepa.domains.orb import intent as intent_lib
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
  """A whole program.

  origin: its name, the unit of splitting.
  program: as somebody left it.
  intent: words that say what is wanted, besides those in the program.
  plan: how it was built; None if nobody knows.
  """
  origin: str
  program: program_lib.Program
  intent: tuple[str, ...] = ()
  plan: plan_lib.Plan | None = None

  def proposal(
      self, rng: random.Random, num_steps: int | None = None
  ) -> derailing.Proposal | None:
    """Returns a plan that completes the program; None if none is found.

    What is to be done is what was done last, or some names with all that
    mentions them: the latter is also how it goes where nobody knows the plan.
    Half are in the order of whoever built it, half in any that works. Most are
    short, of 4 to 9 steps; some have up to 24.

    Args:
      rng: decides what is to be done.
      num_steps: how many steps it may take; drawn if None.
    """
    if num_steps is None:
      num_steps = rng.choice((rng.randint(4, 9),) * 3 + (rng.randint(10, 24),))
    found = self._proposal(rng, num_steps)
    if found is None or rng.random() < 0.5:
      return found
    return derailing.reorder(found, rng)

  def _proposal(self, rng, num_steps):
    if self.plan is not None and rng.random() < 0.5:
      return derailing.completion(self.plan, rng, num_steps=num_steps)
    part = fragments.take_part(self.program, rng)
    start, steps = excision.excise(part, rng, num_steps=num_steps)
    if len(steps) < 3:
      return None
    return derailing.Proposal(start=start, steps=steps)


def generated(count: int, seed: int = 0) -> list[Sample]:
  """Returns programs from the generator."""
  plans = intent_lib.sample_plans(f"advisors/{seed}")
  return [
      Sample(
          origin=f"generated/{i}",
          program=plan.target,
          intent=intent.words,
          plan=plan,
      )
      for i, (intent, plan) in zip(range(count), plans)
  ]


def public(folder: str | os.PathLike[str]) -> list[Sample]:
  """Returns the programs in a folder without near-duplicates.

  Raises:
    CorpusError: there is none.
  """
  entries = corpus.distinct(corpus.read_folder(folder))
  return [Sample(origin=e.name, program=e.program) for e in entries]


def hold_out(
    samples: Sequence[Sample],
) -> tuple[list[Sample], list[Sample]]:
  """Returns training and validation programs; a quarter validates."""
  order = _shuffled(samples)
  return order[len(order) // 4 :], order[: len(order) // 4]


def split(
    samples: Sequence[Sample], *, fold: int, num_folds: int
) -> tuple[list[Sample], list[Sample], list[Sample]]:
  """Returns training, validation and test programs of one fold.

  Every program is in the test part of exactly one fold.
  """
  order = _shuffled(samples)
  rest = [s for i, s in enumerate(order) if i % num_folds != fold]
  return *hold_out(rest), order[fold::num_folds]


def _shuffled(samples: Sequence[Sample]) -> list[Sample]:
  order = list(samples)
  random.Random("split").shuffle(order)
  return order


def divide(
    examples: Sequence[Any],
    samples: Sequence[Sample],
    *,
    fold: int,
    num_folds: int,
) -> list[list[Any]]:
  """Returns the examples of each part of a split, by their `origin`."""
  parts = split(samples, fold=fold, num_folds=num_folds)
  origins = [{sample.origin for sample in part} for part in parts]
  return [[e for e in examples if e.origin in own] for own in origins]
