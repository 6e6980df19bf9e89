"""The training loop."""

from collections.abc import Callable, Sequence
import os
from typing import Any

from absl import logging
import jax
from jepa import checkpoint
from jepa import compiler
from jepa import controls
from jepa import input_pipeline
from jepa import manifest as manifest_lib
from jepa import metrics as metrics_lib
from jepa import optimizer
from jepa import sharding
from jepa import snapshots
from jepa import state as state_lib
from jepa import step as step_lib
from jepa import types
from jepa.domains import base
from jepa.models import world_model
import ml_collections


def train(
    config: ml_collections.ConfigDict,
    workdir: str,
    *,
    vocabulary: base.Vocabulary,
    examples: Sequence[Any],
    on_row: Callable[[dict[str, float]], None] | None = None,
    params: types.Params | None = None,
    probe: Callable[[types.Params], dict[str, float]] | None = None,
) -> state_lib.TrainState:
  """Trains to `config.num_steps`, resuming from `workdir` where it can.

  Writes `manifest.json`, `metrics.jsonl`, the same for TensorBoard,
  `checkpoints/` and, at the end, the model as one file for evaluation and
  repair.

  Args:
    config: see `configs/pretrain.py`.
    workdir: created where it is missing.
    vocabulary: of the world that the examples come from.
    examples: random access to what `jepa.datasets.features` describes.
    on_row: called with each row of metrics as it is written.
    params: where to start from; by default from nothing.
    probe: measures parameters on held-out branches, every
      `config.probe.every` steps and at the end.

  Raises:
    ValueError: parameters are to be frozen that no training has touched.
  """
  if config.frozen and params is None:
    raise ValueError(
        f"config.frozen={config.frozen} without parameters to start from: "
        "name a trained model in config.start_from."
    )
  os.makedirs(workdir, exist_ok=True)
  manifest = manifest_lib.make_manifest(config, vocabulary)
  manifest_lib.write(workdir, manifest)
  source = input_pipeline.make_source(examples, **config.labels)
  shardings = sharding.make_shardings()
  model = world_model.make_world_model(config.model, vocabulary)
  tx = optimizer.make_optimizer(config.optimizer, config.frozen)

  def init(key):
    spec = input_pipeline.collate([source.examples[0]], num_nodes=8)
    return state_lib.init_state(key, spec, model=model, tx=tx)

  init_key, step_key = jax.random.split(jax.random.key(config.seed))
  state = jax.jit(init, out_shardings=shardings.replicated)(init_key)
  if params is not None:
    state = state_lib.start_from(state, params)
  manager = snapshots.make_manager(workdir, **config.checkpoint)
  state = snapshots.restore_or(manager, state)

  train_step = compiler.jit(
      step_lib.make_train_step(
          model,
          tx,
          config.loss,
          controls.CONTROLS[config.control],
          config.symbol_dropout,
          config.frozen,
      ),
      in_shardings=(shardings.replicated, shardings.data, shardings.replicated),
      out_shardings=shardings.replicated,
      donate_argnums=0,
  )
  start = int(state.step)
  batches = input_pipeline.batches(
      source,
      batch_size=config.batch_size,
      buckets=config.buckets,
      seed=config.seed,
      start=start,
      sharding=shardings.data,
      has_pairs=bool(config.loss.rollout.weight),
  )
  writer = metrics_lib.Writer(workdir, on_row)
  logging.info("Training from step %d to %d.", start, config.num_steps)
  for i, batch in zip(range(start, config.num_steps), batches):
    state, metrics = train_step(state, batch, step_key)
    if i % config.log_every == 0:
      writer.write(i, metrics)
    snapshots.save(manager, i + 1, state)
    if probe and _is_due(i + 1, config.probe.every, config.num_steps):
      found = probe(jax.device_get(state.params))
      writer.write(i, {f"held_out/{k}": v for k, v in found.items()})
  writer.close()
  manager.wait_until_finished()
  manager.close()
  if jax.process_index() == 0:
    path = os.path.join(workdir, checkpoint.MODEL_FILE)
    checkpoint.export_model(path, state.params, manifest)
  return state


def _is_due(step: int, every: int, last: int) -> bool:
  return step == last or step % every == 0
