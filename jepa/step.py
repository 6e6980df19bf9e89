"""The training step: losses, gradient, update, target."""

from collections.abc import Callable, Collection

import chex
import jax
import jax.numpy as jnp
from jepa import augmentation
from jepa import controls
from jepa import state as state_lib
from jepa import types
from jepa.losses import contrast
from jepa.losses import inverse
from jepa.losses import outcome
from jepa.losses import prediction
from jepa.losses import proposal as proposal_loss
from jepa.losses import reading
from jepa.losses import rollout
from jepa.losses import sigreg
from jepa.models import proposal
from jepa.models import world_model as world_model_lib
import ml_collections
import optax

TrainStep = Callable[
    [state_lib.TrainState, types.Branch, chex.PRNGKey],
    tuple[state_lib.TrainState, types.Metrics],
]
TARGETS = ("ema", "stop_gradient", "online")


def encode_next(
    model: world_model_lib.WorldModel,
    params: types.Params,
    target_params: types.Params,
    obs_next: types.Program,
    target: str,
) -> chex.Array:
  """Returns the latents to predict, shape `[B, J, D]`.

  `target` says which encoder makes them: "ema" (the averaged one),
  "stop_gradient" (the trained one, held fixed) or "online" (the trained one).
  """
  if target not in TARGETS:
    raise ValueError(f"loss.target={target!r} is none of {TARGETS}.")
  encoder = target_params if target == "ema" else params["encode"]
  axes = obs_next.mask.shape[:2]
  flat = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), obs_next)
  z = model.encode(encoder, flat).z.reshape(*axes, -1)
  return z if target == "online" else jax.lax.stop_gradient(z)


def make_loss(
    model: world_model_lib.WorldModel, config: ml_collections.ConfigDict
) -> Callable[..., tuple[chex.Array, types.Metrics]]:
  """Returns `loss(params, target_params, batch, key) -> (scalar, metrics)`.

  A loss of weight 0 is not computed; if no loss needs the next states, they
  are not encoded.
  """

  needs_next = (
      config.prediction.weight or config.contrast.weight or config.read.weight
  )

  def latent_terms(params, batch, z_t, z_tp1_hat, z_next, key):
    if config.prediction.weight:
      yield "prediction", config.prediction.weight, prediction.prediction_loss(
          _take(z_tp1_hat, batch.next_action), z_next, batch.next_mask
      )
    if config.contrast.weight:
      yield "contrast", config.contrast.weight, contrast.action_contrast_loss(
          z_tp1_hat,
          z_next,
          batch.next_action,
          action_mask=batch.actions.mask,
          next_mask=batch.next_mask,
          temperature=config.contrast.temperature,
          z_t=jax.lax.stop_gradient(z_t),
      )
    if config.sigreg.weight:
      yield "sigreg", config.sigreg.weight, sigreg.sliced_sigreg(
          z_t, key, num_slices=config.sigreg.num_slices
      )
    if config.sigreg.predictor_weight:
      flat = z_tp1_hat.reshape(-1, z_tp1_hat.shape[-1])  # [B * K, D]
      yield "sigreg_hat", config.sigreg.predictor_weight, sigreg.sliced_sigreg(
          flat,
          jax.random.fold_in(key, 1),
          num_slices=config.sigreg.num_slices,
          mask=batch.actions.mask.reshape(-1),
      )
    if config.inverse.weight:
      yield "inverse", config.inverse.weight, inverse.kind_loss(
          model.inverse(params["inverse"], z_t, z_tp1_hat),
          batch.actions.kind,
          batch.actions.mask,
      )

  def read_outcomes(params, batch, z_t, z_next):
    """Learns to read outcomes off next states; fills in those not told."""
    still = jax.lax.stop_gradient((z_t, z_next))
    read = model.outcome(params["outcome"], *still)  # [B, J, S]
    told = [
        jnp.take_along_axis(
            x, batch.next_action.reshape(read.shape[:2] + (1,) * (x.ndim - 2)),
            axis=1,
        )
        for x in batch.outcomes
    ]
    loss = outcome.signal_loss(read, told[0], told[1] & batch.next_mask)
    believed = reading.believed_outcomes(
        batch.outcomes, read, batch.next_action, batch.next_mask
    )
    return batch._replace(outcomes=believed), loss

  def outcome_terms(params, batch, latents, z_tp1_hat):
    signals, mask = batch.outcomes
    # Once for both losses, which halves what its gradient costs.
    proposed = model.propose and model.propose(params["propose"], latents)
    logits = world_model_lib.judge(
        model, params, latents, z_tp1_hat, batch.actions, proposed
    )
    told = slice(1 if config.outcome.get("success_only") else None)
    yield "outcome", config.outcome.weight, outcome.signal_loss(
        logits[..., told], signals[..., told], mask
    )
    yield "ranking", config.outcome.ranking_weight, outcome.ranking_loss(
        logits, signals, mask
    )
    if proposed is not None and config.proposal.weight:
      yield "proposal", config.proposal.weight, proposal_loss.proposal_loss(
          proposal.of_actions(proposed, batch.actions), signals, mask
      )
    if config.rollout.weight:
      yield from rollout_terms(
          params, batch, latents, z_tp1_hat, logits[..., 0]
      )

  def rollout_terms(params, batch, latents, z_tp1_hat, success):
    """Judges second actions in the latents predicted after first ones."""
    if batch.pairs is None:
      raise ValueError("loss.rollout needs a dataset with pairs of actions.")
    logits = world_model_lib.score_pairs(
        model, params, latents, z_tp1_hat, batch.actions, batch.next_action
    )
    first = jnp.take_along_axis(success, batch.next_action, axis=1)
    yield "rollout", config.rollout.weight, rollout.pair_signal_loss(
        logits, *batch.pairs
    )
    ranking = rollout.pair_ranking_loss(first, logits, *batch.pairs)
    yield "rollout_ranking", config.rollout.ranking_weight, ranking

  def loss(params, target_params, batch, key):
    latents = model.encode(params["encode"], batch.obs_t)
    z_t = latents.z
    z_tp1_hat = model.predict(params["predict"], latents, batch.actions)
    z_next = encode_next(
        model, params, target_params, batch.obs_next, config.target
    ) if needs_next else None
    terms = [*latent_terms(params, batch, z_t, z_tp1_hat, z_next, key)]
    if config.read.weight:
      batch, read_loss = read_outcomes(params, batch, z_t, z_next)
      terms.append(("read", config.read.weight, read_loss))
    terms += outcome_terms(params, batch, latents, z_tp1_hat)
    total = sum(weight * value for _, weight, value in terms)
    metrics = {f"loss/{name}": value for name, _, value in terms}
    return total, {"loss": total} | metrics

  return loss


