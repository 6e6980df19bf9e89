"""Ranking: what a trained model expects of every candidate in one state."""

from collections.abc import Callable, Mapping, Sequence
import functools
import json
from typing import Any, NamedTuple

import jax
from jepa import checkpoint
from jepa import compiler
from jepa import encoding
from jepa import types
from jepa.domains import base
import ml_collections
import numpy as np

# (state, candidates) -> logits of every signal, shape `[candidates, S]`.
Scorer = Callable[
    [base.Observation, Sequence[base.Candidate]], np.ndarray
]

# Each size is a program to compile, which takes longer than to run it on rows
# of padding: one number serves nodes and symbols alike, and one all candidates.
_SMALLEST = 128
_NUM_CANDIDATES = 2048
_BLOCK = 128  # Candidates whose arrays stay in the cache of a core.
_NUM_IN_PAIRS = 512  # First ones at the most, and second ones at a time.


class Encoded(NamedTuple):
  """A state and its candidates as arrays, ready for any model of their world.

  program: with a batch axis of one.
  actions: in parts of one size, each with a batch axis of one.
  count: of the candidates; the rest of the last part is padding.
  """
  program: types.Program
  actions: tuple[types.Action, ...]
  count: int


def encode_state(
    state: base.Observation, vocabulary: base.Vocabulary
) -> types.Program:
  """Pads a state of any size to arrays with a batch axis of one.

  Sizes are rounded up to doublings, so that a handful of compiled programs
  serve all states.
  """
  size = _SMALLEST
  while size < max(len(state.nodes), len(state.symbols)):
    size *= 2
  program = encoding.encode_observation(
      state, vocabulary, num_nodes=size, num_symbols=size
  )
  return types.Program(**jax.tree.map(_widen, program))


def encode_actions(
    candidates: Sequence[base.Candidate],
    vocabulary: base.Vocabulary,
    num_candidates: int,
) -> types.Action:
  """Pads candidates to arrays with a batch axis of one."""
  actions = encoding.encode_candidates(
      candidates, vocabulary, num_candidates=num_candidates
  )
  return types.Action(**jax.tree.map(_widen, actions))


def encode(
    state: base.Observation,
    candidates: Sequence[base.Candidate],
    vocabulary: base.Vocabulary,
) -> Encoded:
  """Pads a state and any number of its candidates."""
  size = _NUM_CANDIDATES
  actions = tuple(
      encode_actions(candidates[i : i + size], vocabulary, size)
      for i in range(0, max(1, len(candidates)), size)
  )
  return Encoded(encode_state(state, vocabulary), actions, len(candidates))


def make_scorers(
    models: Mapping[str, checkpoint.Exported],
) -> dict[str, Scorer]:
  """Returns scorers, by name, of models of one world that share their work.

  What one of them has just scored is not encoded again for the next, and models
  of one architecture are compiled once.
  """
  jitted: dict[tuple[str, str], Callable[..., Any]] = {}
  encode_once = _remember(encode)

  def scorer(exported):
    model = json.dumps(exported.manifest["config"]["model"], sort_keys=True)
    score = _make_scorer(
        exported,
        lambda name, function: jitted.setdefault(
            (model, name), compiler.jit(function)
        ),
    )
    vocabulary = exported.vocabulary
    return lambda state, candidates: score(
        encode_once(state, candidates, vocabulary)
    )

  return {name: scorer(exported) for name, exported in models.items()}


def _remember(function: Callable[..., Any]) -> Callable[..., Any]:
  """Returns the function, which is not called twice in a row on the same."""
  last: list[Any] = [(), None]

  def call(*args):
    if len(args) != len(last[0]) or any(
        x is not y for x, y in zip(args, last[0])
    ):
      last[:] = args, function(*args)
    return last[1]

  return call


def make_scorer(
    exported: checkpoint.Exported,
    compiled: Callable[[str, Callable[..., Any]], Callable[..., Any]] = (
        lambda unused_name, function: compiler.jit(function)
    ),
) -> Scorer:
  """Returns a function that scores candidates with a trained model.

  Args:
    exported: the model.
    compiled: maps a name and a pure function to that function, compiled. One
      that has its programs from elsewhere need not trace the function.
  """
  score = _make_scorer(exported, compiled)
  return lambda state, candidates: score(
      encode(state, candidates, exported.vocabulary)
  )


