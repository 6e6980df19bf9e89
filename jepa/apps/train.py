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
from jepa.evaluation import probe
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
      probe=_make_probe(config, vocabulary),
  )


def _make_probe(config, vocabulary):
  """Returns None where the dataset has nothing to look at."""
  source = config.dataset.copy_and_resolve_references()
  source.split = config.probe.split
  if _TRACES.value or not config.probe.num_examples:
    return None
  held_out = reading.load_examples(**source, vocabulary=vocabulary)
  step = max(len(held_out) // config.probe.num_examples, 1)
  chosen = [held_out[i] for i in range(0, len(held_out), step)]
  return probe.make_probe(config.model, vocabulary, chosen)


if __name__ == "__main__":
  flags.mark_flag_as_required("config")
  command.run(main)
