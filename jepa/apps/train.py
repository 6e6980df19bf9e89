"""Trains a world model.

  python -m jepa.apps.train --config=configs/pretrain.py:code_repair \
      --workdir=runs/code_repair

Run it again to resume. `--traces` trains on the log of repairs in place of a
prepared dataset: see `configs/finetune.py`. This file is short on
purpose: the logic is in libraries that tests and Colabs import.
"""

from absl import flags
import jax
from jepa import checkpoint
from jepa import train
from jepa.apps import command
from jepa.apps import progress
from jepa.datasets import reading
from jepa.datasets.code_repair import traces
from jepa.domains import registry
from ml_collections import config_flags

_CONFIG = config_flags.DEFINE_config_file(
    "config", None, "The experiment.", lock_config=True
)
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Where to write.", required=True
)
_MULTIHOST = flags.DEFINE_bool(
    "multihost", False, "Join the other hosts; the cluster is detected."
)
_TRACES = flags.DEFINE_string(
    "traces", "", "A log that `jepa-repair --traces` wrote, to train on."
)


def main():
  if _MULTIHOST.value:
    jax.distributed.initialize()
  config = _CONFIG.value
  vocabulary = registry.vocabulary(config.world)
  if _TRACES.value:
    examples = traces.load_examples(_TRACES.value)
  else:
    examples = reading.load_examples(**config.dataset, vocabulary=vocabulary)
  params = None
  if path := config.get("start_from"):
    params = checkpoint.load_model(path).params
  train.train(
      config,
      _WORKDIR.value,
      vocabulary=vocabulary,
      examples=examples,
      on_row=progress.training(config.num_steps),
      params=params,
  )


if __name__ == "__main__":
  flags.mark_flag_as_required("config")
  command.run(main)
