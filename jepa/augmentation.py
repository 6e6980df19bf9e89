"""Augmentation: what training may change about a batch and leave true.

What things are called matters little for what the verifier will say, and names
are what a small dataset is memorised by.
"""

import chex
import jax
import jax.numpy as jnp
from jepa import types


def drop_symbols(
    branch: types.Branch, key: chex.PRNGKey, rate: float
) -> types.Branch:
  """Blanks some symbols, each in the state and in all states that follow.

  A blank symbol keeps its identity (nodes and arguments still share its row)
  and loses only its pieces.

  Args:
    branch: the batch.
    key: consumed.
    rate: the mean share of symbols that go blank, in [0, 0.5].
  """
  if not rate:
    return branch
  salt_key, rate_key = jax.random.split(key)
  shape = (len(branch.obs_t.symbols),)
  salt = jax.random.randint(salt_key, shape, 0, 1 << 16)
  # Some examples keep almost all names, and some almost none.
  rates = jax.random.uniform(rate_key, shape, maxval=min(2 * rate, 1.0))

  def drop(program: types.Program) -> types.Program:
    """Blanks `symbols`, shape `[B, ..., U, G]`."""
    x = program.symbols
    per_example = (-1,) + (1,) * (x.ndim - 2)
    own_salt = salt.reshape(per_example).astype(jnp.uint32)
    # A symbol is told by its pieces, as rows differ from state to state.
    weights = 2 * jnp.arange(x.shape[-1], dtype=jnp.uint32) + 1
    number = (x.astype(jnp.uint32) * weights[(None,) * (x.ndim - 1)]).sum(-1)
    is_kept = _uniform(number, own_salt) >= rates.reshape(per_example)
    return program._replace(symbols=x * is_kept[..., None])

  return branch._replace(
      obs_t=drop(branch.obs_t), obs_next=drop(branch.obs_next)
  )


def _uniform(number: chex.Array, salt: chex.Array) -> chex.Array:
  """Hashes uint32s to [0, 1), as Knuth multiplies and Murmur mixes."""
  x = (number + salt) * jnp.uint32(2654435761)
  x = (x ^ (x >> 15)) * jnp.uint32(2246822519)
  x = (x ^ (x >> 13)) * jnp.uint32(3266489917)
  x ^= x >> 16
  return x.astype(jnp.float32) / 2.0**32
