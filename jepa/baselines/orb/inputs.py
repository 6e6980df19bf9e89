"""What baselines are given: compositions of programs, and choices."""

from typing import Any, NamedTuple


class Composition(NamedTuple):
  """What B programs are composed of; parts that are not used may be None.

  words: `[B, W]` float32, words that say what is wanted.
  parts: `[B, P]` float32, kinds and behaviours that are there.
  nodes: `[B, T, F]` float32, what each trait does; zero where there is none.
  wires: `[B, T, T]` float32, 1 from each trait to those that hear it.
  """
  words: Any = None
  parts: Any = None
  nodes: Any = None
  wires: Any = None


class Choice(NamedTuple):
  """Candidates, of which some are right.

  labels: `[B, C]` float32, 1 for the right ones.
  mask: `[B, C]` bool, false where there is no candidate.
  """
  labels: Any
  mask: Any
