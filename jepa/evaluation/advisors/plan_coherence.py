"""Measures the advisor on plans: coherent ones against spoilt ones."""

from collections.abc import Callable, Sequence

import chex
import jax
from jepa.baselines.orb import baseline
from jepa.baselines.orb import composition
from jepa.baselines.orb import inputs as inputs_lib
from jepa.baselines.orb import intent_mlp
from jepa.domains.orb import census
from jepa.domains.orb import derailing
from jepa.evaluation.advisors import measured as measured_lib
from jepa.planning.advisors import fitting
from jepa.planning.advisors import plan_coherence
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
import numpy as np

Example = plan_coherence.Example

REFERENCE = "intent MLP"
TRIVIAL = "trivial: steps that apply"


def measure(
    samples: Sequence[samples_lib.Sample],
    reader: reading.Reader | None,
    *,
    num_folds: int,
    num_seeds: int,
    on_fit: Callable[[], None] = lambda: None,
) -> measured_lib.Measured:
  """Returns the AUC of coherent plans against each way to spoil them."""
  found = measured_lib.Measured(plan_coherence.NAME, "AUC", REFERENCE)
  examples = plan_coherence.make_examples(samples, reader)
  for fold in range(num_folds):
    parts = samples_lib.divide(
        examples, samples, fold=fold, num_folds=num_folds
    )
    test = parts[2]
    applied = [-e.trace.applied.count(False) for e in test]
    _note(found, TRIVIAL, test, np.array(applied))
    for seed in range(num_seeds):
      key = jax.random.key(seed)
      _note(found, REFERENCE, test, baseline_scores(key, parts))
      _fit_and_note(found, measured_lib.WITHOUT, key, parts, _written)
      if reader is not None:
        _fit_and_note(found, measured_lib.WITH, key, parts, _all)
      on_fit()
  return found


def _written(example: Example) -> np.ndarray:
  return example.written


def _all(example: Example) -> np.ndarray:
  return example.features


def _fit_and_note(found, method, key, parts, features) -> None:
  train, validation, test = parts
  fitted = fitting.fit_plan(key, train, validation, features)
  scores = plan_coherence.score(fitted.judge, test, features)
  _note(found, method, test, scores)
  found.answer(
      method,
      fitted.calibration,
      np.abs(scores),
      plan_coherence.is_right(scores, test),
  )


def _note(found, method, test: Sequence[Example], scores) -> None:
  origins = np.array([e.origin for e in test])
  kinds = np.array([e.kind for e in test])
  for kind in derailing.KINDS:
    for origin in dict.fromkeys(origins):
      own = origins == origin
      auc = measured_lib.auc_against(
          np.asarray(scores),
          own & (kinds == plan_coherence.COHERENT),
          own & (kinds == kind),
      )
      if auc is not None:
        found.add(kind, method, origin, auc)


def baseline_inputs(examples: Sequence[Example]) -> inputs_lib.Composition:
  """Returns what the supervised baseline sees: intent, and the set of steps.

  The set has the kinds of steps and which kind follows which.
  """
  sets = [[s.kind for s in e.question.steps] for e in examples]
  return composition.of_sets(
      [census.wanted(e.question.program, e.question.intent) for e in examples],
      [[*kinds, *map("/".join, zip(kinds, kinds[1:]))] for kinds in sets],
  )


def baseline_scores(
    key: chex.PRNGKey, parts: Sequence[Sequence[Example]]
) -> np.ndarray:
  """Fits the intent-conditioned MLP and returns its scores of the test part."""

  def arrays(examples):
    labels = np.array([[e.is_coherent, not e.is_coherent] for e in examples])
    choice = inputs_lib.Choice(labels.astype(np.float32), np.ones_like(labels))
    return baseline_inputs(examples), choice

  train, validation, test = map(arrays, parts)
  network = intent_mlp.make()
  params = baseline.fit(network, baseline.Settings(), key, train, validation)
  logits = np.asarray(network.score(params, test[0]))
  return logits[:, 0] - logits[:, 1]
