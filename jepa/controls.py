"""Controls: what a model that uses the action must lose when it is spoiled.

Each maps a batch to a batch of the same shapes, and leaves the state, the
outcomes and the next states as they are.
"""

from collections.abc import Callable

import chex
import jax
import jax.numpy as jnp
from jepa import types

Control = Callable[[types.Branch, chex.PRNGKey], types.Branch]


def none(branch: types.Branch, key: chex.PRNGKey) -> types.Branch:
  """The batch as it is."""
  del key
  return branch


def no_action(branch: types.Branch, key: chex.PRNGKey) -> types.Branch:
  """All candidates look alike: no kind, no place, no argument."""
  del key
  blank = jax.tree.map(jnp.zeros_like, branch.actions)
  return branch._replace(actions=blank._replace(mask=branch.actions.mask))


def shuffled_action(branch: types.Branch, key: chex.PRNGKey) -> types.Branch:
  """Candidates trade places among those of the same state."""
  mask = branch.actions.mask
  noise = jax.random.uniform(key, mask.shape)
  # Padding sorts last, so the permutation moves real candidates only.
  order = jnp.argsort(jnp.where(mask, noise, 2.0), axis=1)  # [B, K]

  def permute(x):
    index = order.reshape(order.shape + (1,) * (x.ndim - 2))
    return jnp.take_along_axis(x, index, axis=1)

  shuffled = jax.tree.map(permute, branch.actions)
  return branch._replace(actions=shuffled._replace(mask=mask))


CONTROLS: dict[str, Control] = {
    "none": none,
    "no_action": no_action,
    "shuffled_action": shuffled_action,
}
