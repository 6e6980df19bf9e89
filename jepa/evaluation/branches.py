"""Held-out branches: does the model tell the actions of one state apart?

Works on the arrays of any world. Discrimination is the area under the ROC
curve of success *within* each branch, where the state alone tells nothing; it
stands beside controls, priors that know nothing but the action, and the
health of the latents.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
from jepa import checkpoint
from jepa import diagnostics
from jepa import stats
from jepa import types
from jepa.evaluation import inference
from jepa.evaluation import priors
import numpy as np

MODEL = "model"
STATE_ONLY = "state only"
KIND_ONLY = "action only: kind"
ACTION_ONLY = "action only: kind and texts"


class Row(NamedTuple):
  """What one scorer is worth.

  auc: of success within each branch, the mean over branches that have both
    successes and failures; the interval (95 %) draws whole programs.
  accuracy: share of all executed actions whose success is foretold; None where
    the scorer gives no probability of success.
  """
  auc: stats.Interval
  accuracy: float | None


class Signal(NamedTuple):
  """How well one of the verifier's signals is foretold, over all actions.

  count: actions that have it; auc: over all of them; within: AUC within each
    branch, None where no branch has both; precision: the average precision.
  prior: average precision of the best action-only prior, None without one.
  """
  count: int
  auc: float
  within: float | None
  precision: float
  prior: float | None


class Report(NamedTuple):
  """What held-out branches show of a model.

  num_branches, num_actions, num_programs: what was looked at.
  mixed: share of the branches with both a success and a failure.
  rows: by scorer: the model, its controls, and what knows less than it does.
  signals: by name; those that are always or never there are left out.
  health: diagnostics of the latents by name; see `diagnostics`.
  alarms: what is wrong with them, in words.
  calibration: of P(success), over all executed actions; see
    `diagnostics.reliability`.
  """
  num_branches: int
  num_actions: int
  num_programs: int
  mixed: float
  rows: Mapping[str, Row]
  signals: Mapping[str, Signal]
  health: Mapping[str, float]
  alarms: Sequence[str]
  calibration: Mapping[str, Any]


def make_report(
    exported: checkpoint.Exported, examples: Sequence[Any]
) -> Report:
  """Runs a model over the examples of a held-out split.

  Raises:
    ValueError: there is no example, or none has a success and a failure.
  """
  batch, encoded, names = inference.run(exported, examples)
  programs, origins = np.unique(names, return_inverse=True)
  mixed = _is_mixed(batch.outcomes)
  if not mixed.any():
    raise ValueError(
        f"None of the {len(mixed)} branches has both a success and a failure: "
        "there is nothing to tell apart."
    )
  known = _priors(batch, origins) if len(programs) > 1 else {}
  health = measure_health(encoded, batch)
  return Report(
      num_branches=len(mixed),
      num_actions=int(batch.outcomes.mask.sum()),
      num_programs=len(programs),
      mixed=float(mixed.mean()),
      rows=_rows(encoded, known, batch, origins),
      signals=_signals(
          encoded.logits["none"],
          known.get(ACTION_ONLY),
          batch.outcomes,
          exported.vocabulary.signals,
      ),
      health=health,
      alarms=diagnostics.alarms(health),
      calibration=_calibration(encoded, batch),
  )


def _is_mixed(outcomes: types.Outcome) -> np.ndarray:
  success = outcomes.signals[..., 0] > 0.5
  return (success & outcomes.mask).any(axis=1) & (
      ~success & outcomes.mask
  ).any(axis=1)


def _priors(batch, origins) -> dict[str, np.ndarray]:
  """Returns chances `[B, K, S]` by name of the prior."""
  return {
      KIND_ONLY: priors.by_kind(batch, origins),
      ACTION_ONLY: priors.by_kind_and_texts(batch, origins),
  }


def _rows(encoded, known, batch, origins) -> dict[str, Row]:
  chances = {n: _sigmoid(x[..., 0]) for n, x in encoded.logits.items()}
  chances[MODEL] = chances.pop("none")
  order = [MODEL, *(n for n in chances if n != MODEL)]
  rows = {n: _row(chances[n], batch.outcomes, origins) for n in order}
  rows[STATE_ONLY] = _row(priors.of_state(batch), batch.outcomes, origins)
  for name, chance in known.items():
    rows[name] = _row(chance[..., 0], batch.outcomes, origins)
  return rows


def _row(chance: np.ndarray, outcomes, origins) -> Row:
  mask = outcomes.mask
  success = outcomes.signals[..., 0] > 0.5
  areas, programs = [], []
  for i in np.flatnonzero(_is_mixed(outcomes)):
    areas.append(stats.auc(chance[i][mask[i]], success[i][mask[i]]))
    programs.append(origins[i])
  right = ((chance > 0.5) == success)[mask]
  # An even chance is half right.
  right = np.where(chance[mask] == 0.5, 0.5, right)
  return Row(stats.clustered_mean(areas, programs), float(right.mean()))


def _signals(logits, prior, outcomes, names) -> dict[str, Signal]:
  mask = outcomes.mask
  groups = np.broadcast_to(np.arange(len(mask))[:, None], mask.shape)[mask]
  found = {}
  for i, name in enumerate(names):
    label = outcomes.signals[..., i][mask] > 0.5
    if not label.any() or label.all():
      continue
    score = logits[..., i][mask]
    found[name] = Signal(
        count=int(label.sum()),
        auc=stats.auc(score, label),
        within=_within(score, label, groups),
        precision=stats.average_precision(score, label),
        prior=None
        if prior is None
        else stats.average_precision(prior[..., i][mask], label),
    )
  return found


def _within(score, label, groups) -> float | None:
  try:
    return stats.group_auc(score, label, groups).auc
  except ValueError:  # It is never there for some actions of a state only.
    return None


def _calibration(encoded, batch) -> dict[str, Any]:
  executed = batch.outcomes.mask
  return diagnostics.reliability(
      encoded.logits["none"][..., 0][executed],
      batch.outcomes.signals[..., 0][executed],
  )


def _sigmoid(x: np.ndarray) -> np.ndarray:
  return 1 / (1 + np.exp(-x.astype(np.float64)))


def measure_health(
    encoded: inference.Encoded, batch: types.Branch
) -> dict[str, float]:
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
  calibration = _calibration(encoded, batch)
  rank = diagnostics.effective_rank(encoded.z_t)
  predictor_rank = diagnostics.effective_rank(took)
  health = {
      "rank": rank,
      "predictor_rank": predictor_rank,
      "rank_ratio": rank / width,
      "predictor_rank_ratio": predictor_rank / width,
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
      "ece": calibration["ece"],
      "brier": calibration["brier"],
  }
  return {name: float(value) for name, value in health.items()}
