"""Trains judges, the small networks that score an advisor's features.

A judge is trained as the baselines are, and is of the same make, so that what
an advisor gains over them comes from what it looks at.
"""

import functools

import chex
import jax
import jax.numpy as jnp
from jepa.baselines.orb import baseline
from jepa.baselines.orb import inputs as inputs_lib
from jepa.planning.advisors import judge as judge_lib
import numpy as np

SETTINGS = baseline.Settings(
    num_steps=300, learning_rate=5e-3, weight_decay=0.1
)

_HIDDEN = 32


@functools.cache
def make(*, is_binary: bool) -> baseline.Baseline:
  """Returns the network, from features `[B, C, F]` to scores `[B, C]`.

  Yes and no (`is_binary`) is a choice between one candidate and a second one
  that always scores 0. Choices have few examples: they are judged linearly.
  """
  hidden = _HIDDEN if is_binary else 0

  def init(key, inputs, num_candidates):
    del num_candidates
    num_features = inputs.shape[-1]
    shape = (num_features, hidden)
    return {
        "in": jax.random.normal(key, shape) / num_features**0.5,
        "shift": jnp.zeros(hidden),
        "out": jnp.zeros(hidden),
        "linear": jnp.zeros(num_features),
        "bias": jnp.zeros(()),
    }

  def score(params, inputs):
    x = jax.nn.gelu(inputs @ params["in"] + params["shift"][None, None])
    logits = x @ params["out"] + inputs @ params["linear"] + params["bias"]
    if is_binary:
      logits = jnp.concatenate([logits, jnp.zeros_like(logits)], axis=1)
    return logits

  return baseline.Baseline(init=init, score=score)


def fit_choice(
    key: chex.PRNGKey,
    train: tuple[np.ndarray, inputs_lib.Choice],
    validation: tuple[np.ndarray, inputs_lib.Choice],
) -> judge_lib.Judge:
  """Fits a judge of candidates: features `[n, C, F]`."""
  return _fit(make(is_binary=False), key, train, validation)


def fit_binary(
    key: chex.PRNGKey,
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
) -> judge_lib.Judge:
  """Fits a judge of yes and no: features `[n, F]`, labels `[n]` bool."""
  return _fit(
      make(is_binary=True), key, _as_choice(*train), _as_choice(*validation)
  )


def _as_choice(features, labels):
  labels = np.asarray(labels, np.float32)
  both = np.stack([labels, 1.0 - labels], axis=1)
  choice = inputs_lib.Choice(labels=both, mask=np.ones_like(both, bool))
  return np.asarray(features)[:, None], choice


def _fit(network, key, train, validation):
  features, choice = train
  # A binary judge has one row of features for its two answers.
  is_there = choice.mask[:, : features.shape[1]]
  known = features[is_there]
  mean, scale = known.mean(axis=0), known.std(axis=0)
  scale = np.where(scale > 1e-6, scale, np.inf).astype(np.float32)
  judge = judge_lib.Judge(None, mean.astype(np.float32), scale)
  params = baseline.fit(
      network,
      SETTINGS,
      key,
      (judge_lib.standardise(judge, features), choice),
      (judge_lib.standardise(judge, validation[0]), validation[1]),
  )
  return judge._replace(params=jax.device_get(params))
