"""Ranking: what a trained model expects of every candidate in one state."""

from collections.abc import Callable, Sequence
import functools

import jax
from jepa import checkpoint
from jepa import encoding
from jepa import types
from jepa.domains import base
from jepa.models import world_model
import ml_collections
import numpy as np

# (state, candidates) -> logits of every signal, shape `[candidates, S]`.
Scorer = Callable[
    [base.Observation, Sequence[base.Candidate]], np.ndarray
]

# Each size is a program to trace and compile, which takes longer than to run it
# on a few hundred rows of padding: one number of candidates serves all.
_NODE_STEP = 128
_SYMBOL_STEP = 128
_NUM_CANDIDATES = 512


def encode_state(
    state: base.Observation,
    candidates: Sequence[base.Candidate],
    vocabulary: base.Vocabulary,
) -> tuple[types.Program, types.Action]:
  """Pads a state to arrays with a batch axis of one.

  Sizes are rounded up, so that a handful of compiled programs serve all
  states.

  Args:
    state: of any size.
    candidates: at most `_NUM_CANDIDATES`.
    vocabulary: of the model.
  """
  program = encoding.encode_observation(
      state,
      vocabulary,
      num_nodes=_round_up(len(state.nodes), _NODE_STEP),
      num_symbols=_round_up(len(state.symbols), _SYMBOL_STEP),
  )
  actions = encoding.encode_candidates(
      candidates, vocabulary, num_candidates=_NUM_CANDIDATES
  )
  widen = lambda x: x[None].astype(np.int32 if x.dtype != np.bool_ else x.dtype)
  return (
      types.Program(**jax.tree.map(widen, program)),
      types.Action(**jax.tree.map(widen, actions)),
  )


def make_scorer(exported: checkpoint.Exported) -> Scorer:
  """Returns a function that scores candidates with a trained model."""
  config = ml_collections.ConfigDict(exported.manifest["config"])
  model = world_model.make_world_model(config.model, exported.vocabulary)
  score_arrays = jax.jit(functools.partial(world_model.score_actions, model))

  def score_some(state, candidates):
    program, actions = encode_state(state, candidates, exported.vocabulary)
    logits = score_arrays(exported.params, program, actions)
    return np.asarray(logits)[0, : len(candidates)]

  def score(state, candidates):
    return np.concatenate([
        score_some(state, candidates[i : i + _NUM_CANDIDATES])
        for i in range(0, max(1, len(candidates)), _NUM_CANDIDATES)
    ])

  return score


def _round_up(count: int, step: int) -> int:
  return max(step, -(-count // step) * step)
