"""Measures the advisor on programs with one point tampered with."""

from collections.abc import Callable, Sequence

import chex
import jax
from jepa.baselines.orb import baseline
from jepa.baselines.orb import composition
from jepa.baselines.orb import inputs as inputs_lib
from jepa.baselines.orb import wiring_gnn
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import tampering
from jepa.evaluation.advisors import measured as measured_lib
from jepa.planning.advisors import fitting
from jepa.planning.advisors import off_manifold
from jepa.planning.advisors import point_features
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
import numpy as np

Example = off_manifold.Example
Scores = Sequence[np.ndarray]

REFERENCE = "frequency"
GRAPH = "graph network on wiring"
TRIVIAL = "trivial: said nowhere else"
# What a network that knows the wires only can have an opinion on.
_WIRING = ("listener unheard of", "listener swapped", "source")


def measure(
    samples: Sequence[samples_lib.Sample],
    reader: reading.Reader | None,
    *,
    num_folds: int,
    num_seeds: int,
    on_fit: Callable[[], None] = lambda: None,
) -> measured_lib.Measured:
  """Returns the AUC of tampered points against points of the same role.

  Those are of the same program as it was.
  """
  found = measured_lib.Measured(off_manifold.NAME, "AUC", REFERENCE)
  examples = off_manifold.make_examples(samples)
  seen = {measured_lib.WITHOUT: off_manifold.read(examples, None)}
  if reader is not None:
    seen[measured_lib.WITH] = off_manifold.read(examples, reader)
  for fold in range(num_folds):
    split = samples_lib.split(samples, fold=fold, num_folds=num_folds)
    parts = [_of(part, examples, examples) for part in split]
    test = parts[2]
    _note(found, TRIVIAL, test, loneliness(test))
    for method, foreseen in seen.items():
      views = [_of(part, examples, foreseen) for part in split]
      knowledge = off_manifold.learn(split[0], views[0])
      all_features = [
          [off_manifold.features(e, v, knowledge) for e, v in zip(*pair)]
          for pair in zip(parts, views)
      ]
      if method == measured_lib.WITHOUT:
        _note(found, REFERENCE, test, rarity(test, knowledge.habits))
      for seed in range(num_seeds):
        _fit_and_note(found, method, seed, knowledge, parts, all_features)
        on_fit()
    for seed in range(num_seeds):
      scores = wiring_scores(jax.random.key(seed), parts)
      _note(found, GRAPH, test, scores, _WIRING)
  return found


def _of(part, examples, values):
  origins = {sample.origin for sample in part}
  return [v for e, v in zip(examples, values) if e.origin in origins]


def _fit_and_note(found, method, seed, knowledge, parts, all_features):
  train, validation, test = zip(parts, all_features)
  fitted = fitting.fit_points(
      jax.random.key(seed), knowledge, train, validation
  )
  scores = off_manifold.score(fitted, test[1])
  _note(found, method, test[0], scores)
  found.answer(
      method,
      fitted.calibration,
      [s.max() for s in scores],
      off_manifold.is_right(scores, test[0]),
  )


def _note(
    found, method, test: Sequence[Example], scores: Scores,
    kinds: Sequence[str] = tampering.KINDS,
) -> None:
  clean = {
      e.origin: (e, s)
      for e, s in zip(test, scores)
      if e.kind == off_manifold.CLEAN
  }
  for example, own in zip(test, scores):
    if example.kind not in kinds or example.origin not in clean:
      continue
    role = example.points[example.tampered].role
    whole, theirs = clean[example.origin]
    others = [s for s, p in zip(theirs, whole.points) if p.role == role]
    values = np.array([own[example.tampered], *others])
    is_spoilt = np.arange(len(values)) == 0
    auc = measured_lib.auc_against(values, is_spoilt, ~is_spoilt)
    if auc is not None:
      found.add(example.kind, method, example.origin, auc)


def rarity(
    examples: Sequence[Example], habits: point_features.Habits
) -> list[np.ndarray]:
  """Returns the frequency baseline's scores: how rare each value is."""
  return [
      np.array([point_features.rarity(count, p) for p in e.points])
      for e in examples
      for count in [habits.without(e.origin)]
  ]


def loneliness(examples: Sequence[Example]) -> list[np.ndarray]:
  """Returns the trivial control's: is the value said nowhere else?"""
  found = []
  for example in examples:
    around = point_features.Surroundings(example.program)
    found.append(-np.array([around.elsewhere(p) for p in example.points]))
  return found


def wiring_scores(
    key: chex.PRNGKey, parts: Sequence[Sequence[Example]]
) -> list[np.ndarray]:
  """Returns the graph network's scores: how unlikely each point's wire is.

  It is trained on the wiring of programs as they are; points that are no part
  of a wire score lowest.
  """
  train, validation, test = parts
  network = wiring_gnn.make()
  params = baseline.fit(
      network, baseline.Settings(), key, wiring(train), wiring(validation)
  )
  inputs = composition.of_wiring([e.program for e in test])
  logits = np.asarray(network.score(params, inputs))
  room = composition.NUM_TRAITS
  return [
      _unlikely(example, wires.reshape(room, room))
      for example, wires in zip(test, logits)
  ]


def wiring(
    examples: Sequence[Example],
) -> tuple[inputs_lib.Composition, inputs_lib.Choice]:
  """Returns wires to be found, some of which are taken out of the inputs."""
  programs = [e.program for e in examples if e.kind == off_manifold.CLEAN]
  inputs = composition.of_wiring(programs)
  rng = np.random.default_rng(0)
  kept = inputs.wires * (rng.random(inputs.wires.shape) < 0.75)
  there = inputs.nodes.any(axis=2)
  off_diagonal = ~np.eye(composition.NUM_TRAITS, dtype=bool)
  mask = there[:, :, None] & there[:, None, :] & off_diagonal
  flat = lambda x: x.reshape(len(programs), -1)
  choice = inputs_lib.Choice(flat(inputs.wires), flat(mask))
  return inputs._replace(wires=kept.astype(np.float32)), choice


def _unlikely(example: Example, logits: np.ndarray) -> np.ndarray:
  best: dict[program_lib.Path, float] = {}
  for source, target, path in composition.wiring(example.program):
    if max(source, target) < len(logits):
      logit = float(logits[source, target])
      best[path] = max(best.get(path, -np.inf), logit)
  lowest, highest = float(logits.min()), float(logits.max())
  scores = []
  for point in example.points:
    at = point.path[:6]
    # A listener that hears nobody is the least likely of all.
    nothing = lowest if at[4:5] == ("listens",) else highest
    scores.append(-best.get(at, nothing))
  return np.array(scores)
