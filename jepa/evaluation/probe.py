"""A probe: how a model does on held-out branches while it is trained."""

from collections.abc import Callable, Sequence
from typing import Any

from absl import logging
from jepa import diagnostics
from jepa import stats
from jepa import types
from jepa.domains import base
from jepa.evaluation import branches
from jepa.evaluation import inference
import ml_collections
import numpy as np

Probe = Callable[[types.Params], dict[str, float]]


def make_probe(
    config: ml_collections.ConfigDict,
    vocabulary: base.Vocabulary,
    examples: Sequence[Any],
) -> Probe:
  """Returns what measures parameters on `examples`, and warns of alarms.

  Its numbers are the diagnostics of `branches`, the within-branch AUC of
  success, and the gap by which shuffled actions fall below it.

  Args:
    config: `config.model` of the experiment.
    vocabulary: of its world.
    examples: a few held-out branches.
  """
  run = inference.make_run(config, vocabulary)

  def probe(params: types.Params) -> dict[str, float]:
    batch, encoded, _ = run(params, examples)
    found = branches.measure_health(encoded, batch)
    for alarm in diagnostics.alarms(found):
      logging.warning("ALARM: %s", alarm)
    return found | _discrimination(encoded, batch.outcomes)

  return probe


def _discrimination(
    encoded: inference.Encoded, outcomes: types.Outcome
) -> dict[str, float]:
  """Returns no number where no branch has both a success and a failure."""
  mask = outcomes.mask
  success = outcomes.signals[..., 0] > 0.5
  branch = np.broadcast_to(np.arange(len(mask))[:, None], mask.shape)

  def within(name):
    scores = encoded.logits[name][..., 0]
    return stats.group_auc(scores[mask], success[mask], branch[mask]).auc

  try:
    auc = within("none")
  except ValueError:
    return {}
  return {"auc": auc, "shuffled_action_gap": auc - within("shuffled_action")}
