"""Tests of what a first action says of a second one."""

from absl.testing import absltest
import chex
import jax
import jax.numpy as jnp
from jepa import input_pipeline
from jepa.models import attention
from jepa.models import nearness
from jepa.models import world_model
import numpy as np
from tests import toy
from tests.models import world_model_test


class NearnessTest(absltest.TestCase):

  def test_distances_are_to_the_nearest_node_of_a_span(self):
    place = np.arange(7)
    distance = nearness.signed_distance(place, 2, 4)
    np.testing.assert_array_equal(distance, [-2, -1, 0, 0, 1, 2, 3])
    between = nearness.signed_distance(place, 3, 3)
    np.testing.assert_array_equal(between, [-3, -2, -1, 1, 2, 3, 4])

  def test_says_nothing_at_first_and_then_one_thing_of_each_distance(self):
    first, second = jnp.array([[2, 4]]), jnp.array([[[0, 1], [2, 2], [3, 4]]])
    silent, params = nearness.Nearness().init_with_output(
        jax.random.key(0), first, second
    )
    np.testing.assert_array_equal(silent, np.zeros((1, 3)))
    weight = params["params"]["distance"]
    moved = {"params": {"distance": weight.at[attention.DISTANCES // 2].add(1)}}
    said = nearness.Nearness().apply(moved, first, second)
    np.testing.assert_array_equal(said > 0, [[False, True, True]])


class ScoreAfterTest(absltest.TestCase):

  def _score(self, is_near):
    batch = input_pipeline.collate(toy.examples(4), num_nodes=8)
    model = world_model_test.make_model(near=is_near)
    params = world_model_test.noisy_params(model, batch)
    latents = model.encode(params["encode"], batch.obs_t)
    actions = batch.actions
    z_tp1_hat = model.predict(params["predict"], latents, actions)
    after = lambda z, site: world_model.score_after(
        model, params, latents, z, site, actions
    )
    return after, z_tp1_hat, actions.site, latents, model, params, actions

  def test_judges_in_the_latent_that_was_predicted(self):
    after, z, site, latents, model, params, actions = self._score(False)
    expected = world_model.score_latents(
        model, params, latents._replace(z=z[:, 0]), actions
    )
    chex.assert_trees_all_close(after(z[:, 0], site[:, 0]), expected)
    chex.assert_trees_all_close(after(z[:, 0], site[:, 3]), expected)
    self.assertFalse(np.allclose(after(z[:, 1], site[:, 0]), expected))

  def test_nearness_tells_where_the_first_action_was(self):
    after, z, site, *_ = self._score(True)
    self.assertFalse(np.allclose(
        after(z[:, 0], site[:, 0]), after(z[:, 0], site[:, 3])
    ))


if __name__ == "__main__":
  absltest.main()
