r"""Shows what trained models are worth on what they were not trained on.

  python -m jepa.apps.evaluate --workdir=runs/code_repair \
      --dataset=code_repair/small --data_dir=data

First the held-out branches: within-branch AUC beside its controls, and the
health of the latents. Then, where the world has executed cases, how many
executions each ranker spends until one succeeds. Several --workdir give a row
each; the first also runs its controls.
"""

import json
import os
import sys

from absl import flags
from jepa import checkpoint
from jepa.apps import command
from jepa.apps import progress
from jepa.datasets import reading
from jepa.evaluation import branches
from jepa.evaluation import code_repair
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


def main():
  models = {
      os.path.basename(os.path.normpath(w)): _load(w) for w in _WORKDIR.value
  }
  shown = {"branches": _branches(models)}
  if _DATASET.value.startswith("code_repair/"):
    shown["executions"] = _executions(models)
  if _JSON.value:
    json.dump(shown, sys.stdout, indent=2)
    print()


def _branches(models):
  reports = {}
  for name, exported in models.items():
    examples = reading.load_examples(
        _DATASET.value, "validation", _DATA_DIR.value, exported.vocabulary
    )
    reports[name] = branches.make_report(exported, examples)
    if not _JSON.value:
      print(f"{name}: {branches.format_report(reports[name])}\n")
  return {name: report._asdict() for name, report in reports.items()}


def _executions(models):
  cases = code_repair.load_cases(_DATASET.value, _DATA_DIR.value)
  scorers = {name: rank.make_scorer(m) for name, m in models.items()}
  rows = table.tabulate(
      cases,
      table.make_rankers(scorers, code_repair.STATIC),
      code_repair.REFERENCE,
      on_case=progress.count("evaluate case", len(cases)),
  )
  progress.line("", is_last=True)
  if not _JSON.value:
    print(table.format_table(rows, len(cases), code_repair.REFERENCE))
  return {"cases": len(cases), "rows": table.to_json(rows)}


def _load(workdir: str) -> checkpoint.Exported:
  if os.path.isdir(workdir):
    workdir = os.path.join(workdir, checkpoint.MODEL_FILE)
  return checkpoint.load_model(workdir)


if __name__ == "__main__":
  command.run(main)
