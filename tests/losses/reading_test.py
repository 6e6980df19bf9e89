"""Tests for `jepa/losses/reading.py`."""

from absl.testing import absltest
import jax
import jax.numpy as jnp
from jepa import types
from jepa.losses import reading
import numpy as np

_SURE, _UNSURE = 6.0, 0.5


def _outcomes(told):
  """Outcomes of one state with four actions, of which `told` are known."""
  mask = np.isin(np.arange(4), told)[None]
  signals = np.zeros((1, 4, 2), np.float32)
  signals[0, 1] = 0.25
  return types.Outcome(jnp.array(signals), jnp.array(mask))


def _read(logits, next_action, told=(1,), next_mask=(True, True)):
  return reading.believed_outcomes(
      _outcomes(told),
      jnp.asarray(logits, jnp.float32)[None, :, None].repeat(2, axis=-1),
      jnp.array(next_action)[None],
      jnp.array(next_mask)[None],
  )


class BelievedOutcomesTest(absltest.TestCase):

  def test_adds_what_is_read_for_sure_to_what_was_told(self):
    signals, mask = _read([_SURE, -_SURE], [3, 0])
    self.assertEqual(mask[0].tolist(), [True, True, False, True])
    chance = float(jax.nn.sigmoid(_SURE))
    np.testing.assert_allclose(signals[0, 3], chance, rtol=1e-5)
    np.testing.assert_allclose(signals[0, 0], 1 - chance, rtol=1e-3)
    self.assertEqual(signals[0, 1].tolist(), [0.25, 0.25])

  def test_believes_neither_doubt_nor_padding_nor_against_what_was_told(self):
    _, mask = _read([_UNSURE, -_UNSURE], [3, 0])
    self.assertEqual(mask[0].tolist(), [False, True, False, False])
    _, mask = _read([_SURE, _SURE], [3, 0], next_mask=(True, False))
    self.assertEqual(mask[0].tolist(), [False, True, False, True])
    signals, mask = _read([_SURE, _SURE], [1, 1])
    self.assertEqual(signals[0, 1].tolist(), [0.25, 0.25])
    self.assertEqual(mask[0].tolist(), [False, True, False, False])

  def test_no_gradient_passes(self):
    total = lambda x: _read(x, [3, 0]).signals.sum()
    self.assertEqual(jnp.abs(jax.grad(total)(jnp.ones(2) * 5.0)).sum(), 0.0)


if __name__ == "__main__":
  absltest.main()