def _make_scorer(exported, compiled) -> Callable[[Encoded], np.ndarray]:

  @functools.cache
  def functions():
    from jepa.models import world_model  # Flax, which only tracing needs.

    config = ml_collections.ConfigDict(exported.manifest["config"])
    model = world_model.make_world_model(config.model, exported.vocabulary)
    return model.encode, functools.partial(
        _score_in_blocks, functools.partial(world_model.score_latents, model),
        len(exported.vocabulary.signals),
    )

  encode_program = compiled(
      "encode", lambda params, x: functions()[0](params["encode"], x)
  )
  score_latents = compiled(
      "score_latents", lambda *args: functions()[1](*args)
  )
  params = jax.device_put(exported.params)

  def score(encoded):
    latents = encode_program(params, encoded.program)
    logits = [
        np.asarray(score_latents(params, latents, actions))[0]
        for actions in encoded.actions
    ]
    return np.concatenate(logits)[: encoded.count]

  return score


def _score_in_blocks(score_latents, num_signals, params, latents, actions):
  """Is `score_latents`, of the actions that are there, a block at a time.

  What a block takes stays in the cache, and blocks of padding take no time.
  What blocks share, such as maps of nodes, XLA moves out of the loop.
  """

  def add(i, logits):
    block = jax.tree.map(
        lambda x: jax.lax.dynamic_slice_in_dim(x, i * _BLOCK, _BLOCK, axis=1),
        actions,
    )
    return jax.lax.dynamic_update_slice_in_dim(
        logits, score_latents(params, latents, block), i * _BLOCK, axis=1
    )

  num_blocks = (actions.mask.sum() + _BLOCK - 1) // _BLOCK
  nothing = jax.numpy.zeros((*actions.mask.shape, num_signals))
  return jax.lax.fori_loop(0, num_blocks, add, nothing)


def make_pair_scorer(
    exported: checkpoint.Exported,
) -> Callable[..., np.ndarray]:
  """Returns a function that looks two actions ahead, without any execution.

  It takes a state, first actions (F of them, at most `_NUM_IN_PAIRS`) and
  second actions (K), all of that state, and returns the logit of success of
  each second action in the latent state that the model predicts after each
  first one, shape `[F, K]`. Nodes stay those of the state: what is rolled out
  is the latent alone.
  """
  from jepa.models import world_model  # Flax, which only tracing needs.

  config = ml_collections.ConfigDict(exported.manifest["config"])
  model = world_model.make_world_model(config.model, exported.vocabulary)
  params = jax.device_put(exported.params)

  @jax.jit
  def score_pairs(latents, z_tp1, site, seconds):

    def after(first):
      z, at = first
      return world_model.score_after(
          model, params, latents, z[None], at[None], seconds
      )[0, :, 0]

    return jax.lax.map(after, (z_tp1, site))

  look, predict = jax.jit(model.encode), jax.jit(model.predict)

  def score(state, firsts, seconds):
    encode_some = functools.partial(
        encode_actions,
        vocabulary=exported.vocabulary, num_candidates=_NUM_IN_PAIRS,
    )
    latents = look(
        params["encode"], encode_state(state, exported.vocabulary)
    )
    actions = encode_some(firsts)
    z_tp1 = predict(params["predict"], latents, actions)[0, : len(firsts)]
    site = actions.site[0, : len(firsts)]
    return np.concatenate([
        np.asarray(score_pairs(latents, z_tp1, site, encode_some(some)))[
            :, : len(some)
        ]
        for some in (
            seconds[i : i + _NUM_IN_PAIRS]
            for i in range(0, len(seconds), _NUM_IN_PAIRS)
        )
    ], axis=1)

  return score


def _widen(x: np.ndarray) -> np.ndarray:
  return x[None].astype(np.int32 if x.dtype != np.bool_ else x.dtype)
