"""A world model: a few pure functions, and nothing else.

The rest of the package sees only this tuple. Flax is an implementation detail
of the modules beside this file.
"""

from collections.abc import Callable
import functools
from typing import NamedTuple

import chex
import jax
import jax.numpy as jnp
from jepa import types
from jepa.domains import base
from jepa.models import encoder as encoder_lib
from jepa.models import heads
from jepa.models import nearness
from jepa.models import predictor as predictor_lib
from jepa.models import proposal
import ml_collections


class WorldModel(NamedTuple):
  """Pure functions over one pytree of parameters.

  init: `(key, Branch) -> params`, a dictionary with a key for each function
    below.
  encode: `(params["encode"], Program) -> Latents`, once a state.
  predict: `(params["predict"], Latents, Action) -> z_tp1_hat [B, K, D]`.
  outcome: `(params["outcome"], z_t [B, D], z_tp1 [B, K, D]) -> [B, K, S]`,
    logits of the verifier's signals.
  inverse: `(params["inverse"], z_t, z_tp1) -> [B, K, kinds]`, logits.
  propose: `(params["propose"], Latents) -> [B, N, kinds]`, log-probabilities of
    places and kinds; None where success is read off the latents alone.
  hint: `(params["hint"], hints [B, K, H]) -> [B, K]`, added to the logit of
    success; None where hints are not looked at.
  near: `(params["near"], first [B, 2], second [B, K, 2]) -> [B, K]`, added to
    the logit of success of second actions at these sites; None where the
    latents alone tell of the first.
  """
  init: Callable[[chex.PRNGKey, types.Branch], types.Params]
  encode: Callable[[types.Params, types.Program], types.Latents]
  predict: Callable[[types.Params, types.Latents, types.Action], chex.Array]
  outcome: Callable[[types.Params, chex.Array, chex.Array], chex.Array]
  inverse: Callable[[types.Params, chex.Array, chex.Array], chex.Array]
  propose: Callable[[types.Params, types.Latents], chex.Array] | None = None
  hint: Callable[[types.Params, chex.Array], chex.Array] | None = None
  near: Callable[
      [types.Params, chex.Array, chex.Array], chex.Array
  ] | None = None


def make_world_model(
    config: ml_collections.ConfigDict, vocabulary: base.Vocabulary
) -> WorldModel:
  """Builds the model that `config` describes for the world of `vocabulary`."""
  num_kinds = len(vocabulary.kinds)
  encoder = encoder_lib.Encoder(
      **config.encoder,
      num_hashes=vocabulary.num_hashes,
      feature_sizes=tuple(size for _, size in vocabulary.node_features),
  )
  num_hints = vocabulary.num_hint_hashes if config.get("hints") else 0
  predictor = predictor_lib.FilmPredictor(
      **config.predictor, num_kinds=num_kinds, num_hints=num_hints
  )
  outcome = heads.OutcomeHead(
      **config.head, num_signals=len(vocabulary.signals)
  )
  inverse = heads.InverseHead(**config.head, num_kinds=num_kinds)

  propose = None
  if config.get("proposal"):
    propose = proposal.ProposalHead(**config.proposal, num_kinds=num_kinds)

  hint = heads.HintHead(num_hints=num_hints) if num_hints else None
  near = nearness.Nearness() if config.get("nearness") else None

  def init(key, branch):
    keys = jax.random.split(key, 5)
    latents, encode = encoder.init_with_output(keys[0], branch.obs_t)
    z_tp1, predict = predictor.init_with_output(
        keys[1], latents, branch.actions
    )
    params = {
        "encode": encode,
        "predict": predict,
        "outcome": outcome.init(keys[2], latents.z, z_tp1),
        "inverse": inverse.init(keys[3], latents.z, z_tp1),
    }
    if propose is not None:
      params["propose"] = propose.init(keys[4], latents)
    if hint is not None:
      params["hint"] = hint.init(keys[4], branch.actions.hints)
    if near is not None:
      site = branch.actions.site
      params["near"] = near.init(keys[4], site[:, 0], site)
    return params

  return WorldModel(
      init=init,
      encode=encoder.apply,
      predict=predictor.apply,
      outcome=outcome.apply,
      inverse=inverse.apply,
      propose=None if propose is None else propose.apply,
      hint=None if hint is None else hint.apply,
      near=None if near is None else near.apply,
  )


