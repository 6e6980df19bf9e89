"""A toy world for tests: guess which of a few bins holds the ball.

A state shows a row of bins, one of them marked; action k opens bin k and
succeeds if it is the marked one. Nothing but state *and* action tells.
"""

import random

from jepa.datasets import features
from jepa.domains import base

NUM_BINS = 6
VOCABULARY = base.Vocabulary(
    world="toy",
    version=1,
    kinds=("open", "wait"),
    signals=("fixed", "same_error"),
    node_features=(("marked", 3),),
    num_hashes=64,
    num_pieces=2,
    num_args=2,
)
SIZES = features.Sizes(
    num_nodes=8, num_symbols=NUM_BINS + 2, num_candidates=8, num_next=2
)
_SYMBOLS = ("", *(f"bin{i}" for i in range(NUM_BINS)))


def observe(ball: int, opened: int = -1) -> base.Observation:
  """The marked bin, which is seen to be empty once it has been opened."""
  mark = lambda i: 2 if i == opened == ball else int(i == ball)
  return base.Observation(
      symbols=_SYMBOLS,
      nodes=tuple((1 + i, mark(i)) for i in range(NUM_BINS)),
  )


def branch(rng: random.Random, has_pairs: bool = False) -> base.Branch:
  """Pairs succeed where the second bin is the one after the first."""
  ball = rng.randrange(NUM_BINS)
  candidates = tuple(
      base.Candidate(kind=0, start=i, end=i + 1, args=(1 + i,))
      for i in range(NUM_BINS)
  )
  other = rng.choice([i for i in range(NUM_BINS) if i != ball])
  return base.Branch(
      state=observe(ball),
      candidates=candidates,
      signals=tuple(
          (float(i == ball), float(i != ball)) for i in range(NUM_BINS)
      ),
      next_states=tuple((i, observe(ball, i)) for i in (ball, other)),
      origin="toy",
      meta={},
      pair_signals=tuple(
          tuple(
              (float(k == (i + 1) % NUM_BINS), 0.0) if k != i else None
              for k in range(NUM_BINS)
          )
          for i in (ball, other)
      ) if has_pairs else (),
  )


def examples(
    count: int, seed: int = 0, has_pairs: bool = False
) -> list[dict]:
  rng = random.Random(seed)
  return [
      features.encode_branch(
          branch(rng, has_pairs), VOCABULARY, SIZES, "", has_pairs
      )
      for _ in range(count)
  ]
