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
    state: base.Observation, vocabulary: base.Vocabulary
) -> types.Program:
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
  return types.Program(**jax.tree.map(_widen, program))


def encode_actions(
    candidates: Sequence[base.Candidate], vocabulary: base.Vocabulary
) -> types.Action:
  """Pads at most `_NUM_CANDIDATES` to arrays with a batch axis of one."""
  actions = encoding.encode_candidates(
      candidates, vocabulary, num_candidates=_NUM_CANDIDATES
  )
  return types.Action(**jax.tree.map(_widen, actions))


def make_scorer(exported: checkpoint.Exported) -> Scorer:
  """Returns a function that scores candidates with a trained model."""
  config = ml_collections.ConfigDict(exported.manifest["config"])
  model = world_model.make_world_model(config.model, exported.vocabulary)
  encode = jax.jit(lambda params, x: model.encode(params["encode"], x))
  score_latents = jax.jit(functools.partial(world_model.score_latents, model))

  def score_some(latents, candidates):
    actions = encode_actions(candidates, exported.vocabulary)
    logits = score_latents(exported.params, latents, actions)
    return np.asarray(logits)[0, : len(candidates)]

  def score(state, candidates):
    program = encode_state(state, exported.vocabulary)
    latents = encode(exported.params, program)
    return np.concatenate([
        score_some(latents, candidates[i : i + _NUM_CANDIDATES])
        for i in range(0, max(1, len(candidates)), _NUM_CANDIDATES)
    ])

  return score


def _widen(x: np.ndarray) -> np.ndarray:
  return x[None].astype(np.int32 if x.dtype != np.bool_ else x.dtype)


def _round_up(count: int, step: int) -> int:
  return max(step, -(-count // step) * step)
