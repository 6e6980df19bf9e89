"""Trains a world model.

  python -m jepa.apps.train --config=configs/pretrain.py:code_repair \
      --workdir=runs/code_repair

Run it again to resume. This file is short on purpose: the logic is in libraries
that tests and Colabs import.
"""

from absl import flags
import jax
from jepa import train
from jepa.apps import command
from jepa.apps import progress
from jepa.datasets import reading
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


def main():
  if _MULTIHOST.value:
    jax.distributed.initialize()
  config = _CONFIG.value
  vocabulary = registry.vocabulary(config.world)
  train.train(
      config,
      _WORKDIR.value,
      vocabulary=vocabulary,
      examples=reading.load_examples(
          **config.dataset, vocabulary=vocabulary
      ),
      on_row=progress.training(config.num_steps),
  )


if __name__ == "__main__":
  flags.mark_flag_as_required("config")
  command.run(main)
