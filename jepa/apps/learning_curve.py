r"""Trains arms at growing sizes of data, and shows what each makes of them.

  python -m jepa.apps.learning_curve --config=configs/pretrain.py:code_repair, \
      --dataset=code_repair/small --data_dir=data --runs=runs/curve

Sizes are executed branches (a state and an edit), about 32 a state; a smaller
set is the beginning of every larger one, in an order that hashes fixed. All
arms of a size take the same steps: `--max_epochs` over it, but at least
`--min_steps`, which for small sizes is more epochs. `probe` and `finetuned` go
on from weights that were trained on all states without any verdict, and see
the verdicts of their size only. A linear ranker is fitted to each size, too.

Run it again to go on where it stopped: a model that is there is neither trained
nor measured again. `launch/learning_curve.sh` sets up what makes it fast.

States beyond a size are absent for most arms. Where labels are few and states
are many, others use them:

  launch/learning_curve.sh --dataset=code_repair/small --runs=runs/labels \\
      --arms=supervised,sparse,semi,semi_executed,finetuned \\
      --branches=1000,4000,16000 --reference=supervised,sparse

`semi` is JEPA on all states, of which only those of the size show outcomes;
`sparse` has no loss on latents, but the outcomes of the actions whose next
states JEPA saw: JEPA must beat it to claim anything for latents.
"""

from collections.abc import Iterator, Mapping, Sequence
import json
import os
import pathlib
import subprocess
import sys

from absl import flags
from jepa.apps import command
from jepa.apps import progress
from jepa.datasets import reading
from jepa.domains import registry
from jepa.evaluation import code_repair
from jepa.evaluation import curve
from jepa.evaluation import curve_half
from jepa.evaluation import curve_measure
from jepa.evaluation import curve_plan

CURVE_FILE = "curve.json"  # In the folder of the runs, for figures.

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
_NUM_LARGE_SEEDS = flags.DEFINE_integer(
    "num_large_seeds", None, "Seeds in the larger half of the sizes, and of "
    "the weights that others start from; by default all.", lower_bound=1
)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "States of a batch.")
_MAX_EPOCHS = flags.DEFINE_float("max_epochs", 2.0, "Over each size.")
_MIN_STEPS = flags.DEFINE_integer("min_steps", 200, "Whatever the size.")
_SET = flags.DEFINE_multi_string(
    "set", [], "name=value, of the experiment, such as model.encoder.depth=1."
)
_REFERENCE = flags.DEFINE_list(
    "reference", ["supervised"], "Arms to compare with, a table for each."
)
_NUM_BRANCHES = flags.DEFINE_integer(
    "num_branches", 128, "Held-out states for AUC and health, at the most.",
    lower_bound=1,
)
_LINEAR = flags.DEFINE_bool("linear", True, "Fits the linear ranker, too.")
_TRAIN = flags.DEFINE_bool("train", True, "If not, shows what is there.")
_JSON = flags.DEFINE_bool("json", False, "One JSON object on stdout.")


def main():
  settings = curve_plan.Settings(
      config=_CONFIG.value,
      dataset=_DATASET.value,
      data_dir=_DATA_DIR.value,
      runs=_RUNS.value,
      batch_size=_BATCH_SIZE.value,
      max_epochs=_MAX_EPOCHS.value,
      min_steps=_MIN_STEPS.value,
      overrides=tuple(_SET.value),
  )
  vocabulary = registry.vocabulary("code_repair")
  load = lambda split: reading.load_examples(
      _DATASET.value, split, _DATA_DIR.value, vocabulary
  )
  whole = curve.count(load("train"))
  planned = list(curve_plan.plan(
      settings,
      curve_plan.num_states(_BRANCHES.value, whole),
      _ARMS.value,
      list(map(int, _SEEDS.value)),
      _NUM_LARGE_SEEDS.value,
  ))
  for i, item in enumerate(planned):
    if _TRAIN.value and not os.path.exists(settings.model(item)):
      progress.line(f"train {i + 1}/{len(planned)}: {item.name}", is_last=True)
      arguments = curve_plan.train_arguments(settings, item, whole.num_states)
      subprocess.run(
          [sys.executable, "-m", "jepa.apps.train", *arguments], check=True
      )
  counted = {
      n: curve.count(load(f"train[:{n}]"))
      for n in {item.num_states for item in planned}
  }
  _show(list(_measure(settings, planned, counted)))


def _measure(
    settings: curve_plan.Settings,
    planned: Sequence[curve_plan.Planned],
    sizes: Mapping[int, curve.Size],
) -> Iterator[curve.Run]:
  done = [p for p in planned if p.arm != curve_plan.PRETRAINED]
  done = [p for p in done if os.path.exists(settings.model(p))]
  data = curve_measure.Data(
      _DATASET.value, _DATA_DIR.value, _NUM_BRANCHES.value
  )
  paths = [settings.model(item) for item in done]
  found = curve_measure.measure(paths, data, progress.count)
  for item, path in zip(done, paths):
    yield curve.Run(
        item.arm, sizes[item.num_states], item.seed, *found[path]
    )
  if _LINEAR.value:
    linear = curve_measure.fit_linear(
        data, sorted({item.num_states for item in done})
    )
    for size, executions in linear.items():
      yield curve.Run(code_repair.LINEAR, sizes[size], 0, executions, None)


def _show(runs: Sequence[curve.Run]) -> None:
  low = curve_half.merge_low(runs)
  points = {ref: curve.summarize(runs, ref) for ref in _REFERENCE.value}
  halves = {ref: curve.summarize(low, ref) for ref in _REFERENCE.value}
  to_json = lambda by_reference: curve.to_json(
      [point for some in by_reference.values() for point in some]
  )
  shown = json.dumps(
      {"points": to_json(points), "low_half": to_json(halves)}, indent=2
  )
  pathlib.Path(_RUNS.value, CURVE_FILE).write_text(shown)
  if _JSON.value:
    print(shown)
    return
  for reference, some in points.items():
    print(curve.format_curve(some, reference), end="\n\n")
    print(
        "the half of the sizes with fewest labels, averaged case by case:\n"
        + curve.format_curve(halves[reference], reference), end="\n\n"
    )


if __name__ == "__main__":
  command.run(main)
