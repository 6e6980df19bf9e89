"""Tests of what models make of hints."""

import dataclasses

from absl.testing import absltest
import chex
import jax
import jax.numpy as jnp
from jepa import controls
from jepa import input_pipeline
from jepa.models import world_model
import ml_collections
import numpy as np
from tests import toy

_VOCABULARY = dataclasses.replace(
    toy.VOCABULARY, num_hints=3, num_hint_hashes=11
)


def _make_model(hints):
  config = ml_collections.ConfigDict()
  config.encoder = dict(width=16, depth=1, num_heads=2, num_queries=2)
  config.predictor = dict(hidden=16, depth=1, num_heads=2)
  config.head = dict(hidden=16)
  config.hints = hints
  return world_model.make_world_model(config, _VOCABULARY)


class HintsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    batch = input_pipeline.collate(toy.examples(4), num_nodes=8)
    shape = (*batch.actions.kind.shape, _VOCABULARY.num_hints)
    self.hints = np.random.default_rng(0).integers(1, 11, shape, np.int32)
    self.batch = batch._replace(
        actions=batch.actions._replace(hints=self.hints)
    )
    self.model = _make_model(hints=True)
    params = self.model.init(jax.random.key(0), self.batch)
    leaves, treedef = jax.tree.flatten(params)
    keys = jax.random.split(jax.random.key(1), len(leaves))
    # Away from places that are zero at first.
    self.params = treedef.unflatten([
        x + 0.1 * jax.random.normal(k, x.shape) for x, k in zip(leaves, keys)
    ])

  def _score(self, hints, model=None):
    return world_model.score_actions(
        model or self.model,
        self.params,
        self.batch.obs_t,
        self.batch.actions._replace(hints=hints),
    )

  def test_move_the_score_of_their_action_alone(self):
    hints = self.hints.copy()
    hints[0, 0, 0] = 1 + hints[0, 0, 0] % 10
    moved = jnp.abs(self._score(hints) - self._score(self.hints)).max(-1)
    self.assertGreater(moved[0, 0], 1e-3)
    moved = moved.at[0, 0].set(0.0)
    chex.assert_trees_all_close(moved, jnp.zeros_like(moved), atol=1e-6)

  def test_order_and_padding_say_nothing(self):
    padded = np.pad(self.hints[..., ::-1], ((0, 0), (0, 0), (2, 0)))
    chex.assert_trees_all_close(
        self._score(padded), self._score(self.hints), atol=1e-5
    )

  def test_are_gone_where_there_is_no_action(self):
    blank = controls.no_action(self.batch, jax.random.key(0))
    self.assertEqual(blank.actions.hints.sum(), 0)

  def test_say_nothing_to_a_model_without_them(self):
    model = _make_model(hints=False)
    self.assertIsNone(model.hint)
    other = np.roll(self.hints, 1, axis=0)
    chex.assert_trees_all_equal(
        self._score(self.hints, model), self._score(other, model)
    )


if __name__ == "__main__":
  absltest.main()
