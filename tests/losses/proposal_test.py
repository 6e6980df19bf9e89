"""Tests for `jepa/losses/proposal.py`."""

from absl.testing import absltest
import chex
import jax
import jax.numpy as jnp
from jepa.losses import proposal
import numpy as np


def _loss(log_p, success, mask=None):
  success = np.asarray(success, np.float32)
  mask = np.ones(success.shape, bool) if mask is None else np.asarray(mask)
  return proposal.proposal_loss(jnp.asarray(log_p), success[..., None], mask)


class ProposalLossTest(absltest.TestCase):

  def test_is_minus_the_mean_probability_of_successes(self):
    log_p = np.log([[0.5, 0.1, 0.25]])
    chex.assert_trees_all_close(
        _loss(log_p, [[1, 0, 1]]), -np.log((0.5 + 0.25) / 2), rtol=1e-6
    )

  def test_leaves_out_what_was_not_executed_and_branches_without_success(self):
    log_p = np.log([[0.5, 0.1], [0.2, 0.3]])
    loss = _loss(log_p, [[1, 1], [0, 0]], [[True, False], [True, True]])
    chex.assert_trees_all_close(loss, -np.log(0.5), rtol=1e-6)
    chex.assert_trees_all_close(_loss(log_p, np.zeros((2, 2))), 0.0)

  def test_gradient_is_finite_where_no_action_succeeds(self):
    grads = jax.grad(lambda x: _loss(x, np.zeros((2, 2))))(jnp.zeros((2, 2)))
    chex.assert_trees_all_close(grads, jnp.zeros((2, 2)))


if __name__ == "__main__":
  absltest.main()
