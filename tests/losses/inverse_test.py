"""Tests for `jepa/losses/inverse.py`."""

from absl.testing import absltest
from absl.testing import parameterized
import chex
import jax
from jepa.losses import inverse
import numpy as np


def numpy_cross_entropy(logits, label):
  """The definition for one example, in float64."""
  logits = np.float64(logits)
  return np.log(np.sum(np.exp(logits))) - logits[label]


_kind_loss = jax.jit(jax.value_and_grad(inverse.kind_loss))
_site_loss = jax.jit(jax.value_and_grad(inverse.site_loss))


def make_batch(seed=0):
  """Four states of five actions and six nodes, kinds of seven."""
  rng = np.random.default_rng(seed)
  return {
      "kind_logits": np.float32(rng.normal(size=(4, 5, 7))),
      "site_logits": np.float32(rng.normal(size=(4, 5, 6))),
      "kind": rng.integers(7, size=(4, 5)),
      "site": rng.integers(6, size=(4, 5)),
      "mask": rng.random((4, 5)) < 0.7,
      "node_mask": np.arange(6)[None, :] < np.array([6, 4, 1, 5])[:, None],
  }


class KindLossTest(parameterized.TestCase):

  def test_matches_numpy(self):
    batch = make_batch()
    logits, kind, mask = batch["kind_logits"], batch["kind"], batch["mask"]
    expected = np.mean(
        [numpy_cross_entropy(*pair) for pair in zip(logits[mask], kind[mask])]
    )
    actual, _ = _kind_loss(logits, kind, mask)
    np.testing.assert_allclose(actual, expected, rtol=1e-5)

  def test_padding_changes_nothing(self):
    batch = make_batch()
    logits, kind, mask = batch["kind_logits"], batch["kind"], batch["mask"]
    garbage = np.where(mask[..., None], logits, np.float32(1e6))
    chex.assert_trees_all_equal(
        _kind_loss(logits, kind, mask),
        _kind_loss(garbage, np.where(mask, kind, 0), mask),
    )

  def test_no_action_is_zero(self):
    batch = make_batch()
    loss, gradient = _kind_loss(
        batch["kind_logits"], batch["kind"], np.zeros((4, 5), bool)
    )
    self.assertEqual(loss, 0.0)
    np.testing.assert_array_equal(gradient, np.zeros((4, 5, 7)))


class SiteLossTest(parameterized.TestCase):

  def _of(self, batch):
    return _site_loss(
        batch["site_logits"],
        batch["site"],
        node_mask=batch["node_mask"],
        mask=batch["mask"],
    )

  def test_matches_numpy(self):
    batch = make_batch()
    losses = []
    for b, k in np.argwhere(batch["mask"]):
      length = batch["node_mask"][b].sum()
      logits, site = batch["site_logits"][b, k, :length], batch["site"][b, k]
      if site < length:
        losses.append(numpy_cross_entropy(logits, site))
    actual, _ = self._of(batch)
    np.testing.assert_allclose(actual, np.mean(losses), rtol=1e-5)

  def test_padding_changes_nothing(self):
    batch = make_batch()
    is_there = batch["mask"][:, :, None] & batch["node_mask"][:, None, :]
    logits = np.where(is_there, batch["site_logits"], np.float32(1e6))
    garbage = batch | {"site_logits": logits}
    chex.assert_trees_all_close(self._of(batch), self._of(garbage), rtol=1e-6)

  @parameterized.named_parameters(
      ("no_action", "mask", False),
      ("no_node", "node_mask", False),
      ("every_site_past_the_end", "site", 6),
  )
  def test_nothing_to_name_is_zero(self, name, value):
    batch = make_batch()
    batch[name] = np.full_like(batch[name], value)
    loss, gradient = self._of(batch)
    self.assertEqual(loss, 0.0)
    np.testing.assert_array_equal(gradient, np.zeros((4, 5, 6)))


if __name__ == "__main__":
  absltest.main()
