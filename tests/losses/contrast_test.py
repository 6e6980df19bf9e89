"""Tests for `jepa/losses/contrast.py`."""

from absl.testing import absltest
from absl.testing import parameterized
import chex
import jax
import jax.numpy as jnp
from jepa.losses import contrast
import numpy as np


def numpy_contrast(batch, temperature):
  """The definition: a loop over next states, whole distances, float64."""
  scales, losses = [], []
  for b, j in np.argwhere(batch["next_mask"]):
    step = np.float64(batch["z_next"][b, j]) - batch["z_t"][b]
    scales.append(step @ step)
  for b, j in np.argwhere(batch["next_mask"]):
    actions = np.flatnonzero(batch["action_mask"][b])
    own = batch["next_action"][b, j]
    if own not in actions or len(actions) < 2:
      continue
    gap = np.float64(batch["z_hat"][b, actions]) - batch["z_next"][b, j]
    logits = -np.sum(gap**2, axis=-1) / np.mean(scales) / temperature
    log_sum = np.log(np.sum(np.exp(logits - logits.max()))) + logits.max()
    losses.append(log_sum - logits[list(actions).index(own)])
  return np.mean(losses)


def make_batch(seed=0, size=8, num_actions=5, num_next=3, width=4):
  rng = np.random.default_rng(seed)
  normal = lambda *shape: np.float32(rng.normal(size=shape))
  return {
      "z_t": normal(size, width),
      "z_hat": normal(size, num_actions, width),
      "z_next": normal(size, num_next, width),
      "next_action": rng.integers(num_actions, size=(size, num_next)),
      "action_mask": rng.random((size, num_actions)) < 0.6,
      "next_mask": rng.random((size, num_next)) < 0.6,
  }


@jax.jit
def value_and_grad(batch):
  """Returns the loss and its gradients by the predictions and the targets."""
  loss = lambda latents: contrast.action_contrast_loss(**batch | latents)
  return jax.value_and_grad(loss)({k: batch[k] for k in ("z_hat", "z_next")})


class ActionContrastTest(parameterized.TestCase):

  @parameterized.parameters(0, 1, 2)
  def test_matches_numpy(self, seed):
    batch = make_batch(seed)
    actual, _ = value_and_grad(batch | {"temperature": 0.5})
    np.testing.assert_allclose(actual, numpy_contrast(batch, 0.5), rtol=1e-5)

  def test_a_blind_predictor_pays_log_k(self):
    batch = make_batch()
    batch["action_mask"][:] = True
    batch["z_hat"][:] = batch["z_hat"][:, :1]
    np.testing.assert_allclose(value_and_grad(batch)[0], np.log(5), rtol=1e-6)

  def test_knowing_the_outcome_beats_any_other_prediction(self):
    batch = make_batch(num_next=5)
    batch["next_action"][:] = np.arange(5)[None, :]
    guess, _ = value_and_grad(batch)
    batch["z_hat"] = batch["z_next"]
    self.assertLess(value_and_grad(batch)[0], 0.1 * guess)

  @parameterized.parameters(1e-1, 1e2)
  def test_does_not_depend_on_scale_or_origin(self, scale):
    batch = make_batch()
    moved = batch | {
        name: np.float32(scale) * batch[name] + 1
        for name in ("z_t", "z_hat", "z_next")
    }
    np.testing.assert_allclose(
        value_and_grad(moved)[0], value_and_grad(batch)[0], rtol=1e-3
    )

  def test_padding_changes_nothing(self):
    batch = make_batch()
    rows = {"z_hat": batch["action_mask"], "z_next": batch["next_mask"]}
    garbage = batch | {
        name: np.where(mask[..., None], batch[name], np.float32(1e3))
        for name, mask in rows.items()
    }
    garbage["next_action"] = np.where(
        batch["next_mask"], batch["next_action"], 99
    )
    chex.assert_trees_all_close(
        value_and_grad(batch), value_and_grad(garbage), rtol=1e-6
    )

  @parameterized.named_parameters(
      ("no_next_state", {"next_mask": False}),
      ("no_action", {"action_mask": False}),
      ("nothing_moves", {"z_t": 1.0, "z_hat": 1.0, "z_next": 1.0}),
      ("predictions_do_not_move", {"z_t": 1.0, "z_hat": 1.0}),
  )
  def test_gradient_is_finite(self, values):
    batch = make_batch()
    for name, value in values.items():
      batch[name] = np.full_like(batch[name], value)
    loss, gradient = value_and_grad(batch)
    chex.assert_tree_all_finite((loss, gradient))
    if "z_t" not in values:
      self.assertEqual(loss, 0.0)

  def test_one_action_teaches_nothing(self):
    batch = make_batch()
    batch["action_mask"][:] = np.eye(5, dtype=bool)[:1]
    batch["next_action"][:] = 0
    self.assertEqual(value_and_grad(batch)[0], 0.0)

  def test_rejects_a_mask_of_the_wrong_axis(self):
    batch = make_batch()
    with self.assertRaises(AssertionError):
      contrast.action_contrast_loss(
          **batch | {"next_mask": jnp.ones((8, 5), bool)}
      )


if __name__ == "__main__":
  absltest.main()
