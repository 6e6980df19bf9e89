"""The vocabulary: every name and every axis used in this package.

Axes:
  B  examples in a batch             N  nodes of a program
  K  candidate actions of a state    F  features of a node
  J  next observations of a state    U  symbols of a state
  S  signals of the verifier         G  pieces of a symbol
  A  arguments of an action          D  width of a latent
  H  hints of an action

A dataset holds *branches*: one state, several actions that were all tried in
that same state, and what the verifier said of each. Nothing less lets a model
learn that the action matters.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import chex

Params = chex.ArrayTree
Metrics = Mapping[str, chex.Array]


class Program(NamedTuple):
  """An observed state: nodes that point into a table of symbols.

  A symbol is what a node says (a token, a name, an error code). Nodes with the
  same symbol denote the same thing, so names never met before still have an
  identity. Row 0 of `symbols` and of every embedding is padding.

  symbols: `[B, U, G]` int32, hashed pieces of each symbol; 0 pads.
  nodes: `[B, N, F]` int32; feature 0 is the node's row of `symbols`, the
    others are small categories which the world's vocabulary names.
  mask: `[B, N]` bool, false where a node is padding.
  """
  symbols: Any
  nodes: Any
  mask: Any


class Action(NamedTuple):
  """Candidate actions in one state, each a kind, a place and arguments.

  kind: `[B, K]` int32, which of the vocabulary's kinds.
  site: `[B, K, 2]` int32, first node touched and one past the last; equal
    where the action only inserts.
  args: `[B, K, A]` int32, rows of the state's `symbols`; 0 pads.
  mask: `[B, K]` bool, false where a candidate is padding.
  hints: `[B, K, H]` int32, hashed features of state and action together; 0
    pads. None in a world that reads none.
  """
  kind: Any
  site: Any
  args: Any
  mask: Any
  hints: Any = None


class Outcome(NamedTuple):
  """What the verifier said of each candidate.

  signals: `[B, K, S]` float32 in [0, 1]; signal 0 is success.
  mask: `[B, K]` bool, false where the candidate was not executed.
  """
  signals: Any
  mask: Any


class Branch(NamedTuple):
  """One state, K actions tried in it, and J of the states that followed.

  obs_t: `Program`, the state.
  actions: `Action`, the candidates.
  outcomes: `Outcome` of each candidate.
  obs_next: `Program` with axes `[B, J, ...]`, observed after execution.
  next_action: `[B, J]` int32, which candidate led to each next state.
  next_mask: `[B, J]` bool, false where there is no such state.
  pairs: `Outcome` with axes `[B, J, K, ...]`, of the action that led to a next
    state and each candidate together; `None` where no two were executed.
  """
  obs_t: Program
  actions: Action
  outcomes: Outcome
  obs_next: Program
  next_action: Any
  next_mask: Any
  pairs: Outcome | None = None


class Latents(NamedTuple):
  """An encoded state.

  z: `[B, D]`, the latent state: what is predicted and regularised.
  nodes: `[B, N, D]`, a latent of each node, where actions look up their site.
  rows: `[B, N]` int32, the symbol of each node, as in `Program`.
  symbols: `[B, U, 2 * D + 1]`: a symbol by itself, the mean of the nodes that
    say it, and whether there is one.
  mask: `[B, N]` bool, as in `Program`.
  """
  z: Any
  nodes: Any
  rows: Any
  symbols: Any
  mask: Any
