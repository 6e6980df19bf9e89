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
import numpy as np
from tests import toy
from tests import train_test


def make_model(seed):
  """A model of random parameters: one that starts foretells no change."""
  config = train_test.small_config()
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


if __name__ == "__main__":
  absltest.main()
