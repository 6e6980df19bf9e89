"""Intent-conditioned MLP: what is wanted, by what is there.

Words and parts are embedded, and meet in a sum and in a product: the product
lets a word ask for a part in one company and not in another.
"""

import functools

import jax
import jax.numpy as jnp
from jepa.baselines.orb import baseline


@functools.cache  # One object, so that it is compiled once.
def make(hidden: int = 64) -> baseline.Baseline:
  """Returns the baseline; it uses `Composition.words` and `.parts`."""

  def init(key, inputs, num_candidates):
    keys = jax.random.split(key, 3)
    num_words, num_parts = inputs.words.shape[1], inputs.parts.shape[1]
    normal = lambda key, shape: 0.1 * jax.random.normal(key, shape)
    return {
        "words": normal(keys[0], (num_words, 2 * hidden)),
        "parts": normal(keys[1], (num_parts, 2 * hidden)),
        "direct": jnp.zeros((num_words + num_parts, num_candidates)),
        "out": normal(keys[2], (hidden, num_candidates)),
        "bias": jnp.zeros(num_candidates),
    }

  def score(params, inputs):
    wanted = jnp.split(inputs.words @ params["words"], 2, axis=1)
    there = jnp.split(inputs.parts @ params["parts"], 2, axis=1)
    x = jax.nn.gelu(wanted[0] + there[0] + wanted[1] * there[1])  # [B, H]
    both = jnp.concatenate([inputs.words, inputs.parts], axis=1)
    return x @ params["out"] + both @ params["direct"] + params["bias"][None]

  return baseline.Baseline(init=init, score=score)
