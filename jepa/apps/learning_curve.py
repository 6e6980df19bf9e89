r"""Trains arms at growing sizes of data, and shows what each makes of them.

  python -m jepa.apps.learning_curve --config=configs/pretrain.py:code_repair, \
      --dataset=code_repair/small --data_dir=data --runs=runs/curve

Sizes are executed branches (a state and an edit), about 32 a state; a smaller
set is the beginning of every larger one, in an order that hashes fixed. All
arms of a size take the same steps: `--max_epochs` over it, but at least
`--min_steps`, which for small sizes is more epochs. `probe` and `finetuned` go
on from weights that were trained on all states without any verdict, and see
the verdicts of their size only. A linear ranker is fitted to each size, too.

Run it again to go on where it stopped: a model that is there is not trained
again. `launch/learning_curve.sh` sets up what makes it fast.
"""

from collections.abc import Iterator, Mapping, Sequence
import json
import os
import subprocess
import sys
from typing import NamedTuple

from absl import flags
from jepa import checkpoint
from jepa.apps import command
from jepa.apps import progress
from jepa.datasets import reading
from jepa.domains import registry
from jepa.evaluation import code_repair
from jepa.evaluation import curve

_CONFIG = flags.DEFINE_string(
    "config", "configs/pretrain.py:code_repair,",
    "The experiment, up to the name of the arm.",
)
_DATASET = flags.DEFINE_string("dataset", "code_repair/small", "Learned from.")
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Where datasets are.")
_RUNS = flags.DEFINE_string("runs", None, "Where models go.", required=True)
_ARMS = flags.DEFINE_list(
    "arms", ["jepa", "supervised", "probe", "finetuned"], "To train."
)
_BRANCHES = flags.DEFINE_list(
    "branches", ["1000", "4000", "16000", "64000", "all"], "Sizes."
)
_SEEDS = flags.DEFINE_list("seeds", ["0", "1", "2"], "Of each arm and size.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "States of a batch.")
_MAX_EPOCHS = flags.DEFINE_float("max_epochs", 2.0, "Over each size.")
_MIN_STEPS = flags.DEFINE_integer("min_steps", 200, "Whatever the size.")
_SET = flags.DEFINE_multi_string(
    "set", [], "name=value, of the experiment, such as model.encoder.depth=1."
)
_REFERENCE = flags.DEFINE_string("reference", "supervised", "The arm beside.")
_TRAIN = flags.DEFINE_bool("train", True, "If not, shows what is there.")
_JSON = flags.DEFINE_bool("json", False, "One JSON object on stdout.")

PRETRAINED = "unlabelled"
_FROM_PRETRAINED = ("probe", "finetuned")


class Planned(NamedTuple):
  """A model to train.

  arm, seed: of the experiment.
  num_states: the first so many.
  num_steps: of training.
  """
  arm: str
  num_states: int
  seed: int
  num_steps: int

  @property
  def name(self) -> str:
    """Of its folder."""
    return f"{self.arm}-{self.num_states}-{self.seed}"


def num_states(branches: Sequence[str], size: curve.Size) -> list[int]:
  """Returns how many states have about so many branches, ascending.

  Args:
    branches: numbers, or "all"; those beyond the dataset are left out.
    size: of the whole dataset.
  """
  per_state = size.num_branches / size.num_states
  asked = [
      size.num_states if b == "all" else max(1, round(int(b) / per_state))
      for b in branches
  ]
  return sorted({n for n in asked if n <= size.num_states})


def plan(
    sizes: Sequence[int], arms: Sequence[str], seeds: Sequence[int]
) -> Iterator[Planned]:
  """Yields the models to train, those that others start from first.

  Args:
    sizes: numbers of states, ascending; the last is all of them.
    arms: of the experiment.
    seeds: of each.
  """
  if set(arms) & set(_FROM_PRETRAINED):
    for seed in seeds:
      yield _planned(PRETRAINED, sizes[-1], seed)
  for size in sizes:
    for seed in seeds:
      for arm in arms:
        yield _planned(arm, size, seed)


def _planned(arm, size, seed) -> Planned:
  steps = round(_MAX_EPOCHS.value * size / _BATCH_SIZE.value)
  return Planned(arm, size, seed, max(steps, _MIN_STEPS.value))


def train_command(planned: Planned, all_states: int) -> list[str]:
  """Returns the command that trains a model."""
  settings = {
      "dataset.name": _DATASET.value,
      "dataset.data_dir": _DATA_DIR.value,
      "dataset.split": f"train[:{planned.num_states}]",
      "num_steps": planned.num_steps,
      "batch_size": min(_BATCH_SIZE.value, planned.num_states),
      "seed": planned.seed,
      "probe.num_examples": 0,
  }
  if planned.arm in _FROM_PRETRAINED:
    start = planned._replace(arm=PRETRAINED, num_states=all_states)
    settings["start_from"] = _model(start)
  return [
      sys.executable, "-m", "jepa.apps.train",
      f"--config={_CONFIG.value}{planned.arm}",
      f"--workdir={os.path.join(_RUNS.value, planned.name)}",
      *(f"--config.{name}={value}" for name, value in settings.items()),
      *(f"--config.{item}" for item in _SET.value),
  ]


def _model(planned: Planned) -> str:
  return os.path.join(_RUNS.value, planned.name, checkpoint.MODEL_FILE)


def main():
  vocabulary = registry.vocabulary("code_repair")
  load = lambda split: reading.load_examples(
      _DATASET.value, split, _DATA_DIR.value, vocabulary
  )
  whole = curve.count(load("train"))
  planned = list(plan(
      num_states(_BRANCHES.value, whole),
      _ARMS.value,
      list(map(int, _SEEDS.value)),
  ))
  for i, item in enumerate(planned):
    if _TRAIN.value and not os.path.exists(_model(item)):
      progress.line(f"train {i + 1}/{len(planned)}: {item.name}", is_last=True)
      subprocess.run(train_command(item, whole.num_states), check=True)
  counted = {
      n: curve.count(load(f"train[:{n}]"))
      for n in {item.num_states for item in planned}
  }
  _show(list(_measure(planned, counted, load("validation"))))


def _measure(
    planned: Sequence[Planned], sizes: Mapping[int, curve.Size], held_out
) -> Iterator[curve.Run]:
  done = [p for p in planned if p.arm != PRETRAINED]
  done = [p for p in done if os.path.exists(_model(p))]
  cases = code_repair.load_cases(_DATASET.value, _DATA_DIR.value)
  show = progress.count("measure model", len(done))
  for i, item in enumerate(done):
    exported = checkpoint.load_model(_model(item))
    yield curve.Run(
        item.arm, sizes[item.num_states], item.seed,
        curve.model_executions(exported, cases),
        curve.branch_aucs(exported, held_out),
    )
    show(i + 1)
  for size in sorted({item.num_states for item in done}):
    linear = code_repair.fit_linear({
        "name": _DATASET.value, "data_dir": _DATA_DIR.value,
        "split": f"train[:{size}]",
    })
    found = curve.static_executions(linear, _DATASET.value, _DATA_DIR.value)
    yield curve.Run(code_repair.LINEAR, sizes[size], 0, found, None)


def _show(runs: Sequence[curve.Run]) -> None:
  points = curve.summarize(runs, _REFERENCE.value)
  if _JSON.value:
    json.dump({"points": curve.to_json(points)}, sys.stdout, indent=2)
    print()
  else:
    print(curve.format_curve(points, _REFERENCE.value))


if __name__ == "__main__":
  command.run(main)
