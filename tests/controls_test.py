"""Tests for `jepa/controls.py`."""

from absl.testing import absltest
import chex
import jax
from jepa import controls
from jepa import input_pipeline
import numpy as np
from tests import toy


class ControlsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.batch = input_pipeline.collate(toy.examples(16), num_nodes=8)
    self.key = jax.random.key(0)

  def test_only_actions_are_spoiled(self):
    for name, control in controls.CONTROLS.items():
      with self.subTest(name):
        spoiled = control(self.batch, self.key)
        chex.assert_trees_all_equal_shapes(spoiled, self.batch)
        chex.assert_trees_all_equal(
            spoiled._replace(actions=None), self.batch._replace(actions=None)
        )

  def test_no_action_makes_candidates_alike(self):
    actions = controls.no_action(self.batch, self.key).actions
    for x in (actions.kind, actions.site, actions.args):
      self.assertEqual(np.ptp(np.asarray(x)), 0)

  def test_shuffling_permutes_real_candidates_within_a_state(self):
    actions = controls.shuffled_action(self.batch, self.key).actions
    n = toy.NUM_BINS
    before, after = self.batch.actions.site[:, :n], actions.site[:, :n]
    self.assertFalse(np.array_equal(before, after))
    np.testing.assert_array_equal(
        np.sort(before[..., 0]), np.sort(after[..., 0])
    )


if __name__ == "__main__":
  absltest.main()
