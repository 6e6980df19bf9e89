"""Measures the advisor on programs without one of their orbitals."""

from collections.abc import Callable, Sequence

import chex
import jax
from jepa.baselines.orb import baseline
from jepa.baselines.orb import composition
from jepa.baselines.orb import cooccurrence
from jepa.baselines.orb import inputs as inputs_lib
from jepa.baselines.orb import intent_mlp
from jepa.domains.orb import census
from jepa.evaluation.advisors import measured as measured_lib
from jepa.planning.advisors import fitting
from jepa.planning.advisors import missing_orbital
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
import numpy as np

Example = missing_orbital.Example
Table = missing_orbital.Table

REFERENCE = "linear co-occurrence"
TRIVIAL = "trivial: popularity"
BASELINES = {REFERENCE: cooccurrence.make, "intent MLP": intent_mlp.make}
_WITHIN = (1, 5)


def measure(
    samples: Sequence[samples_lib.Sample],
    reader: reading.Reader | None,
    *,
    facet: str,
    with_intent: bool = True,
    num_folds: int,
    num_seeds: int,
    on_fit: Callable[[], None] = lambda: None,
) -> measured_lib.Measured:
  """Returns recall at 1 and 5 of what was taken out; what no list has, misses.

  Args:
    samples: whole programs.
    reader: of a world model, if any.
    facet: one of `catalogue.FACETS`, by which orbitals are told apart.
    with_intent: whether the program and its author say what it is for.
    num_folds, num_seeds: of cross-validation, and of training.
    on_fit: called after each seed of each fold.
  """
  name = f"{missing_orbital.NAME} by {facet}"
  found = measured_lib.Measured(
      name if with_intent else f"{name}, intent unknown", "recall", REFERENCE
  )
  for fold in range(num_folds):
    split = samples_lib.split(samples, fold=fold, num_folds=num_folds)
    parts = [
        missing_orbital.make_examples(part, with_intent=with_intent)
        for part in split
    ]
    if not all(parts):
      raise ValueError(
          f"{len(samples)} programs are too few to find a missing orbital in: "
          "every part of the split needs a program with several orbitals."
      )
    fits = [(measured_lib.WITHOUT, None)]
    fits += [(measured_lib.WITH, reader)] if reader is not None else []
    tables = {}
    for method, own in fits:
      knowledge = missing_orbital.learn(split[0], parts[0], facet, own)
      tables[method] = knowledge, [
          missing_orbital.tabulate(part, knowledge, own) for part in parts
      ]
    _, plain = tables[measured_lib.WITHOUT]
    _note(found, TRIVIAL, parts[2], plain[2], popularity(plain[2]))
    for seed in range(num_seeds):
      key = jax.random.key(seed)
      for method, make in BASELINES.items():
        scores = baseline_scores(make(), key, parts, plain)
        _note(found, method, parts[2], plain[2], scores)
      for method, (knowledge, table) in tables.items():
        fitted = fitting.fit_orbital(key, knowledge, table[0], table[1])
        scores = missing_orbital.score(fitted.judge, table[2])
        _note(found, method, parts[2], table[2], scores)
        found.answer(
            method,
            fitted.calibration,
            missing_orbital.margins(scores),
            missing_orbital.is_right(scores, table[2].choice),
        )
      on_fit()
  return found


def _note(found, method, examples, table: Table, scores) -> None:
  for example, right, row in zip(examples, table.choice.labels, scores):
    for within in _WITHIN:
      value = _recall(row, right > 0, within)
      found.add(f"recall@{within}", method, example.origin, value)


def _recall(scores: np.ndarray, right: np.ndarray, within: int) -> float:
  """Returns the chance that the right one is among the first few.

  Ties are in random order.
  """
  if not right.any():
    return 0.0
  own = scores[right][0]
  above, equal = int((scores > own).sum()), int((scores == own).sum())
  return min(max((within - above) / equal, 0.0), 1.0)


def popularity(table: Table) -> np.ndarray:
  """Returns how frequent each kind is, shape `[n, C]`: the trivial control."""
  scores = np.full(table.choice.mask.shape, -np.inf)
  for i, kinds in enumerate(table.kinds):
    scores[i, : len(kinds)] = [kind.count for kind in kinds]
  return scores


def baseline_scores(
    network: baseline.Baseline,
    key: chex.PRNGKey,
    parts: Sequence[Sequence[Example]],
    tables: Sequence[Table],
) -> np.ndarray:
  """Fits a baseline and returns its scores of the test part, shape `[n, C]`.

  Args:
    network: see `BASELINES`.
    key: of its initialisation.
    parts, tables: training, validation and test examples.
  """
  train, validation, test = (
      (inputs(examples), _of_catalogue(table))
      for examples, table in zip(parts, tables)
  )
  params = baseline.fit(
      network, baseline.Settings(), key, train, validation
  )
  scores = np.asarray(network.score(params, test[0]))
  return np.where(test[1].mask, scores, -np.inf)


def inputs(examples: Sequence[Example]) -> inputs_lib.Composition:
  """Returns what the baselines see: the intent and the set of parts."""
  return composition.of_sets(
      [census.wanted(e.program, e.intent) for e in examples],
      [composition.parts(e.program) for e in examples],
  )


def _of_catalogue(table: Table) -> inputs_lib.Choice:
  """Leaves kinds out that are not in the catalogue: each program has others.

  A weight of its own can say nothing of them.
  """
  known = np.zeros_like(table.choice.mask)
  for i, kinds in enumerate(table.kinds):
    known[i, : len(kinds)] = [kind.count > 0 for kind in kinds]
  return inputs_lib.Choice(table.choice.labels * known, known)
