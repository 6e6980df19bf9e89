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

_NODE_STEP = 64
_SYMBOL_STEP = 128
_MIN_CANDIDATES = 256


def encode_state(
    state: base.Observation,
    candidates: Sequence[base.Candidate],
    vocabulary: base.Vocabulary,
) -> tuple[types.Program, types.Action]:
  """Pads a state of any size to arrays with a batch axis of one.

  Sizes are rounded up, so that a handful of compiled programs serve all
  states.
  """
  program = encoding.encode_observation(
      state,
      vocabulary,
      num_nodes=_round_up(len(state.nodes), _NODE_STEP),
      num_symbols=_round_up(len(state.symbols), _SYMBOL_STEP),
  )
  room = _MIN_CANDIDATES
  while room < len(candidates):
    room *= 2
  actions = encoding.encode_candidates(
      candidates, vocabulary, num_candidates=room
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

  def score(state, candidates):
    program, actions = encode_state(state, candidates, exported.vocabulary)
    logits = score_arrays(exported.params, program, actions)
    return np.asarray(logits)[0, : len(candidates)]

  return score


def _round_up(count: int, step: int) -> int:
  return max(step, -(-count // step) * step)
