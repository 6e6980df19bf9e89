"""Readers: what looks at programs and actions through a world model."""

import hashlib
import os

import jax
import jax.numpy as jnp
from jepa import checkpoint
from jepa import encoding
from jepa import types
from jepa.domains import base
from jepa.domains.orb import observation
from jepa.domains.orb import verdict as verdict_lib
from jepa.models import world_model
from jepa.planning.advisors import reading
import ml_collections
import numpy as np

# Nobody has asked the compiler: advice is given before that.
UNJUDGED = verdict_lib.Verdict(compiles=True)

_NODE_STEP = 64
_CANDIDATE_STEP = 16
_BATCH = 8


def load_model(path: str) -> checkpoint.Exported:
  """Returns the model of a training run, or of the file that it wrote.

  Raises:
    FileNotFoundError, ManifestError, VocabularyError: see the checkpoint's.
  """
  if os.path.isdir(path):
    path = os.path.join(path, checkpoint.MODEL_FILE)
  return checkpoint.load_model(path)


def digest(params: types.Params) -> str:
  """Returns a hash of a model's parameters."""
  found = hashlib.sha256()
  for path, leaf in jax.tree_util.tree_leaves_with_path(params):
    found.update(jax.tree_util.keystr(path).encode())
    found.update(np.asarray(leaf, np.float32).tobytes())
  return found.hexdigest()[:16]


def make_reader(exported: checkpoint.Exported) -> reading.Reader:
  """Returns a function that reads many views with a trained model."""
  vocabulary = exported.vocabulary
  if vocabulary.world != "orb":
    raise base.VocabularyError(
        f"The advisors are about Orb programs; the model was trained on "
        f"{vocabulary.world!r}."
    )
  config = ml_collections.ConfigDict(exported.manifest["config"])
  model = world_model.make_world_model(config.model, vocabulary)
  return make_model_reader(model, exported.params, vocabulary)


def make_model_reader(
    model: world_model.WorldModel,
    params: types.Params,
    vocabulary: base.Vocabulary,
) -> reading.Reader:
  """Returns a function that reads many views with a model."""

  @jax.jit
  def read_batch(params, program, action):
    latents = model.encode(params["encode"], program)
    z_hat = model.predict(params["predict"], latents, action)
    logits = world_model.judge(model, params, latents, z_hat, action)
    return reading.Reading(latents.z, z_hat, _sites(latents, action), logits)

  def read(views):
    seen = [_observe(view) for view in views]
    # Programs of like size share a batch, and few shapes are compiled.
    order = sorted(range(len(seen)), key=lambda i: _sizes(seen[i]))
    readings: list[reading.Reading | None] = [None] * len(seen)
    for start in range(0, len(order), _BATCH):
      chosen = order[start : start + _BATCH]
      batch = [seen[i] for i in chosen]
      batch += [batch[-1]] * (_BATCH - len(batch))
      found = jax.device_get(read_batch(params, *_pad(batch, vocabulary)))
      for row, i in enumerate(chosen):
        count = len(seen[i][1])
        z, *rest = (x[row] for x in found)
        readings[i] = reading.Reading(z, *(x[:count] for x in rest))
    return readings

  return read


def _observe(view: reading.View):
  return observation.observe(
      view.program,
      UNJUDGED,
      intent=view.intent,
      focus=view.focus,
      actions=view.actions,
  )


def _sizes(seen) -> tuple[int, int]:
  state, candidates = seen
  return (
      _round_up(len(state.nodes), _NODE_STEP),
      _round_up(len(candidates), _CANDIDATE_STEP),
  )


def _pad(batch, vocabulary):
  """Returns the arrays of observations, padded to the largest of them."""
  num_nodes, num_candidates = np.max([_sizes(s) for s in batch], axis=0)
  num_symbols = observation.Room().num_symbols
  programs = [
      encoding.encode_observation(
          state,
          vocabulary,
          num_nodes=int(num_nodes),
          num_symbols=num_symbols,
      )
      for state, _ in batch
  ]
  actions = [
      encoding.encode_candidates(
          candidates, vocabulary, num_candidates=int(num_candidates)
      )
      for _, candidates in batch
  ]
  stack = lambda *xs: _widen(np.stack(xs))
  return (
      types.Program(**jax.tree.map(stack, *programs)),
      types.Action(**jax.tree.map(stack, *actions)),
  )


def _widen(x: np.ndarray) -> np.ndarray:
  return x.astype(np.int32) if x.dtype == np.int16 else x


def _sites(latents: types.Latents, action: types.Action):
  """Averages node latents over each action's site, shape `[B, K, D]`."""
  total = jnp.cumsum(latents.nodes, axis=1)
  total = jnp.pad(total, ((0, 0), (1, 0), (0, 0)))  # [B, N + 1, D]
  start, end = action.site[..., 0], action.site[..., 1]
  at = lambda i: jnp.take_along_axis(total, i[..., None], axis=1)
  length = jnp.maximum(end - start, 1)[..., None]
  return (at(end) - at(start)) / length


def _round_up(count: int, step: int) -> int:
  return max(step, -(-count // step) * step)
