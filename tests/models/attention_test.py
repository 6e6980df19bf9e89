"""Tests of attention: two ways to compute one thing."""

from absl.testing import absltest
import chex
import jax
import jax.numpy as jnp
from jepa.models import attention


def _arrays(key, batch_size=3, num_nodes=5, num_heads=2, width=4):
  keys = jax.random.split(key, 6)
  shape = (batch_size, num_nodes, num_heads, width)
  q, k, v = (jax.random.normal(x, shape) for x in keys[:3])
  gate = jax.random.normal(keys[3], (batch_size, num_heads, num_nodes, 1))
  is_same = jax.random.bernoulli(keys[4], 0.3, (batch_size,) + (num_nodes,) * 2)
  mask = jnp.arange(num_nodes)[None, :] < jnp.array([5, 3, 1])[:, None]
  bias = jax.random.normal(keys[5], (num_heads, num_nodes, num_nodes))
  return (q, k, v, gate), (is_same, mask), bias


class AttendTest(absltest.TestCase):

  def test_one_by_one_is_all_at_once(self):
    trained, fixed, bias = _arrays(jax.random.key(0))

    def loss(attend, trained, bias):
      return (attend(*trained, *fixed, bias=bias) ** 2).sum()

    results = [
        jax.value_and_grad(loss, argnums=(1, 2))(attend, trained, bias)
        for attend in (attention.attend, attention.attend_one_by_one)
    ]
    chex.assert_trees_all_close(*results, rtol=1e-4, atol=1e-5)

  def test_padding_is_not_attended_to(self):
    (q, k, v, gate), (is_same, mask), bias = _arrays(jax.random.key(1))
    hidden = ~mask[:, :, None, None]
    found = [
        attention.attend(
            q,
            jnp.where(hidden, noise, k),
            jnp.where(hidden, noise, v),
            gate,
            is_same,
            mask,
            bias,
        )
        for noise in (0.0, 7.0)
    ]
    chex.assert_trees_all_close(*found)


if __name__ == "__main__":
  absltest.main()
