"""Tests for `jepa/losses/prediction.py`."""

from absl.testing import absltest
from absl.testing import parameterized
import chex
import jax
import jax.numpy as jnp
from jepa.losses import prediction
import numpy as np


def numpy_distance(x, y, distance):
  """The definition for two vectors, in float64."""
  x, y = np.float64(x), np.float64(y)
  gap = np.abs(x - y)
  if distance == "squared":
    return np.mean(gap**2)
  if distance == "smooth_l1":
    return np.mean([0.5 * g**2 if g < 1 else g - 0.5 for g in gap])
  return 1 - x @ y / (np.linalg.norm(x) * np.linalg.norm(y))


_value_and_grad = jax.jit(
    jax.value_and_grad(prediction.prediction_loss), static_argnames="distance"
)


def batch(seed=0):
  rng = np.random.default_rng(seed)
  z_hat, z = np.float32(rng.normal(scale=1.5, size=(2, 4, 3, 5)))
  return z_hat, z, rng.random((4, 3)) < 0.6


class PredictionLossTest(parameterized.TestCase):

  @parameterized.parameters("squared", "smooth_l1", "cosine")
  def test_matches_numpy(self, distance):
    z_hat, z, mask = batch()
    expected = np.mean(
        [numpy_distance(*xy, distance) for xy in zip(z_hat[mask], z[mask])]
    )
    actual, _ = _value_and_grad(z_hat, z, mask, distance=distance)
    np.testing.assert_allclose(actual, expected, rtol=1e-5)

  @parameterized.parameters("squared", "smooth_l1", "cosine")
  def test_padding_changes_nothing(self, distance):
    z_hat, z, mask = batch()
    garbage = np.where(mask[:, :, None], z_hat, 1e6)
    chex.assert_trees_all_equal(
        _value_and_grad(z_hat, z, mask, distance=distance),
        _value_and_grad(garbage.astype(np.float32), z, mask, distance=distance),
    )

  @parameterized.product(
      distance=["squared", "smooth_l1", "cosine"],
      scale=[0.0, 1.0],
      is_observed=[False, True],
  )
  def test_gradient_is_finite(self, distance, scale, is_observed):
    z_hat, z, mask = batch()
    z_hat, z = np.float32(scale) * z_hat, np.float32(scale) * z
    loss, gradient = _value_and_grad(
        z_hat, z, mask & is_observed, distance=distance
    )
    chex.assert_tree_all_finite((loss, gradient))
    if not is_observed:
      self.assertEqual(loss, 0.0)

  def test_rejects_shapes_that_broadcast(self):
    with self.assertRaises(AssertionError):
      prediction.prediction_loss(
          jnp.zeros((4, 1, 2)), jnp.zeros((4, 3, 2)), jnp.ones((4, 3), bool)
      )

  def test_names_the_distances_there_are(self):
    z_hat, z, mask = batch()
    with self.assertRaisesRegex(ValueError, "'l7'.*'smooth_l1'"):
      prediction.prediction_loss(z_hat, z, mask, distance="l7")


if __name__ == "__main__":
  absltest.main()
