"""Tests of layers against the definitions that they compute faster."""

from absl.testing import absltest
from absl.testing import parameterized
from flax import linen as nn
import jax
import jax.numpy as jnp
from jepa import types
from jepa.models import attention
from jepa.models import embedding
from jepa.models import heads
from jepa.models import normalization
from jepa.models import predictor
import numpy as np

_NUM_NODES, _NUM_SYMBOLS, _WIDTH, _NUM_ARGS = 12, 7, 8, 3
_normal = nn.initializers.normal(1.0)


def _latents_and_actions(num_actions):
  rng = np.random.default_rng(0)
  mask = np.arange(_NUM_NODES)[None, :] < np.array([[12], [9]])
  start = rng.integers(9, size=(2, num_actions), dtype=np.int32)
  end = start + rng.integers(4, size=start.shape, dtype=np.int32)
  args = rng.integers(_NUM_SYMBOLS, size=(*start.shape, _NUM_ARGS))
  return types.Latents(
      z=rng.normal(size=(2, _WIDTH)).astype(np.float32),
      nodes=rng.normal(size=(*mask.shape, _WIDTH)).astype(np.float32),
      rows=rng.integers(_NUM_SYMBOLS, size=mask.shape),
      symbols=rng.normal(size=(2, _NUM_SYMBOLS, 5)).astype(np.float32),
      mask=mask,
  ), types.Action(
      kind=np.zeros_like(start), site=np.stack([start, end], axis=-1),
      args=args, mask=np.ones_like(start, bool),
  )


class LayersTest(parameterized.TestCase):

  def test_set_is_the_sum_of_members_that_are_not_padding(self):
    members = np.array([[3, 0, 3], [0, 0, 1]])
    module = embedding.SetEmbedding(5, 4, _normal)
    sums, params = module.init_with_output(jax.random.key(0), members)
    table = np.asarray(params["params"]["embedding"])
    np.testing.assert_allclose(
        sums, np.stack([2 * table[3], table[1]]), rtol=1e-6
    )
    of_arrays = {"params": {"embedding": table}}  # As a file is loaded.
    np.testing.assert_array_equal(module.apply(of_arrays, members), sums)

  def test_pair_is_a_dense_layer_on_both_states_and_the_change(self):
    z_t = jax.random.normal(jax.random.key(0), (2, 4))
    z_tp1 = jax.random.normal(jax.random.key(1), (2, 3, 4))
    pair, params = heads.Pair(5).init_with_output(
        jax.random.key(2), z_t, z_tp1
    )
    before = jnp.broadcast_to(z_t[:, None, :], z_tp1.shape)
    joined = jnp.concatenate([before, z_tp1, z_tp1 - before], axis=-1)
    dense = nn.Dense(5).apply(params, joined)
    np.testing.assert_allclose(pair, dense, atol=1e-5)

  def test_named_adds_up_the_arguments_that_say_what_a_node_says(self):
    latents, action = _latents_and_actions(5)
    weight = np.random.default_rng(1).normal(size=_NUM_ARGS)
    is_named = action.args[..., None] == latents.rows[:, None, None, :]
    is_named &= (action.args > 0)[..., None]
    np.testing.assert_allclose(
        predictor.named(action.args, latents.rows, jnp.float32(weight)),
        np.einsum("bkan,a->bkn", is_named, weight),
        atol=1e-5,
    )

  def test_lookup_is_attention_of_all_heads_at_once(self):
    latents, action = _latents_and_actions(5)
    x = jax.random.normal(jax.random.key(1), (2, 5, 6))
    lookup = predictor.Lookup(num_heads=2)
    seen, params = lookup.init_with_output(
        jax.random.key(0), x, latents, action
    )
    np.testing.assert_allclose(
        seen, _lookup(params["params"], x, latents, action), atol=1e-5
    )

  def test_layer_norm_is_that_of_flax(self):
    x = 3.0 + jax.random.normal(jax.random.key(0), (2, 3, 16))
    params = {"scale": jnp.arange(16.0), "bias": jnp.arange(16.0)[::-1]}
    np.testing.assert_allclose(
        normalization.LayerNorm().apply({"params": params}, x),
        nn.LayerNorm().apply({"params": params}, x),
        atol=1e-4,
    )

  @parameterized.parameters(_NUM_NODES // 2, 2 * _NUM_NODES)
  def test_site_is_a_dense_layer_on_what_is_looked_up(self, num_actions):
    latents, action = _latents_and_actions(num_actions)
    mapped, params = predictor.Site(6).init_with_output(
        jax.random.key(0), latents, action
    )
    sites = np.stack([
        [_site(latents, b, *site) for site in action.site[b]] for b in range(2)
    ])
    np.testing.assert_allclose(
        mapped, sites @ params["params"]["kernel"], atol=1e-5
    )


def _lookup(params, x, latents, action):
  """Attends with all heads in one product, as a paper would write it."""
  heads = lambda y: y.reshape(*y.shape[:2], 2, -1)
  q = heads(x @ params["q"]["kernel"] + params["q"]["bias"][None, None])
  k, v = (heads(latents.nodes @ params[name]["kernel"]) for name in "kv")
  distance = np.arange(_NUM_NODES)[None, None] - action.site[..., :1]
  near = params["distance"][:, attention.clip_distance(distance)]
  is_named = action.args[..., None] == latents.rows[:, None, None, :]
  is_named &= (action.args > 0)[..., None]
  scores = np.einsum("bkhd,bnhd->bhkn", q, k) / np.sqrt(q.shape[-1])
  scores += np.moveaxis(near, 0, 1)
  scores += np.einsum("bkan,ah->bhkn", is_named, params["same"])
  scores = np.where(latents.mask[:, None, None], scores, -np.inf)
  seen = np.einsum("bhkn,bnhd->bkhd", jax.nn.softmax(scores), v)
  return seen.reshape(*x.shape[:2], -1)


def _site(latents, b, start, end):
  """Looks one site up, node by node."""
  nodes, last = latents.nodes[b], latents.mask[b].sum() - 1
  at = lambda i: nodes[min(max(i, 0), last)]
  span = nodes[start:end].sum(axis=0) / max(end - start, 1)
  return np.concatenate([at(start - 1), at(start), at(end - 1), at(end), span])


if __name__ == "__main__":
  absltest.main()
