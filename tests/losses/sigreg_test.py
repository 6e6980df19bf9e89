"""Tests for `jepa/losses/sigreg.py`."""

from absl.testing import absltest
from absl.testing import parameterized
import chex
import hypothesis
from hypothesis import strategies as st
import jax
import jax.numpy as jnp
from jepa import sharding
from jepa.losses import sigreg
import numpy as np


def numpy_sigreg(z, directions, num_knots=17, bound=3.0):
  """The definition in float64: the statistic and its gradient.

  Over the whole of `[-bound, bound]`, with complex exponentials, and one slice
  after another, so that it shares neither symmetry nor recurrence with what it
  judges.
  """
  z, directions = np.float64(z), np.float64(directions)
  t = np.linspace(-bound, bound, 2 * num_knots - 1)
  phi = np.exp(-0.5 * t**2)
  weights = np.full_like(t, t[1] - t[0])
  weights[[0, -1]] /= 2
  weights *= phi
  loss, gradient = 0.0, np.zeros_like(z)
  for direction in directions:
    waves = np.exp(1j * (z @ direction)[:, None] * t[None, :])
    gap = waves.mean(axis=0) - phi
    loss += len(z) * weights @ np.abs(gap) ** 2
    slope = 2 * np.real(1j * waves * np.conj(gap)[None, :]) @ (weights * t)
    gradient += slope[:, None] * direction[None, :]
  return loss / len(directions), gradient / len(directions)


def relative_error(actual, expected):
  return np.linalg.norm(actual - expected) / np.linalg.norm(expected)


def gaussian(seed, *shape):
  return jax.random.normal(jax.random.key(seed), shape)


_SETTINGS = ("num_slices", "num_knots", "bound")
_value = jax.jit(sigreg.sliced_sigreg, static_argnames=_SETTINGS)
_value_and_grad = jax.jit(
    jax.value_and_grad(sigreg.sliced_sigreg), static_argnames=_SETTINGS
)


class SlicedSigregTest(parameterized.TestCase):

  @parameterized.named_parameters(
      ("gaussian", 64, 1.0, 0.0),
      ("nearly_collapsed", 64, 0.05, 0.0),
      ("shifted", 64, 3.0, 1.0),
      ("spread", 64, 20.0, 0.0),
      ("slices_overflow_a_chunk", 70, 1.0, 0.0),
  )
  def test_matches_numpy(self, num_slices, scale, shift):
    z = scale * gaussian(0, 128, 16) + shift
    key = jax.random.key(1)
    loss, gradient = _value_and_grad(z, key, num_slices=num_slices)
    directions = sigreg.unit_directions(key, num_slices, 16)
    expected_loss, expected_gradient = numpy_sigreg(z, directions)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-6)
    self.assertLess(relative_error(gradient, expected_gradient), 1e-5)

  @parameterized.parameters((2, 1.0), (18, 4.0))
  def test_matches_numpy_on_other_knots(self, num_knots, bound):
    z, key = 2 * gaussian(0, 64, 4), jax.random.key(1)
    loss, gradient = _value_and_grad(
        z, key, num_slices=8, num_knots=num_knots, bound=bound
    )
    directions = sigreg.unit_directions(key, 8, 4)
    expected = numpy_sigreg(z, directions, num_knots, bound)
    np.testing.assert_allclose(loss, expected[0], rtol=1e-6)
    self.assertLess(relative_error(gradient, expected[1]), 1e-5)

  def test_value_alone_equals_value_with_gradient(self):
    z, key = gaussian(0, 64, 8), jax.random.key(1)
    expected, _ = _value_and_grad(z, key)
    np.testing.assert_allclose(_value(z, key), expected, rtol=1e-6)

  def test_floor_and_ceiling(self):
    """Tests the two ends of the scale against the facts about them."""
    self.assertAlmostEqual(sigreg.NULL_FLOOR, 1.0525, places=4)
    self.assertAlmostEqual(sigreg.COLLAPSE_VALUE, 0.4020, places=4)
    collapsed = _value(jnp.zeros((64, 8)), jax.random.key(0))
    np.testing.assert_allclose(
        collapsed, 64 * sigreg.COLLAPSE_VALUE, rtol=1e-6
    )
    keys = jax.random.split(jax.random.key(1), 400)
    values = [_value(gaussian(i, 64, 8), key) for i, key in enumerate(keys)]
    np.testing.assert_allclose(np.mean(values), sigreg.NULL_FLOOR, rtol=0.05)

  @parameterized.named_parameters(
      ("collapsed", lambda z: 0.0 * z),
      ("shifted", lambda z: z + 2.0),
      ("low_rank", lambda z: z.at[:, 1:].set(0.0)),
      ("scaled", lambda z: 3.0 * z),
      ("shrunk", lambda z: 0.3 * z),
      ("heavy_tailed", lambda z: z**3),
  )
  def test_is_larger_off_the_gaussian(self, corrupt):
    z, key = gaussian(0, 64, 8), jax.random.key(1)
    self.assertGreater(
        _value(corrupt(z), key),
        2 * _value(z, key),
    )

  def test_descent_makes_latents_gaussian(self):
    z = gaussian(0, 128, 16) * jnp.linspace(0.3, 1.5, 16)[None, :] + 1.0
    for key in jax.random.split(jax.random.key(1), 100):
      z -= 8 * _value_and_grad(z, key, num_slices=64)[1]
    np.testing.assert_allclose(np.mean(z, axis=0), np.zeros(16), atol=0.1)
    np.testing.assert_allclose(np.var(z, axis=0), np.ones(16), atol=0.3)

  def test_rejects_what_is_no_batch_of_latents(self):
    key = jax.random.key(0)
    with self.assertRaises(AssertionError):
      _value(jnp.zeros((2, 3, 4)), key)
    with self.assertRaises(AssertionError):
      _value(jnp.zeros((2, 3)), key, mask=jnp.ones((3,), bool))
    with self.assertRaisesRegex(ValueError, "num_knots >= 2"):
      _value(jnp.zeros((2, 3)), key, num_knots=1)


