"""Tests for `jepa/models`: what must hold of any parameters."""

from absl.testing import absltest
import chex
import jax
import jax.numpy as jnp
from jepa import input_pipeline
from jepa.models import world_model
import ml_collections
import numpy as np
from tests import toy


def make_model(depth=1, near=False):
  config = ml_collections.ConfigDict()
  config.encoder = dict(width=16, depth=depth, num_heads=2, num_queries=2)
  config.predictor = dict(hidden=16, depth=1, num_heads=2)
  config.head = dict(hidden=16)
  config.nearness = near
  return world_model.make_world_model(config, toy.VOCABULARY)


def make_batch(num_nodes=8):
  return input_pipeline.collate(toy.examples(4), num_nodes=num_nodes)


def noisy_params(model, batch):
  """Parameters away from their zero-initialised places."""
  params = model.init(jax.random.key(0), batch)
  leaves, treedef = jax.tree.flatten(params)
  keys = jax.random.split(jax.random.key(1), len(leaves))
  return treedef.unflatten([
      x + 0.1 * jax.random.normal(k, x.shape) for x, k in zip(leaves, keys)
  ])


class WorldModelTest(absltest.TestCase):

  def test_padding_nodes_and_symbols_change_nothing(self):
    model, batch = make_model(), make_batch()
    params = noisy_params(model, batch)
    program = batch.obs_t
    padded = program._replace(
        symbols=np.pad(program.symbols, ((0, 0), (0, 5), (0, 0))),
        nodes=np.pad(program.nodes, ((0, 0), (0, 7), (0, 0))),
        mask=np.pad(program.mask, ((0, 0), (0, 7))),
    )
    score = lambda p: world_model.score_actions(
        model, params, p, batch.actions
    )
    chex.assert_trees_all_close(score(program), score(padded), atol=1e-5)

  def test_renaming_candidates_permutes_scores(self):
    model, batch = make_model(), make_batch()
    params = noisy_params(model, batch)
    flipped = jax.tree.map(lambda x: x[:, ::-1], batch.actions)
    score = lambda a: world_model.score_actions(model, params, batch.obs_t, a)
    chex.assert_trees_all_close(
        score(flipped), score(batch.actions)[:, ::-1], atol=1e-5
    )

  def test_predicts_no_change_at_initialisation(self):
    model, batch = make_model(), make_batch()
    params = model.init(jax.random.key(0), batch)
    latents = model.encode(params["encode"], batch.obs_t)
    z_tp1_hat = model.predict(params["predict"], latents, batch.actions)
    chex.assert_trees_all_equal(
        z_tp1_hat,
        jnp.broadcast_to(latents.z[:, None], z_tp1_hat.shape),
    )

  def test_is_a_bag_of_nodes_at_initialisation(self):
    """Zero-initialised blocks: depth adds nothing until it is trained."""
    batch = make_batch()
    deep, bag = make_model(depth=2), make_model(depth=0)
    deep_params = deep.init(jax.random.key(0), batch)["encode"]["params"]
    shared = {
        k: v for k, v in deep_params.items() if not k.startswith("Block")
    }
    chex.assert_trees_all_close(
        deep.encode({"params": deep_params}, batch.obs_t).nodes,
        bag.encode({"params": shared}, batch.obs_t).nodes,
        atol=1e-6,
    )

  def test_site_and_arguments_matter(self):
    model, batch = make_model(), make_batch()
    params = noisy_params(model, batch)
    score = lambda a: world_model.score_actions(model, params, batch.obs_t, a)
    reference = score(batch.actions)
    for field in ("kind", "site", "args"):
      with self.subTest(field):
        x = getattr(batch.actions, field)
        other = batch.actions._replace(**{field: (x + 1) % 2})
        gap = jnp.abs(score(other) - reference).max()
        self.assertGreater(gap, 1e-4)


if __name__ == "__main__":
  absltest.main()