def score_actions(
    model: WorldModel,
    params: types.Params,
    obs_t: types.Program,
    actions: types.Action,
) -> chex.Array:
  """Returns predicted logits of every signal, shape `[B, K, S]`.

  This is "predict before act": one encoding of the state, then a few gathers
  and small products an action.
  """
  latents = model.encode(params["encode"], obs_t)
  return score_latents(model, params, latents, actions)


def score_latents(
    model: WorldModel,
    params: types.Params,
    latents: types.Latents,
    actions: types.Action,
) -> chex.Array:
  """Is `score_actions` of a state that has been encoded."""
  z_tp1_hat = model.predict(params["predict"], latents, actions)
  return judge(model, params, latents, z_tp1_hat, actions)


def score_after(
    model: WorldModel,
    params: types.Params,
    latents: types.Latents,
    z_tp1_hat: chex.Array,
    site: chex.Array,
    actions: types.Action,
) -> chex.Array:
  """Is `score_latents` after a first action that was predicted, not taken.

  Args:
    model, params, latents: as of `score_latents`.
    z_tp1_hat: predicted after the first action, shape `[B, D]`.
    site: of the first action, shape `[B, 2]`.
    actions: second actions, in the coordinates of the state.
  """
  latents = latents._replace(z=z_tp1_hat)
  logits = score_latents(model, params, latents, actions)
  if model.near is not None:
    near = model.near(params["near"], site, actions.site)
    logits = logits.at[..., 0].add(near)
  return logits


def score_pairs(
    model: WorldModel,
    params: types.Params,
    latents: types.Latents,
    z_tp1_hat: chex.Array,
    actions: types.Action,
    first: chex.Array,
) -> chex.Array:
  """Is `score_after` some of the actions, shape `[B, J, K, S]`.

  Args:
    model, params, latents: as of `score_latents`.
    z_tp1_hat: predicted after each action, shape `[B, K, D]`.
    actions: of the state: second ones, and first ones among them.
    first: which come first, shape `[B, J]` int.
  """
  take = lambda x: jnp.take_along_axis(x, first[..., None], axis=1)
  after = functools.partial(
      score_after, model, params, latents, actions=actions
  )
  return jax.vmap(after, in_axes=1, out_axes=1)(
      take(z_tp1_hat), take(actions.site)
  )


def judge(
    model: WorldModel,
    params: types.Params,
    latents: types.Latents,
    z_tp1_hat: chex.Array,
    actions: types.Action,
    proposed: chex.Array | None = None,
) -> chex.Array:
  """Returns logits of every signal, given what the predictor said.

  Success is likelier where the state calls for such an action: to its logit
  the proposal adds log p(place, kind), in units of an even choice. What hints
  say is added, too.

  Args:
    model, params, latents, actions: as of `score_latents`.
    z_tp1_hat: predicted after each action, shape `[B, K, D]`.
    proposed: what `model.propose` says of `latents`, if it has been asked.
  """
  logits = model.outcome(params["outcome"], latents.z, z_tp1_hat)
  if model.propose is not None:
    if proposed is None:
      proposed = model.propose(params["propose"], latents)
    log_p = proposal.of_actions(proposed, actions)
    even = jnp.log(latents.mask.sum(axis=-1) * proposed.shape[-1])  # [B]
    logits = logits.at[..., 0].add(log_p + even[:, None])
  if model.hint is not None:
    logits = logits.at[..., 0].add(model.hint(params["hint"], actions.hints))
  return logits
