"""Linear co-occurrence: which kinds of parts go together.

The base composition of a program, as a logistic regression from the parts that
are there to the one that is wanted. It sees neither the intent nor the wiring.
"""

import functools

import jax.numpy as jnp
from jepa.baselines.orb import baseline


@functools.cache  # One object, so that it is compiled once.
def make() -> baseline.Baseline:
  """Returns the baseline; it uses `Composition.parts`."""

  def init(key, inputs, num_candidates):
    del key  # Nothing to break the symmetry of: the problem is convex.
    return {
        "weights": jnp.zeros((inputs.parts.shape[1], num_candidates)),
        "bias": jnp.zeros(num_candidates),
    }

  def score(params, inputs):
    return inputs.parts @ params["weights"] + params["bias"][None]

  return baseline.Baseline(init=init, score=score)
