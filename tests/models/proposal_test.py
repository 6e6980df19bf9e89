"""Tests for `jepa/models/proposal.py`."""

from absl.testing import absltest
import chex
import jax
import jax.numpy as jnp
from jepa import input_pipeline
from jepa.models import proposal
from jepa.models import world_model
import ml_collections
import numpy as np
from tests import toy

_NUM_KINDS = len(toy.VOCABULARY.kinds)


def _make(with_proposal):
  config = ml_collections.ConfigDict()
  config.encoder = dict(width=16, depth=1, num_heads=2, num_queries=2)
  config.predictor = dict(hidden=16, depth=1, num_heads=2)
  config.head = dict(hidden=16)
  if with_proposal:
    config.proposal = dict(hidden=16)
  return world_model.make_world_model(config, toy.VOCABULARY)


class ProposalTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.batch = input_pipeline.collate(toy.examples(4), num_nodes=8)
    self.model = _make(with_proposal=True)
    self.params = self.model.init(jax.random.key(0), self.batch)
    noise = jax.random.normal(jax.random.key(1), (16, _NUM_KINDS))
    self.params["propose"]["params"]["Dense_1"]["kernel"] = noise
    self.latents = self.model.encode(self.params["encode"], self.batch.obs_t)
    self.proposed = self.model.propose(self.params["propose"], self.latents)

  def test_is_a_distribution_over_the_nodes_that_are_there(self):
    p = np.exp(self.proposed)
    self.assertEqual(p.shape, (4, 8, _NUM_KINDS))
    chex.assert_trees_all_close(p.sum((1, 2)), np.ones(4), rtol=1e-5)
    self.assertEqual(p[~self.batch.obs_t.mask].sum(), 0.0)

  def test_actions_of_one_place_and_kind_share_a_probability(self):
    actions = self.batch.actions
    found = proposal.of_actions(self.proposed, actions)
    for b, k in np.ndindex(*actions.kind.shape):
      place, kind = actions.site[b, k, 0], actions.kind[b, k]
      self.assertEqual(found[b, k], self.proposed[b, place, kind])

  def test_success_is_likelier_where_the_state_calls_for_the_action(self):
    score = lambda model, params: world_model.score_actions(
        model, params, self.batch.obs_t, self.batch.actions
    )
    without = score(_make(with_proposal=False), self.params)
    with_it = score(self.model, self.params)
    chex.assert_trees_all_close(without[..., 1:], with_it[..., 1:])
    even = np.log(self.batch.obs_t.mask.sum(-1) * _NUM_KINDS)[:, None]
    chex.assert_trees_all_close(
        with_it[..., 0] - without[..., 0],
        proposal.of_actions(self.proposed, self.batch.actions) + even,
        atol=1e-4,
    )

  def test_changes_nothing_before_it_is_trained(self):
    params = self.model.init(jax.random.key(0), self.batch)
    proposed = self.model.propose(params["propose"], self.latents)
    found = proposal.of_actions(proposed, self.batch.actions)
    even = -jnp.log(self.batch.obs_t.mask.sum(-1) * _NUM_KINDS)[:, None]
    chex.assert_trees_all_close(
        found, jnp.broadcast_to(even, found.shape), rtol=1e-5
    )


if __name__ == "__main__":
  absltest.main()