def _take(x: chex.Array, index: chex.Array) -> chex.Array:
  """Gathers rows of `[B, K, D]` by `[B, J]`: `[B, J, D]`."""
  return jnp.take_along_axis(x, index[..., None], axis=1)


def make_train_step(
    model: world_model_lib.WorldModel,
    tx: optax.GradientTransformation,
    config: ml_collections.ConfigDict,
    control: controls.Control = controls.none,
    symbol_dropout: float = 0.0,
    frozen: Collection[str] = (),
) -> TrainStep:
  """Returns the pure step; the caller jits it and chooses shardings.

  Args:
    model: the world model.
    tx: the optimiser.
    config: `config.loss` of the experiment.
    control: spoils the batch first, for the controls that are trained.
    symbol_dropout: the share of symbols that hide what they are called.
    frozen: keys of the parameters that `tx` leaves as they are: no gradient is
      computed for them.
  """
  loss_of_all = make_loss(model, config)

  def loss(params, *args):
    hold = lambda k, v: jax.lax.stop_gradient(v) if k in frozen else v
    return loss_of_all({k: hold(k, v) for k, v in params.items()}, *args)

  def train_step(state, batch, key):
    drop_key, control_key, loss_key = jax.random.split(
        jax.random.fold_in(key, state.step), 3
    )
    batch = augmentation.drop_symbols(batch, drop_key, symbol_dropout)
    grads, metrics = jax.grad(loss, has_aux=True)(
        state.params, state.target_params, control(batch, control_key), loss_key
    )
    updates, opt_state = tx.update(grads, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    target_params = optax.incremental_update(
        params["encode"], state.target_params, 1.0 - config.target_decay
    )
    new_state = state.replace(
        step=state.step + 1,
        params=params,
        target_params=target_params,
        opt_state=opt_state,
    )
    return new_state, metrics | {"grad_norm": optax.tree.norm(grads)}

  return train_step
