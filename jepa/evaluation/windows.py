"""Held-out windows: which pairs of edits does a model put first?

Of each state some pairs of edits were executed, see
`jepa/domains/code_repair/windows.py`. They are ordered as searches for two
edits order them, see `rollouts`, and by what is known without a rollout.
"""

from collections.abc import Callable, Mapping, Sequence
import functools
from typing import Any, NamedTuple

import chex
import jax
import jax.numpy as jnp
from jepa import checkpoint
from jepa import input_pipeline
from jepa import stats
from jepa import types
from jepa.models import world_model
import ml_collections
import numpy as np

RANDOM = "random"
PRIOR = "static prior"
NO_ROLLOUT = "no rollout"
ROLLOUT = "latent rollout"
_BATCH_SIZE = 16


class Row(NamedTuple):
  """What one order of pairs is worth.

  executions: until a pair passes, expected, shape `[states]`.
  auc: of success within each state, the mean over states.
  """
  executions: np.ndarray
  auc: float


def measure(
    exported: checkpoint.Exported,
    examples: Sequence[Any],
    prior: Callable[[Any], np.ndarray] | None = None,
) -> dict[str, Row]:
  """Returns what each order is worth on states of which some pair passes.

  Args:
    exported: the model.
    examples: of a dataset with pairs.
    prior: returns what is known of each action of an example without a model,
      shape `[actions]`: the higher the likelier. A pair has the sum.

  Raises:
    ValueError: no state has pairs that pass and pairs that fail.
  """
  config = ml_collections.ConfigDict(exported.manifest["config"])
  model = world_model.make_world_model(config.model, exported.vocabulary)
  score = jax.jit(functools.partial(_score, model))
  found = []
  for start in range(0, len(examples), _BATCH_SIZE):
    part = [examples[i] for i in range(start, len(examples))[:_BATCH_SIZE]]
    batch = input_pipeline.collate(
        part + part[-1:] * (_BATCH_SIZE - len(part)),
        num_nodes=part[0]["obs_t"]["mask"].shape[-1],
        has_pairs=True,
    )
    scores = jax.device_get(score(exported.params, batch))
    for i, example in enumerate(part):
      success = batch.pairs.signals[i, ..., 0] > 0.5
      own = {name: scores[name][i] for name in (NO_ROLLOUT, ROLLOUT)}
      own[RANDOM] = np.zeros(success.shape)
      if prior:
        own[PRIOR] = _sums(prior(example), example["next_action"], success)
      found.append((own, success, batch.pairs.mask[i]))
  return summarize(found)


def _sums(single, next_action, like) -> np.ndarray:
  """Returns `single` of either action of each pair, shape `[J, K]`."""
  padded = np.zeros(like.shape[1])
  padded[: len(single)] = single
  return padded[next_action][:, None] + padded[None, :]


def _score(model, params, batch: types.Branch) -> dict[str, chex.Array]:
  """Returns scores of pairs, shape `[B, J, K]`, by the name of their order."""
  latents = model.encode(params["encode"], batch.obs_t)
  z_hat = model.predict(params["predict"], latents, batch.actions)
  single = world_model.judge(model, params, latents, z_hat, batch.actions)
  single = single[..., 0]  # [B, K]
  after = world_model.score_pairs(
      model, params, latents, z_hat, batch.actions, batch.next_action
  )[..., 0]
  first = jnp.take_along_axis(single, batch.next_action, axis=1)[..., None]
  return {NO_ROLLOUT: first + single[:, None], ROLLOUT: first + after}


def summarize(
    states: Sequence[tuple[Mapping[str, np.ndarray], np.ndarray, np.ndarray]],
) -> dict[str, Row]:
  """Judges orders of pairs.

  Args:
    states: of each state the scores of pairs by the name of their order, which
      of them pass, and which were executed; each of shape `[J, K]`.

  Raises:
    ValueError: no state has pairs that pass and pairs that fail.
  """
  mixed = [
      (scores, success[mask], mask)
      for scores, success, mask in states
      if success[mask].any() and not success[mask].all()
  ]
  if not mixed:
    raise ValueError("No state has pairs that pass and pairs that fail.")
  rows = {}
  for name in mixed[0][0]:
    pairs = [(scores[name][mask], y) for scores, y, mask in mixed]
    rows[name] = Row(
        np.array([stats.expected_executions(x, y) for x, y in pairs]),
        float(np.mean([stats.auc(x, y) for x, y in pairs])),
    )
  return rows


def format_rows(rows: Mapping[str, Row]) -> str:
  """Returns a line for each order, beside the first one."""
  reference = next(iter(rows))
  count = len(rows[reference].executions)
  lines = [
      f"pairs of edits, {count} states; beside {reference!r} with a paired "
      "95 % interval",
      f"{'order':24} {'AUC':>5} {'executions':>10} {'ratio':>19}",
  ]
  for name, row in rows.items():
    ratio = stats.paired_ratio(row.executions, rows[reference].executions)
    shown = f"{ratio.estimate:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
    lines.append(
        f"{name:24} {row.auc:5.3f} "
        f"{stats.geometric_mean(row.executions):10.1f} {shown:>19}"
    )
  return "\n".join(lines)


def to_json(rows: Mapping[str, Row]) -> dict[str, Any]:
  """Returns the rows for machines."""
  return {
      name: {"executions": row.executions.tolist(), "auc": row.auc}
      for name, row in rows.items()
  }
