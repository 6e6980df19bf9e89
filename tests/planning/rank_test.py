"""Tests for `jepa/planning/rank.py`."""

import json
from unittest import mock

from absl.testing import absltest
import jax
from jepa import checkpoint
from jepa import input_pipeline
from jepa.domains import base
from jepa.models import world_model
from jepa.planning import rank
import ml_collections
import numpy as np
from tests import toy
from tests import train_test


def make_model(seed, **overrides):
  """A model of random parameters: one that starts foretells no change."""
  config = train_test.small_config()
  config.model.update(overrides)
  model = world_model.make_world_model(config.model, toy.VOCABULARY)
  batch = input_pipeline.collate(toy.examples(1), num_nodes=8)
  shapes = jax.eval_shape(model.init, jax.random.key(0), batch)
  rng = np.random.default_rng(seed)
  params = jax.tree.map(lambda x: rng.normal(size=x.shape, scale=0.3), shapes)
  manifest = {"config": json.loads(config.to_json_best_effort())}
  return checkpoint.Exported(params, toy.VOCABULARY, manifest)


class RankTest(absltest.TestCase):

  def test_several_models_score_as_each_by_itself(self):
    models = {"a": make_model(0), "b": make_model(1)}
    candidates = [
        base.Candidate(kind=0, start=i, end=i + 1, args=(1 + i,))
        for i in range(toy.NUM_BINS)
    ]
    states = [toy.observe(0), toy.observe(3)]
    together = rank.make_scorers(models)
    with mock.patch.object(rank, "encode_state", wraps=rank.encode_state) as f:
      found = {
          (i, name): scorer(state, candidates)
          for i, state in enumerate(states)
          for name, scorer in together.items()
      }
    for (i, name), scores in found.items():
      alone = rank.make_scorer(models[name])(states[i], candidates)
      np.testing.assert_allclose(scores, alone, rtol=1e-5, atol=1e-5)
    self.assertFalse(np.allclose(found[0, "a"], found[0, "b"]))
    self.assertFalse(np.allclose(found[0, "a"], found[1, "a"]))
    self.assertEqual(f.call_count, len(states))

  def test_scores_in_blocks_are_those_of_all_at_once(self):
    exported = make_model(0)
    config = ml_collections.ConfigDict(exported.manifest["config"])
    model = world_model.make_world_model(config.model, toy.VOCABULARY)
    places = np.random.default_rng(0).integers(
        toy.NUM_BINS, size=(rank._BLOCK + 3, 2)
    )
    candidates = [
        base.Candidate(kind=0, start=i, end=i + 1, args=(1 + k,))
        for i, k in places.tolist()
    ]
    state = toy.observe(0)
    scores = rank.make_scorer(exported)(state, candidates)
    at_once = world_model.score_actions(
        model, exported.params, rank.encode_state(state, toy.VOCABULARY),
        rank.encode_actions(candidates, toy.VOCABULARY, len(candidates)),
    )[0, : len(candidates)]
    self.assertLen(scores, len(candidates))
    np.testing.assert_allclose(scores, at_once, rtol=1e-5, atol=1e-5)
    with mock.patch.object(rank, "_NUM_CANDIDATES", rank._BLOCK):
      parts = rank.make_scorer(exported)(state, candidates)
    np.testing.assert_allclose(scores, parts, rtol=1e-5, atol=1e-5)

  def test_pairs_are_judged_after_their_first_action(self):
    exported = make_model(0, nearness=True)
    config = ml_collections.ConfigDict(exported.manifest["config"])
    model = world_model.make_world_model(config.model, toy.VOCABULARY)
    candidates = [
        base.Candidate(kind=0, start=i, end=i + 1, args=(1 + i,))
        for i in range(toy.NUM_BINS)
    ]
    state, first = toy.observe(2), [3, 0]
    with mock.patch.object(rank, "_NUM_IN_PAIRS", 4):
      scores = rank.make_pair_scorer(exported)(
          state, [candidates[i] for i in first], candidates
      )
    params = exported.params
    latents = model.encode(
        params["encode"], rank.encode_state(state, toy.VOCABULARY)
    )
    actions = rank.encode_actions(
        candidates, toy.VOCABULARY, len(candidates)
    )
    expected = world_model.score_pairs(
        model, params, latents,
        model.predict(params["predict"], latents, actions), actions,
        np.array([first]),
    )[0, :, :, 0]
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-4)

  def test_no_candidate_has_no_score(self):
    self.assertEmpty(rank.make_scorer(make_model(0))(toy.observe(0), []))


if __name__ == "__main__":
  absltest.main()
