"""Tests for `jepa/step.py`."""

import functools

from absl.testing import absltest
from absl.testing import parameterized
import chex
from configs import pretrain
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

_KEY = jax.random.key(1)
_LOST = {  # By ablation; others change a term, or what goes into it.
    "no_prediction": ("prediction",),
    "no_predictor_sigreg": ("sigreg_hat",),
    "no_contrast": ("contrast",),
    "no_inverse": ("inverse",),
    "no_proposal": ("proposal",),
    "ema_unregularised": ("sigreg", "sigreg_hat"),
    "stop_gradient_unregularised": ("sigreg", "sigreg_hat"),
    "online_unregularised": ("sigreg", "sigreg_hat"),
}

_ADDED = dict.fromkeys(
    ("rollout", "rollout_near"), ("rollout", "rollout_ranking")
)


def _run(function, *args):
  return jax.jit(function)(*args)


def make_all(arm="jepa", start=_run, **overrides):
  config = train_test.small_config(arm)
  config.update_from_flattened_dict(overrides)
  config.optimizer.schedule = dict(
      peak_value=5e-3, warmup_steps=5, decay_steps=200
  )
  model = world_model.make_world_model(config.model, toy.VOCABULARY)
  tx = optimizer.make_optimizer(config.optimizer, config.frozen)
  has_pairs = bool(config.loss.rollout.weight)
  batch = input_pipeline.collate(
      toy.examples(8, has_pairs=has_pairs), num_nodes=8, has_pairs=has_pairs
  )
  init = functools.partial(state_lib.init_state, model=model, tx=tx)
  state = start(init, jax.random.key(0), batch)
  return config, model, state, batch, step_lib.make_train_step(
      model, tx, config.loss, frozen=config.frozen
  )


@functools.cache
def compiled():
  """The default arm's step, compiled once for all tests."""
  config, model, state, batch, step = make_all()
  traced = chex.assert_max_traces(step, n=1)
  return config, model, state, batch, jax.jit(traced)


