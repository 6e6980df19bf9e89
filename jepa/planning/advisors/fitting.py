"""Fits advisors: their judges, and how sure they may be."""

from collections.abc import Callable, Sequence

import chex
import jax
from jepa.domains.orb import catalogue as catalogue_lib
from jepa.planning.advisors import calibration as calibration_lib
from jepa.planning.advisors import judge as judge_lib
from jepa.planning.advisors import judge_training
from jepa.planning.advisors import missing_orbital
from jepa.planning.advisors import off_manifold
from jepa.planning.advisors import plan_coherence
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
from jepa.planning.advisors import suite as suite_lib
import numpy as np

# The advisors meet programs of other authors than those they are fitted on:
# patterns that were never seen, and nobody to say what a program is for.
_FORGOTTEN = 0.5
_WANTED = 0.8  # Share of right answers among remarks on points that are made.
_CLEAN = 24  # Points of a clean program that a judge is fitted on.


def fit_suite(
    samples: Sequence[samples_lib.Sample],
    reader: reading.Reader | None = None,
    *,
    model: str = "",
    seed: int = 0,
) -> suite_lib.Suite:
  """Fits all advisors; a part of the samples is kept to calibrate them on.

  Args:
    samples: whole programs.
    reader: of a world model, if they are to look through one.
    model: digest of that model.
    seed: of the judges' initialisation.

  Raises:
    ValueError: the samples are too few, or none has several orbitals.
  """
  key = jax.random.key(seed)
  parts = samples_lib.hold_out(samples)
  plans = [plan_coherence.make_examples(part, reader) for part in parts]
  points = [off_manifold.make_examples(part) for part in parts]
  if not all(map(len, (*plans, *points))):
    raise ValueError(f"{len(samples)} programs are too few to fit advisors on.")
  seen = [off_manifold.read(part, reader) for part in points]
  knowledge = off_manifold.learn(parts[0], seen[0])
  shown = [
      [
          off_manifold.features(e, s, knowledge, _FORGOTTEN)
          for e, s in zip(*pair)
      ]
      for pair in zip(points, seen)
  ]
  return suite_lib.Suite(
      plan=fit_plan(key, *plans),
      orbitals={
          facet: _fit_facet(key, parts, facet, reader)
          for facet in catalogue_lib.FACETS
      },
      points=fit_points(key, knowledge, *zip(points, shown)),
      model=model,
  )


def _fit_facet(key, parts, facet, reader):
  examples = [
      missing_orbital.make_examples(part)
      + missing_orbital.make_examples(part, with_intent=False)
      for part in parts
  ]
  if not all(examples):
    raise ValueError("No program has several orbitals: none can be missed.")
  knowledge = missing_orbital.learn(parts[0], examples[0], facet, reader)
  tables = [
      missing_orbital.tabulate(part, knowledge, reader) for part in examples
  ]
  whole = missing_orbital.whole_examples(parts[1])
  return fit_orbital(
      key,
      knowledge,
      *tables,
      whole=missing_orbital.tabulate(whole, knowledge, reader),
  )


def fit_plan(
    key: chex.PRNGKey,
    train: Sequence[plan_coherence.Example],
    validation: Sequence[plan_coherence.Example],
    features: Callable[[plan_coherence.Example], np.ndarray] = (
        lambda e: e.features
    ),
) -> plan_coherence.Fitted:
  """Fits the advisor on plans; `features` are what it sees of each."""

  def arrays(examples):
    labels = np.array([e.is_coherent for e in examples])
    chosen = _balanced(labels)
    return np.stack([features(e) for e in examples])[chosen], labels[chosen]

  judge = judge_training.fit_binary(key, arrays(train), arrays(validation))
  scores = plan_coherence.score(judge, validation, features)
  chosen = _balanced(np.array([e.is_coherent for e in validation]))
  calibration = calibration_lib.fit(
      np.abs(scores)[chosen],
      plan_coherence.is_right(scores, validation)[chosen],
  )
  return plan_coherence.Fitted(judge, calibration)


def fit_orbital(
    key: chex.PRNGKey,
    knowledge: missing_orbital.Knowledge,
    train: missing_orbital.Table,
    validation: missing_orbital.Table,
    whole: missing_orbital.Table | None = None,
) -> missing_orbital.Fitted:
  """Fits the advisor on programs without one of their orbitals.

  Args:
    key: of the judge's initialisation.
    knowledge: see `missing_orbital.learn`.
    train, validation: programs without one of their orbitals.
    whole: programs that lack nothing, where no answer is right.
  """
  judge = judge_training.fit_choice(
      key,
      (train.features, train.choice),
      (validation.features, validation.choice),
  )
  tables = [validation] if whole is None else [validation, whole]
  found = [missing_orbital.score(judge, table) for table in tables]
  is_right = [
      missing_orbital.is_right(scores, table.choice)
      for scores, table in zip(found, tables)
  ]
  is_whole = np.arange(sum(map(len, found))) >= len(found[0])
  chosen = _balanced(is_whole)
  calibration = calibration_lib.fit(
      np.concatenate(list(map(missing_orbital.margins, found)))[chosen],
      np.concatenate(is_right)[chosen],
  )
  return missing_orbital.Fitted(knowledge, judge, calibration)


# Examples and the features of their points.
_Points = tuple[Sequence[off_manifold.Example], Sequence[np.ndarray]]


def fit_points(
    key: chex.PRNGKey,
    knowledge: off_manifold.Knowledge,
    train: _Points,
    validation: _Points,
) -> off_manifold.Fitted:
  """Fits the judge on points, and how sure it may be on whole programs."""
  judge = judge_training.fit_binary(key, _points(*train), _points(*validation))
  scores = [judge_lib.score_binary(judge, x) for x in validation[1]]
  chosen = _balanced(
      np.array([e.kind == off_manifold.CLEAN for e in validation[0]])
  )
  calibration = calibration_lib.fit(
      np.array([s.max() for s in scores])[chosen],
      off_manifold.is_right(scores, validation[0])[chosen],
      wanted=_WANTED,
  )
  return off_manifold.Fitted(knowledge, judge, calibration)


def _points(examples, all_features):
  """All tampered points, and of the others those of programs as they are."""
  rows, labels = [], []
  for example, x in zip(examples, all_features):
    if example.kind == off_manifold.CLEAN:
      x = x[:: max(1, len(x) // _CLEAN)]
      rows.append(x)
      labels += [False] * len(x)
    else:
      rows.append(x[example.tampered][None])
      labels.append(True)
  return np.concatenate(rows), np.array(labels)


def _balanced(is_rare: np.ndarray) -> np.ndarray:
  """Returns indices among which the rare ones come about as often as others.

  There are many ways to spoil a thing, and only one to leave it: an advisor
  that took that for how often things are spoilt would cry wolf.
  """
  rare = np.flatnonzero(is_rare)
  others = np.flatnonzero(~is_rare)
  times = max(round(len(others) / max(len(rare), 1)), 1)
  return np.concatenate([others, np.tile(rare, times)])
