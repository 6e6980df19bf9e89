"""Tests for `jepa/losses/straightening.py`."""

from absl.testing import absltest
from absl.testing import parameterized
import chex
import jax
import jax.numpy as jnp
from jepa.losses import straightening
import numpy as np

_value_and_grad = jax.jit(
    jax.value_and_grad(straightening.straightening_loss)
)


def make_batch(seed=0):
  rng = np.random.default_rng(seed)
  z = np.float32(rng.normal(size=(6, 5, 3)))
  return z, np.arange(5)[None, :] < np.array([5, 4, 3, 2, 1, 0])[:, None]


def numpy_straightening(z, mask):
  """The definition: one corner of one path after another."""
  bends = []
  for path, there in zip(np.float64(z), mask):
    path = path[there]
    for a, b, c in zip(path, path[1:], path[2:]):
      norms = np.linalg.norm(b - a) * np.linalg.norm(c - b)
      bends.append(1 - (b - a) @ (c - b) / norms)
  return np.mean(bends)


class StraighteningTest(parameterized.TestCase):

  def test_matches_numpy(self):
    z, mask = make_batch()
    actual, _ = _value_and_grad(z, mask)
    expected = numpy_straightening(z, mask)
    np.testing.assert_allclose(actual, expected, rtol=1e-5)

  @parameterized.named_parameters(
      ("straight", [0.0, 1.0, 2.0, 3.0], 0.0),
      ("back_and_forth", [0.0, 1.0, 0.0, 1.0], 2.0),
      ("still", [1.0, 1.0, 1.0, 1.0], 1.0),
  )
  def test_of_paths_on_a_line(self, places, expected):
    z = np.zeros((6, 5, 3), np.float32)
    z[:, :4] = np.array(places)[None, :, None]
    actual, _ = _value_and_grad(z, np.ones((6, 5), bool) & (np.arange(5) < 4))
    np.testing.assert_allclose(actual, expected, atol=1e-5)

  def test_padding_changes_nothing(self):
    z, mask = make_batch()
    garbage = np.where(mask[..., None], z, np.float32(1e3))
    chex.assert_trees_all_close(
        _value_and_grad(z, mask), _value_and_grad(garbage, mask), rtol=1e-6
    )

  @parameterized.named_parameters(
      ("all_masked", 1.0, False), ("still", 0.0, True)
  )
  def test_gradient_is_finite(self, scale, is_there):
    z, mask = make_batch()
    chex.assert_tree_all_finite(
        _value_and_grad(np.float32(scale) * z, mask & is_there)
    )

  def test_rejects_paths_too_short_to_bend(self):
    with self.assertRaises(AssertionError):
      straightening.straightening_loss(
          jnp.zeros((1, 2, 3)), jnp.ones((1, 2), bool)
      )


if __name__ == "__main__":
  absltest.main()