class TrainStepTest(parameterized.TestCase):

  def test_sharded_equals_one_device(self):
    _, _, state, batch, step = compiled()
    alone, metrics = step(state, batch, _KEY)

    shardings = sharding.make_shardings()
    self.assertGreater(jax.device_count(), 1)
    together, sharded_metrics = jax.jit(
        make_all()[-1], out_shardings=shardings.replicated
    )(
        jax.device_put(state, shardings.replicated),
        jax.device_put(batch, shardings.data),
        _KEY,
    )
    chex.assert_trees_all_close(metrics, sharded_metrics, rtol=1e-4)
    chex.assert_trees_all_close(
        alone.params, together.params, rtol=1e-3, atol=1e-5
    )

  def test_an_ablation_takes_a_step_without_what_it_leaves_out(self):
    whole = None
    for arm in ("jepa", *pretrain.ABLATIONS):
      with self.subTest(arm):
        _, _, state, batch, step = make_all(arm, jax.eval_shape)
        new_state, metrics = jax.eval_shape(step, state, batch, _KEY)
        chex.assert_trees_all_equal_shapes(state, new_state)
        whole = whole or set(metrics)
        lost = {f"loss/{name}" for name in _LOST.get(arm, ())}
        self.assertEqual(whole - set(metrics), lost)
        added = {f"loss/{name}" for name in _ADDED.get(arm, ())}
        self.assertEqual(set(metrics) - whole, added)

  @parameterized.parameters("ema", "stop_gradient", "online")
  def test_gradient_reaches_the_target_only_when_asked(self, target):
    _, model, state, batch, _ = compiled()

    @jax.jit
    @functools.partial(jax.grad, argnums=(0, 1))
    def gradients(encode, target_params):
      z = step_lib.encode_next(
          model, {"encode": encode}, target_params, batch.obs_next, target
      )
      return jnp.sum(z**2)

    online, ema = gradients(state.params["encode"], state.target_params)
    self.assertEqual(optax.tree.norm(ema), 0.0)
    if target == "online":
      self.assertGreater(optax.tree.norm(online), 0.0)
    else:
      self.assertEqual(optax.tree.norm(online), 0.0)

  def test_refuses_an_unknown_target(self):
    _, _, state, batch, step = make_all(**{"loss.target": "emma"})
    with self.assertRaisesRegex(ValueError, "emma"):
      jax.eval_shape(step, state, batch, _KEY)

  def test_target_is_an_exponential_average(self):
    config, _, state, batch, step = compiled()
    # The warm-up's first learning rate is zero.
    before, _ = step(state, batch, _KEY)
    after, _ = step(before, batch, _KEY)
    decay = config.loss.target_decay
    expected = jax.tree.map(
        lambda t, p: decay * t + (1 - decay) * p,
        before.target_params,
        after.params["encode"],
    )
    chex.assert_trees_all_close(after.target_params, expected, atol=1e-6)

  def test_supervised_arm_has_no_latent_loss(self):
    _, _, state, batch, step = make_all("supervised")
    _, metrics = jax.eval_shape(step, state, batch, _KEY)
    self.assertContainsSubset({"loss/outcome", "loss/ranking"}, metrics)
    self.assertNoCommonElements(
        {"loss/prediction", "loss/sigreg", "loss/contrast"}, metrics
    )

  def test_labels_what_was_not_told_by_reading_next_states(self):
    _, _, state, batch, step = make_all("semi_read")
    _, metrics = jax.eval_shape(step, state, batch, _KEY)
    self.assertIn("loss/read", metrics)
    self.assertContainsSubset({"loss/outcome", "loss/prediction"}, metrics)

  def test_a_probe_trains_its_head_alone(self):
    config, _, before, batch, step = make_all("probe")
    step, after = jax.jit(step), before
    for _ in range(3):
      after, metrics = step(after, batch, _KEY)
    for part in config.frozen:
      chex.assert_trees_all_equal(before.params[part], after.params[part])
    chex.assert_trees_all_close(
        before.target_params, after.target_params, rtol=1e-6
    )
    moved = jax.tree.map(
        lambda x, y: float(jnp.abs(x - y).max()),
        before.params["outcome"], after.params["outcome"],
    )
    self.assertGreater(min(jax.tree.leaves(moved)), 0.0)
    self.assertGreater(metrics["grad_norm"], 0.0)

  def test_carries_a_first_action_to_the_judgement_of_a_second(self):
    """On the toy, only the first action tells which second one succeeds."""
    _, model, state, batch, step = make_all("rollout")
    step = jax.jit(step)
    for _ in range(150):
      state, metrics = step(state, batch, _KEY)
    self.assertLess(metrics["loss/rollout_ranking"], 0.1)

  def test_refuses_to_roll_out_where_no_pair_was_executed(self):
    _, _, state, batch, step = make_all("rollout")
    with self.assertRaisesRegex(ValueError, "pairs"):
      jax.eval_shape(step, state, batch._replace(pairs=None), _KEY)

  def test_refuses_to_freeze_what_is_not_there(self):
    with self.assertRaisesRegex(ValueError, "encoder; .* are encode, inverse"):
      make_all("probe", frozen=("encoder",))

  def test_unlabelled_arm_learns_nothing_from_verdicts(self):
    _, _, state, batch, step = make_all("unlabelled")
    step = jax.jit(step)
    other = batch._replace(
        outcomes=batch.outcomes._replace(signals=1 - batch.outcomes.signals)
    )
    for _ in range(2):
      one, _ = step(state, batch, _KEY)
      two, _ = step(state, other, _KEY)
      chex.assert_trees_all_equal(one.params, two.params)
      state = one

  def test_learns_to_use_the_action(self):
    """On the toy, only state and action together tell the outcome."""
    _, model, state, batch, step = compiled()
    for _ in range(150):
      state, _ = step(state, batch, _KEY)
    logits = jax.jit(functools.partial(world_model.score_actions, model))(
        state.params, batch.obs_t, batch.actions
    )[:, : toy.NUM_BINS, 0]
    best = np.argmax(logits, axis=1)
    success = batch.outcomes.signals[np.arange(8), best, 0]
    self.assertGreater(success.mean(), 0.9)


if __name__ == "__main__":
  absltest.main()
