"""Held-out branches: does the model tell the actions of one state apart?

Works on the arrays of any world. Discrimination is the area under the ROC
curve of success *within* each branch, where the state alone tells nothing; it
stands beside the controls and the health of the latents.
"""

from collections.abc import Mapping, Sequence
import functools
from typing import Any, NamedTuple

import jax
from jepa import checkpoint
from jepa import controls
from jepa import diagnostics
from jepa import input_pipeline
from jepa import stats
from jepa import types
from jepa.models import world_model
import ml_collections
import numpy as np

_BATCH_SIZE = 16


class Report(NamedTuple):
  """What held-out branches show of a model.

  auc: within-branch AUC of success, by control; "none" is the model itself.
  num_branches: branches with both a success and a failure.
  signal_auc: AUC of each of the verifier's signals, over all executed actions.
  health: diagnostics of the latents by name; see `diagnostics`.
  alarms: what is wrong with them, in words.
  """
  auc: Mapping[str, float]
  num_branches: int
  signal_auc: Mapping[str, float]
  health: Mapping[str, float]
  alarms: Sequence[str]


class _Encoded(NamedTuple):
  """z_t `[B, D]`, z_tp1_hat `[B, K, D]`, z_next `[B, J, D]`, logits."""
  z_t: Any
  z_tp1_hat: Any
  z_next: Any
  logits: Any


def make_report(
    exported: checkpoint.Exported, examples: Sequence[Any]
) -> Report:
  """Runs a model over the examples of a held-out split.

  Raises:
    ValueError: there are fewer examples than one batch holds.
  """
  if len(examples) < _BATCH_SIZE:
    raise ValueError(
        f"{len(examples)} held-out branches are less than a batch of "
        f"{_BATCH_SIZE}: prepare a larger dataset."
    )
  run = _make_run(exported)
  batches = list(_batches(examples))
  encoded = {
      name: [run(control(b, jax.random.key(i))) for i, b in enumerate(batches)]
      for name, control in controls.CONTROLS.items()
  }
  outcomes = _stack([b.outcomes for b in batches])
  logits = {n: _stack([e.logits for e in es]) for n, es in encoded.items()}
  aucs = {n: _group_auc(x[..., 0], outcomes) for n, x in logits.items()}
  health = _health(_stack(encoded["none"]), _stack(batches), outcomes)
  return Report(
      auc={name: a.auc for name, a in aucs.items()},
      num_branches=aucs["none"].num_groups,
      signal_auc=_signal_auc(
          logits["none"], outcomes, exported.vocabulary.signals
      ),
      health=health,
      alarms=diagnostics.alarms(health),
  )


def format_report(report: Report) -> str:
  """Returns the report as text."""
  named = {"none": "model"}
  lines = [f"{report.num_branches} held-out branches; within-branch AUC"]
  lines += [f"  {named.get(n, n):20} {a:.3f}" for n, a in report.auc.items()]
  lines += ["AUC of each signal over all actions"]
  lines += [f"  {n:20} {a:.3f}" for n, a in report.signal_auc.items()]
  lines += ["latents"]
  lines += [f"  {n:24} {x:.3f}" for n, x in report.health.items()]
  return "\n".join([*lines, *(f"ALARM: {a}" for a in report.alarms)])


def _make_run(exported):
  config = ml_collections.ConfigDict(exported.manifest["config"])
  model = world_model.make_world_model(config.model, exported.vocabulary)

  @jax.jit
  def run(params: types.Params, batch: types.Branch) -> _Encoded:
    latents = model.encode(params["encode"], batch.obs_t)
    z_hat = model.predict(params["predict"], latents, batch.actions)
    axes = batch.next_mask.shape
    flat = jax.tree.map(
        lambda x: x.reshape(-1, *x.shape[2:]), batch.obs_next
    )
    z_next = model.encode(params["encode"], flat).z.reshape(*axes, -1)
    logits = model.outcome(params["outcome"], latents.z, z_hat)
    return _Encoded(latents.z, z_hat, z_next, logits)

  return functools.partial(run, exported.params)


def _batches(examples):
  """Yields whole batches; what is left over at the end is dropped."""
  room = examples[0]["obs_t"]["mask"].shape[-1]
  for start in range(0, len(examples) - _BATCH_SIZE + 1, _BATCH_SIZE):
    yield input_pipeline.collate(
        [examples[i] for i in range(start, start + _BATCH_SIZE)], room
    )


def _stack(parts):
  return jax.tree.map(lambda *xs: np.concatenate(xs), *parts)


def _group_auc(scores, outcomes) -> stats.GroupAuc:
  groups = np.broadcast_to(np.arange(len(scores))[:, None], scores.shape)
  mask = outcomes.mask
  return stats.group_auc(
      scores[mask], outcomes.signals[..., 0][mask] > 0.5, groups[mask]
  )


def _signal_auc(logits, outcomes, signals) -> dict[str, float]:
  """Leaves out signals that are always or never there."""
  found = {}
  for i, name in enumerate(signals):
    label = outcomes.signals[..., i][outcomes.mask] > 0.5
    if label.any() and not label.all():
      found[name] = stats.auc(logits[..., i][outcomes.mask], label)
  return found


def _health(encoded: _Encoded, batch, outcomes) -> dict[str, float]:
  """Returns the diagnostics of one model's latents, as plain numbers."""
  mask = batch.next_mask
  took = np.take_along_axis(
      encoded.z_tp1_hat, batch.next_action[..., None], axis=1
  )[mask]
  came = encoded.z_next[mask]
  left = np.broadcast_to(encoded.z_t[:, None], encoded.z_next.shape)[mask]
  width = encoded.z_t.shape[-1]
  lift = diagnostics.copy_lift(took, came, left)
  found = diagnostics.retrieval(took, came, ks=(1,))
  executed = outcomes.mask
  probability = 1 / (1 + np.exp(-encoded.logits[..., 0][executed]))
  calibration = diagnostics.calibration(
      probability, outcomes.signals[..., 0][executed]
  )
  health = {
      "rank_ratio": diagnostics.effective_rank(encoded.z_t) / width,
      "predictor_rank_ratio": diagnostics.effective_rank(took) / width,
      "latent_std": diagnostics.latent_std(encoded.z_t),
      "sigreg_over_floor": diagnostics.sigreg_over_floor(
          encoded.z_t, jax.random.key(0)
      ),
      "copy_cosine": lift.copied,
      "copy_lift": lift.lift,
      "off_diagonal_cosine": diagnostics.off_diagonal_cosine(took, came),
      "action_sensitivity": diagnostics.action_sensitivity(
          encoded.z_tp1_hat,
          encoded.z_next,
          encoded.z_t,
          action_mask=batch.actions.mask,
          next_mask=mask,
      ),
      "retrieval_at_1": found.recall[1],
      "gallery_size": found.gallery_size,
      "ece": calibration.ece,
      "brier": calibration.brier,
  }
  return {name: float(value) for name, value in health.items()}
