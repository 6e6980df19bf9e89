"""Shows how many executions each ranker spends until one succeeds.

  python -m jepa.apps.evaluate --workdir=runs/code_repair \
      --dataset=code_repair/small --data_dir=data

Several --workdir give a row each; the first also runs its controls.
"""

import importlib
import json
import os
import sys

from absl import app
from absl import flags
from jepa import checkpoint
from jepa.apps import progress
from jepa.evaluation import table
from jepa.planning import rank

_WORKDIR = flags.DEFINE_multi_string(
    "workdir", None, "A training run, or the model file it wrote.",
    required=True,
)
_DATASET = flags.DEFINE_string(
    "dataset", None, "world/config whose held-out cases to rank.",
    required=True,
)
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Where datasets are.")
_JSON = flags.DEFINE_bool("json", False, "One JSON object on stdout.")


def main(argv):
  if len(argv) > 1:
    raise app.UsageError("Too many command-line arguments.")
  world = _DATASET.value.partition("/")[0]
  cases_lib = importlib.import_module(f"jepa.evaluation.{world}")
  cases = cases_lib.load_cases(_DATASET.value, _DATA_DIR.value)
  scorers = {
      os.path.basename(os.path.normpath(w)): rank.make_scorer(_load(w))
      for w in _WORKDIR.value
  }
  rankers = table.make_rankers(scorers, cases_lib.STATIC)
  rows = table.tabulate(
      cases,
      rankers,
      cases_lib.REFERENCE,
      on_case=lambda i: progress.line(f"evaluate {i}/{len(cases)} cases"),
  )
  progress.line("", is_last=True)
  if _JSON.value:
    json.dump(
        {"cases": len(cases), "rows": table.to_json(rows)}, sys.stdout, indent=2
    )
    print()
  else:
    print(table.format_table(rows, len(cases), cases_lib.REFERENCE))


def _load(workdir: str) -> checkpoint.Exported:
  if os.path.isdir(workdir):
    workdir = os.path.join(workdir, checkpoint.MODEL_FILE)
  return checkpoint.load_model(workdir)


if __name__ == "__main__":
  app.run(main)
