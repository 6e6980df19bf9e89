"""What a baseline is, and how all of them are trained.

A baseline maps what a program is composed of to a score for each of a list of
candidates. They differ in what they look at, and in nothing else.
"""

from collections.abc import Callable
import functools
from typing import Any, NamedTuple

import chex
import jax
import jax.numpy as jnp
from jepa.baselines.orb import inputs as inputs_lib
import numpy as np
import optax


class Baseline(NamedTuple):
  """Two pure functions.

  init: `(key, inputs, num_candidates) -> params`; `inputs` gives shapes only.
  score: `(params, inputs) -> [B, C]`, the higher the better.
  """
  init: Callable[[chex.PRNGKey, Any, int], Any]
  score: Callable[[Any, Any], chex.Array]


class Settings(NamedTuple):
  """How a baseline is trained: hashable, so that it can be static."""
  num_steps: int = 300
  learning_rate: float = 1e-2
  weight_decay: float = 1e-2


def choice_loss(logits: chex.Array, choice: inputs_lib.Choice) -> chex.Array:
  """Cross-entropy of the right candidates among all, a scalar.

  Rows without a right candidate do not count.
  """
  logits = jnp.where(choice.mask, logits, -1e9)
  right = jnp.where(choice.mask, choice.labels, 0.0)
  count = right.sum(axis=1)  # [B]
  cross = -(right * jax.nn.log_softmax(logits)).sum(axis=1)
  has_right = count > 0
  mean = jnp.where(has_right, cross / jnp.maximum(count, 1.0), 0.0)
  return mean.sum() / jnp.maximum(has_right.sum(), 1)


def fit(
    baseline: Baseline,
    settings: Settings,
    key: chex.PRNGKey,
    train: tuple[Any, inputs_lib.Choice],
    validation: tuple[Any, inputs_lib.Choice],
) -> Any:
  """Trains on the whole of `train`; keeps what is best on `validation`.

  Returns:
    Parameters after the step with the least loss on `validation`.
  """
  return _fit(baseline, settings, key, _pad(train), _pad(validation))


def _pad(examples):
  """Adds rows without any candidate, so that few shapes are compiled."""
  count = len(examples[1].labels)
  room = max(64, 1 << (count - 1).bit_length())
  pad = lambda x: np.pad(x, [(0, room - count)] + [(0, 0)] * (x.ndim - 1))
  return jax.tree.map(pad, examples)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _fit(baseline, settings, key, train, validation):
  inputs, choice = train
  params = baseline.init(key, inputs, choice.labels.shape[1])
  tx = optax.adamw(
      settings.learning_rate, weight_decay=settings.weight_decay
  )

  def loss(params, inputs, choice):
    return choice_loss(baseline.score(params, inputs), choice)

  def step(carry, _):
    params, opt_state, best, best_loss = carry
    now = loss(params, *validation)
    is_best = now < best_loss
    best = jax.tree.map(lambda p, b: jnp.where(is_best, p, b), params, best)
    grads = jax.grad(loss)(params, inputs, choice)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    return (params, opt_state, best, jnp.minimum(now, best_loss)), None

  start = (params, tx.init(params), params, jnp.inf)
  carry, _ = jax.lax.scan(step, start, length=settings.num_steps)
  return carry[2]