class MaskTest(parameterized.TestCase):

  @hypothesis.settings(max_examples=20, deadline=None)
  @hypothesis.given(
      st.lists(st.booleans(), min_size=12, max_size=12).filter(any)
  )
  def test_masked_rows_are_as_good_as_absent(self, mask):
    mask = np.array(mask)
    z, key = np.array(2 * gaussian(0, 12, 4)), jax.random.key(1)
    padded = np.where(mask[:, None], z, np.nan)
    loss, gradient = _value_and_grad(padded, key, num_slices=16, mask=mask)
    gradient = np.array(gradient)
    directions = sigreg.unit_directions(key, 16, 4)
    expected_loss, expected_gradient = numpy_sigreg(z[mask], directions)
    # Two sums of float32 in another order: an ulp or so each.
    np.testing.assert_allclose(loss, expected_loss, rtol=4e-6)
    self.assertLess(relative_error(gradient[mask], expected_gradient), 1e-5)
    np.testing.assert_array_equal(gradient[~mask], np.zeros_like(z[~mask]))

  def test_no_row_at_all_is_zero(self):
    loss, gradient = _value_and_grad(
        np.array(gaussian(0, 12, 4)),
        jax.random.key(1),
        num_slices=16,
        mask=np.zeros((12,), bool),
    )
    self.assertEqual(loss, 0.0)
    np.testing.assert_array_equal(gradient, np.zeros((12, 4)))


class PrecisionTest(parameterized.TestCase):

  def test_computes_in_float32(self):
    """Tests that only the rounding of the latents themselves is lost."""
    z, key = gaussian(0, 64, 8).astype(jnp.bfloat16), jax.random.key(1)
    loss, gradient = _value_and_grad(z, key)
    rounded = z.astype(jnp.float32)
    expected, slope = _value_and_grad(rounded, key)
    self.assertEqual(loss.dtype, jnp.float32)
    self.assertEqual(loss, expected)
    self.assertEqual(gradient.dtype, jnp.bfloat16)
    chex.assert_trees_all_equal(gradient, slope.astype(jnp.bfloat16))


class GlobalBatchTest(parameterized.TestCase):

  def test_sharded_batch_is_one_batch(self):
    """Tests a batch whose halves, one a device, are far apart."""
    z = 0.5 * gaussian(0, 64, 8)
    z, key = z.at[:32].add(1.0).at[32:].add(-1.0), jax.random.key(1)
    mask = jnp.arange(64) % 3 > 0
    data = sharding.make_shardings().data
    self.assertGreater(jax.device_count(), 1)
    sharded = jax.device_put((z, mask), data)
    program = _value_and_grad.lower(
        sharded[0], key, num_slices=130, mask=sharded[1]
    ).compile()
    loss, gradient = program(sharded[0], key, mask=sharded[1])

    directions = sigreg.unit_directions(key, 130, 8)
    of = lambda rows: numpy_sigreg(z[rows], directions)
    expected_loss, expected_gradient = of(np.flatnonzero(mask))
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-6)
    gradient_of_rows = np.array(gradient)[np.array(mask)]
    self.assertLess(relative_error(gradient_of_rows, expected_gradient), 1e-5)
    # The statistic of each device's half, averaged, would be another.
    halves = (of(np.arange(32))[0] + of(np.arange(32, 64))[0]) / 2
    self.assertGreater(halves, 1.5 * expected_loss)
    # Sums cross devices; latents stay where they are.
    self.assertTrue(gradient.sharding.is_equivalent_to(data, 2))
    self.assertIn("all-reduce", program.as_text())
    self.assertNotIn("all-gather", program.as_text())


class MemoryTest(parameterized.TestCase):

  def test_keeps_nothing_of_batch_by_slices_by_knots(self):
    lowered = _value_and_grad.lower(
        jnp.zeros((4096, 256)), jax.random.key(0), num_slices=1024
    )
    memory = lowered.compile().memory_analysis()
    # The plain program needs 872 MB here, most of it residuals of autodiff.
    self.assertLess(memory.temp_size_in_bytes, 64e6)


if __name__ == "__main__":
  absltest.main()
