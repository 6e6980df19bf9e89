"""Runs a trained model over whole splits, with and without its actions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
import functools
import json
from typing import Any, NamedTuple

import jax
from jepa import checkpoint
from jepa import controls
from jepa import input_pipeline
from jepa import types
from jepa.domains import base
from jepa.models import world_model
import ml_collections
import numpy as np

_BATCH_SIZE = 16
_BUCKETS = (64, 128, 192)  # Lengths that batches are trimmed to.


class Encoded(NamedTuple):
  """What a model makes of B branches.

  z_t: `[B, D]`; z_next: `[B, J, D]`.
  z_tp1_hat: `[B, K, D]`, predicted after each action.
  logits: `[B, K, S]` by control; "none" is the model itself.
  """
  z_t: Any
  z_next: Any
  z_tp1_hat: Any
  logits: Mapping[str, Any]


Run = Callable[
    [types.Params, Sequence[Any]], tuple[types.Branch, Encoded, list[str]]
]


def run(
    exported: checkpoint.Exported, examples: Sequence[Any]
) -> tuple[types.Branch, Encoded, list[str]]:
  """Runs a trained model once; see `make_run`.

  One that was trained blind to the action is judged blind to it.
  """
  config = ml_collections.ConfigDict(exported.manifest["config"])
  run_once = make_run(config.model, exported.vocabulary)
  batch, encoded, origins = run_once(exported.params, examples)
  if config.get("control") == "no_action":
    logits = {**encoded.logits, "none": encoded.logits["no_action"]}
    encoded = encoded._replace(logits=logits)
  return batch, encoded, origins


def make_run(
    config: ml_collections.ConfigDict, vocabulary: base.Vocabulary
) -> Run:
  """Returns what runs a model, compiled once, with whatever parameters.

  Models of one architecture share what is compiled.

  It returns the branches of its examples, what the model sees, and their
  origins. The rows are in an order of their own: programs of like length share
  a batch. Without any example, it raises ValueError.

  Args:
    config: `config.model` of the experiment.
    vocabulary: of its world.
  """
  forward = _make_forward(config.to_json(sort_keys=True), vocabulary)
  return lambda params, examples: _run(forward, params, examples)


def _run(forward, params, examples):
  if not len(examples):
    raise ValueError("There is no branch to evaluate a model on.")
  batches, encoded, origins = [], [], []
  for i, (part, num_nodes) in enumerate(_parts(examples)):
    batch = input_pipeline.collate(_filled(part), num_nodes)
    seen = jax.device_get(forward(params, batch, jax.random.key(i)))
    keep = functools.partial(jax.tree.map, lambda x, n=len(part): x[:n])
    batches.append(_without_next(keep(batch)))
    encoded.append(keep(seen))
    origins += [_text(x["origin"]) for x in part]
  stack = lambda *xs: np.concatenate(xs)
  return (
      jax.tree.map(stack, *batches), jax.tree.map(stack, *encoded), origins
  )


@functools.lru_cache(maxsize=4)
def _make_forward(config: str, vocabulary: base.Vocabulary):
  """Returns the jitted pass of the model that the JSON text describes."""
  config = ml_collections.ConfigDict(json.loads(config))
  model = world_model.make_world_model(config, vocabulary)

  @jax.jit
  def forward(params, batch: types.Branch, key) -> Encoded:
    latents = model.encode(params["encode"], batch.obs_t)
    z_hat, logits = {}, {}
    for name, control in controls.CONTROLS.items():
      actions = control(batch, key).actions
      z_hat[name] = model.predict(params["predict"], latents, actions)
      logits[name] = world_model.judge(
          model, params, latents, z_hat[name], actions
      )
    flat = jax.tree.map(
        lambda x: x.reshape(-1, *x.shape[2:]), batch.obs_next
    )
    z_next = model.encode(params["encode"], flat).z
    z_next = z_next.reshape(*batch.next_mask.shape, -1)
    return Encoded(latents.z, z_next, z_hat["none"], logits)

  return forward


def _parts(examples) -> Iterator[tuple[list[Any], int]]:
  """Yields examples of like length, and the length that holds them."""
  source = input_pipeline.make_source(examples)
  room = examples[0]["obs_t"]["mask"].shape[-1]
  order = np.argsort(source.lengths, kind="stable")
  for start in range(0, len(order), _BATCH_SIZE):
    ids = order[start : start + _BATCH_SIZE]
    longest = int(source.lengths[ids].max())
    num_nodes = input_pipeline.trimmed_length(longest, _BUCKETS, room)
    yield [examples[int(i)] for i in ids], num_nodes


def _filled(part: list[Any]) -> list[Any]:
  """Repeats the last example, so that every batch has the same size."""
  return part + part[-1:] * (_BATCH_SIZE - len(part))


def _without_next(batch: types.Branch) -> types.Branch:
  """Leaves out the nodes, whose lengths differ between batches."""
  nothing = lambda p: p._replace(nodes=None, mask=None)
  return batch._replace(
      obs_t=nothing(batch.obs_t),
      obs_next=batch.obs_next._replace(symbols=None, nodes=None, mask=None),
  )


def _text(value: str | bytes) -> str:
  return value.decode() if isinstance(value, bytes) else str(value)
