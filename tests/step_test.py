"""Tests for `jepa/step.py`."""

import functools

from absl.testing import absltest
from absl.testing import parameterized
import chex
import jax
import jax.numpy as jnp
from jepa import input_pipeline
from jepa import optimizer
from jepa import sharding
from jepa import state as state_lib
from jepa import step as step_lib
from jepa.models import world_model
import numpy as np
import optax
from tests import toy
from tests import train_test


def make_all(arm="jepa", **overrides):
  config = train_test.small_config(arm)
  config.update_from_flattened_dict(overrides)
  model = world_model.make_world_model(config.model, toy.VOCABULARY)
  tx = optimizer.make_optimizer(config.optimizer)
  batch = input_pipeline.collate(toy.examples(8), num_nodes=8)
  init = functools.partial(state_lib.init_state, model=model, tx=tx)
  state = jax.jit(init)(jax.random.key(0), batch)
  return config, model, tx, state, batch


class TrainStepTest(parameterized.TestCase):

  def test_sharded_equals_one_device(self):
    config, model, tx, state, batch = make_all()
    step = step_lib.make_train_step(model, tx, config.loss)
    key = jax.random.key(1)
    alone, metrics = jax.jit(step)(state, batch, key)

    shardings = sharding.make_shardings()
    self.assertGreater(jax.device_count(), 1)
    sharded = jax.device_put(batch, shardings.data)
    together, sharded_metrics = jax.jit(
        step, out_shardings=shardings.replicated
    )(jax.device_put(state, shardings.replicated), sharded, key)

    chex.assert_trees_all_close(metrics, sharded_metrics, rtol=1e-4)
    chex.assert_trees_all_close(
        alone.params, together.params, rtol=1e-3, atol=1e-5
    )

  def test_compiles_once(self):
    config, model, tx, state, batch = make_all()
    step = step_lib.make_train_step(model, tx, config.loss)
    chex.clear_trace_counter()
    step = jax.jit(chex.assert_max_traces(step, n=1))
    for _ in range(3):
      state, _ = step(state, batch, jax.random.key(1))
    self.assertEqual(int(state.step), 3)

  @parameterized.parameters("ema", "stop_gradient", "online")
  def test_gradient_reaches_the_target_only_when_asked(self, target):
    config, model, _, state, batch = make_all()

    def distance(encode, target_params):
      z = step_lib.encode_next(
          model, {"encode": encode}, target_params, batch.obs_next, target
      )
      return jnp.sum(z**2)

    online, ema = jax.grad(distance, argnums=(0, 1))(
        state.params["encode"], state.target_params
    )
    self.assertEqual(optax.tree.norm(ema), 0.0)
    if target == "online":
      self.assertGreater(optax.tree.norm(online), 0.0)
    else:
      self.assertEqual(optax.tree.norm(online), 0.0)

  def test_refuses_an_unknown_target(self):
    config, model, tx, state, batch = make_all(**{"loss.target": "emma"})
    with self.assertRaisesRegex(ValueError, "emma"):
      step_lib.make_train_step(model, tx, config.loss)(
          state, batch, jax.random.key(0)
      )

  def test_target_is_an_exponential_average(self):
    config, model, tx, state, batch = make_all(**{"loss.target_decay": 0.9})
    step = step_lib.make_train_step(model, tx, config.loss)
    # The warm-up's first learning rate is zero.
    before, _ = step(state, batch, jax.random.key(1))
    after, _ = step(before, batch, jax.random.key(1))
    expected = jax.tree.map(
        lambda t, p: 0.9 * t + 0.1 * p,
        before.target_params,
        after.params["encode"],
    )
    chex.assert_trees_all_close(after.target_params, expected, atol=1e-6)

  def test_supervised_arm_has_no_latent_loss(self):
    config, model, tx, state, batch = make_all("supervised")
    step = step_lib.make_train_step(model, tx, config.loss)
    _, metrics = step(state, batch, jax.random.key(0))
    self.assertContainsSubset({"loss/outcome", "loss/ranking"}, metrics)
    self.assertNoCommonElements(
        {"loss/prediction", "loss/sigreg", "loss/contrast"}, metrics
    )

  def test_learns_to_use_the_action(self):
    """On the toy, only state and action together tell the outcome."""
    config, model, tx, state, batch = make_all()
    config.optimizer.schedule = dict(
        peak_value=5e-3, warmup_steps=5, decay_steps=200
    )
    tx = optimizer.make_optimizer(config.optimizer)
    state = state.replace(opt_state=tx.init(state.params))
    step = jax.jit(step_lib.make_train_step(model, tx, config.loss))
    for _ in range(150):
      state, _ = step(state, batch, jax.random.key(1))
    logits = world_model.score_actions(
        model, state.params, batch.obs_t, batch.actions
    )[:, : toy.NUM_BINS, 0]
    best = np.argmax(logits, axis=1)
    success = batch.outcomes.signals[np.arange(8), best, 0]
    self.assertGreater(success.mean(), 0.9)


if __name__ == "__main__":
  absltest.main()
