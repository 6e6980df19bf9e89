"""Graph network on the wiring: who hears whom, the traits being fixed.

Traits pass messages along their wires, in both directions; a candidate wire is
scored from the two traits that it would join. Candidates are all ordered pairs,
row by row: `C = T * T`.
"""

import functools

import jax
import jax.numpy as jnp
from jepa.baselines.orb import baseline


@functools.cache  # One object, so that it is compiled once.
def make(hidden: int = 32, rounds: int = 2) -> baseline.Baseline:
  """Returns the baseline; it uses `Composition.nodes` and `.wires`."""

  def init(key, inputs, num_candidates):
    del num_candidates  # As many as there are pairs.
    keys = jax.random.split(key, 3 + rounds)
    normal = lambda key, shape: jax.random.normal(key, shape) / shape[0] ** 0.5
    return {
        "embed": normal(keys[0], (inputs.nodes.shape[2], hidden)),
        "rounds": [normal(k, (3 * hidden, hidden)) for k in keys[3:]],
        "pair": normal(keys[1], (hidden, hidden)),
        "source": normal(keys[2], (hidden,)) * 0.1,
        "target": jnp.zeros(hidden),
    }

  def score(params, inputs):
    x = inputs.nodes @ params["embed"]  # [B, T, H]
    heard, hears = _share(inputs.wires), _share(inputs.wires.mT)
    for weights in params["rounds"]:
      near = jnp.concatenate([x, heard @ x, hears @ x], axis=-1)
      x = x + jax.nn.gelu(near @ weights)
    pairs = (x @ params["pair"]) @ x.mT / hidden**0.5  # [B, T, T]
    pairs += (x @ params["source"])[:, :, None]
    pairs += (x @ params["target"])[:, None, :]
    return pairs.reshape(x.shape[0], -1)

  return baseline.Baseline(init=init, score=score)


def _share(wires):
  """Divides each row by its sum, so that messages are averaged."""
  return wires / jnp.maximum(wires.sum(axis=-1, keepdims=True), 1.0)
