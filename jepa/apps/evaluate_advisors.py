r"""Shows what the Orb advisors are worth, beside baselines and controls.

  python -m jepa.apps.evaluate_advisors
  python -m jepa.apps.evaluate_advisors --programs=DIR --checkpoint=runs/orb

Without --programs, on generated programs; with it, on those in a folder. Every
program is judged by advisors that were fitted on others. No compiler is needed.
"""

import json
import sys

from absl import flags
from jepa.apps import command
from jepa.apps import progress
from jepa.evaluation.advisors import measured as measured_lib
from jepa.evaluation.advisors import report
from jepa.planning.advisors import model_reading
from jepa.planning.advisors import samples as samples_lib

_PROGRAMS = flags.DEFINE_string(
    "programs", None, "A folder of Orb programs; generated ones if not given."
)
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint", None, "A training run of the Orb world, or its model file."
)
_ONLY = flags.DEFINE_multi_enum(
    "only", list(report.MEASURES), list(report.MEASURES), "Which to measure."
)
_NUM_GENERATED = flags.DEFINE_integer(
    "num_generated", 300, "Programs to generate.", lower_bound=12
)
_FOLDS = flags.DEFINE_integer("folds", 3, "Of the split.", lower_bound=2)
_SEEDS = flags.DEFINE_integer("seeds", 3, "Of training.", lower_bound=1)
_JSON = flags.DEFINE_bool("json", False, "One JSON object on stdout.")


def main():
  data = "public" if _PROGRAMS.value else "generated"
  if _PROGRAMS.value:
    samples = samples_lib.public(_PROGRAMS.value)
  else:
    samples = samples_lib.generated(_NUM_GENERATED.value)
  reader = None
  if _CHECKPOINT.value:
    reader = model_reading.make_reader(
        model_reading.load_model(_CHECKPOINT.value)
    )
  tables = []
  for measured in report.measure(
      samples,
      reader,
      names=_ONLY.value,
      num_folds=_FOLDS.value,
      num_seeds=_SEEDS.value,
      on_fit=lambda name: progress.line(f"fitted {name}"),
  ):
    progress.line("", is_last=True)
    tables.append(measured_lib.to_json(data, measured))
    if not _JSON.value:
      print(measured_lib.format_table(data, measured), flush=True)
      print()
  if _JSON.value:
    json.dump({"programs": len(samples), "tables": tables}, sys.stdout)
    print()


if __name__ == "__main__":
  command.run(main)
