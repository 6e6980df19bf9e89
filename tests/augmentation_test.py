"""Tests of augmentation."""

from absl.testing import absltest
import jax
import jax.numpy as jnp
from jepa import augmentation
from jepa import types
import numpy as np


def _branch(symbols):
  """A batch of states whose next states have the same symbols, reversed."""
  program = lambda x: types.Program(symbols=x, nodes=None, mask=None)
  return types.Branch(
      obs_t=program(symbols),
      actions=None,
      outcomes=None,
      obs_next=program(symbols[:, None, ::-1]),
      next_action=None,
      next_mask=None,
  )


class DropSymbolsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    pieces = jax.random.randint(jax.random.key(0), (8, 200, 5), 1, 4096)
    self.branch = _branch(pieces)

  def test_blanks_about_that_many_and_the_others_stay(self):
    dropped = augmentation.drop_symbols(self.branch, jax.random.key(1), 0.25)
    is_blank = (dropped.obs_t.symbols == 0).all(axis=-1)
    self.assertBetween(is_blank.mean(), 0.1, 0.4)
    self.assertLess(is_blank.mean(axis=-1).max(), 0.6)
    kept = np.where(is_blank[..., None], 0, self.branch.obs_t.symbols)
    np.testing.assert_array_equal(dropped.obs_t.symbols, kept)

  def test_blanks_the_same_symbols_in_next_states(self):
    dropped = augmentation.drop_symbols(self.branch, jax.random.key(1), 0.25)
    np.testing.assert_array_equal(
        dropped.obs_next.symbols[:, 0, ::-1], dropped.obs_t.symbols
    )

  def test_blanks_others_in_other_examples_and_with_other_keys(self):
    same = _branch(jnp.broadcast_to(self.branch.obs_t.symbols[:1], (8, 200, 5)))
    first, second = (
        augmentation.drop_symbols(same, jax.random.key(i), 0.5).obs_t.symbols
        for i in range(2)
    )
    self.assertTrue((first[0] != first[1]).any())
    self.assertTrue((first[0] != second[0]).any())

  def test_rate_zero_changes_nothing(self):
    dropped = augmentation.drop_symbols(self.branch, jax.random.key(1), 0.0)
    self.assertIs(dropped, self.branch)


if __name__ == "__main__":
  absltest.main()
