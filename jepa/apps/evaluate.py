r"""Shows what trained models are worth on what they were not trained on.

  python -m jepa.apps.evaluate --workdir=runs/code_repair \
      --dataset=code_repair/small --data_dir=data
  python -m jepa.apps.evaluate --workdir=runs/orb --dataset=orb/generated
  python -m jepa.apps.evaluate --workdir=runs/orb --programs=DIR [--json]
  python -m jepa.apps.evaluate --workdir=runs/code_repair --projects=DIR

First the held-out branches: within-branch AUC beside its controls, how each of
the verifier's signals is foretold, and the health of the latents. Then, where
the world has executed cases, how many executions each ranker spends until one
succeeds. Several --workdir (arms and their seeds) give a row each, and one line
for each arm, its seeds averaged, beside other arms with paired intervals; the
first of each arm runs with the controls, too. Cases are encoded once for all of
them. A linear ranker on hand features is fitted to the data of the first, in
seconds, if that data is prepared in --data_dir.

--programs is any folder of Orb programs. It needs the compiler, and nothing
else: holes are made in the programs, actions are tried and judged, and the
verdicts are kept under <data_dir>/cache. Files that hold no program are named
and passed over.

--projects is any folder of small Python projects, each with a failing test. All
edits are executed, and the table counts how many each ranker would have spent.
"""

import json
import os
import pathlib
import sys

from absl import flags
from jepa import checkpoint
from jepa.apps import command
from jepa.apps import progress
from jepa.baselines import code_repair as baselines
from jepa.datasets import reading
from jepa.evaluation import arms as arms_lib
from jepa.evaluation import branch_tables
from jepa.evaluation import branches
from jepa.evaluation import code_repair
from jepa.evaluation import orb
from jepa.evaluation import projects
from jepa.evaluation import table
from jepa.planning.repair import errors

_WORKDIR = flags.DEFINE_multi_string(
    "workdir", None, "A training run, or the model file it wrote.",
    required=True,
)
_DATASET = flags.DEFINE_string(
    "dataset", None, "world/config whose held-out cases to rank."
)
_SPLIT = flags.DEFINE_string("split", "validation", "Of the dataset.")
_NUM_BRANCHES = flags.DEFINE_integer(
    "num_branches", 400, "Held-out states of the split, at the most.",
    lower_bound=1,
)
_ORIGIN = flags.DEFINE_string(
    "origin", "", "Only cases of packages whose names begin so, as "
    "students-question_3 where a model was trained on the other questions."
)
_PROGRAMS = flags.DEFINE_string("programs", None, "A folder of Orb programs.")
_NUM_PROGRAMS = flags.DEFINE_integer(
    "num_programs", 60, "Of the folder, at the most.", lower_bound=1
)
_NUM_WALKS = flags.DEFINE_integer(
    "num_walks", 2, "From each program.", lower_bound=1
)
_PROJECTS = flags.DEFINE_string(
    "projects", None, "A folder of Python projects with failing tests."
)
_MAX_EXECUTED = flags.DEFINE_integer(
    "max_executed", 4000, "Edits of a project, at the most.", lower_bound=1
)
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Where datasets are.")
_JSON = flags.DEFINE_bool("json", False, "One JSON object on stdout.")
flags.mark_flags_as_mutual_exclusive(
    ["dataset", "programs", "projects"], required=True
)


def main():
  models = {n: checkpoint.load_model(p) for n, p in _paths().items()}
  if _PROJECTS.value:
    _show(_projects(models))
    return
  folder = None
  if _PROGRAMS.value:
    for name, exported in models.items():
      orb.check_world(name, exported.vocabulary)
    folder = _read_folder()
  shown = {"branches": _branches(models, folder)}
  if folder is not None:
    shown["unreadable"] = folder.unreadable
  elif _DATASET.value.startswith("code_repair/"):
    shown["executions"] = _executions(models)
  _show(shown)


def _show(shown):
  if _JSON.value:
    json.dump(shown, sys.stdout, indent=2)
    print()


def _paths() -> dict[str, str]:
  """Returns the model files by the shortest names that tell them apart."""
  paths = [
      os.path.join(w, checkpoint.MODEL_FILE) if os.path.isdir(w) else w
      for w in map(os.path.normpath, _WORKDIR.value)
  ]
  folders = [os.path.dirname(p).split(os.sep)[-1] or p for p in paths]
  return dict(zip(paths if len({*folders}) < len(paths) else folders, paths))


def _read_folder() -> orb.Folder:
  folder = orb.load_folder(
      _PROGRAMS.value,
      cache=os.path.join(_DATA_DIR.value, "cache", "orb"),
      bounds=orb.Bounds(
          num_programs=_NUM_PROGRAMS.value, num_walks=_NUM_WALKS.value
      ),
      on_program=lambda done, total, actions: progress.line(
          f"compiling {done}/{total} programs, {actions} actions judged"
      ),
  )
  progress.line("", is_last=True)
  if not _JSON.value:
    print(f"{_PROGRAMS.value}: {folder.describe()}\n")
  return folder


def _branches(models, folder):
  arms = arms_lib.name_arms(
      {name: m.manifest["config"] for name, m in models.items()}
  )
  reports, shown = {}, set()
  for name, exported in models.items():
    examples = folder.examples if folder else _held_out(exported.vocabulary)
    reports[name] = branches.make_report(exported, examples)
    if not _JSON.value and arms[name] not in shown:
      print(branch_tables.format_all(name, reports[name]), end="\n\n")
    shown.add(arms[name])  # Of further seeds, `compare` shows what matters.
  if len(models) > 1 and not _JSON.value:
    print(branch_tables.compare(reports, arms), end="\n\n")
  return {n: branch_tables.to_json(report) for n, report in reports.items()}


def _held_out(vocabulary):
  examples = reading.load_examples(
      _DATASET.value, _SPLIT.value, _DATA_DIR.value, vocabulary
  )
  return reading.spread(examples, _NUM_BRANCHES.value)


def _projects(models):
  cases, left_out = [], {}
  for root in projects.find(pathlib.Path(_PROJECTS.value)):
    try:
      cases.append(projects.make_case(root, _MAX_EXECUTED.value))
      case = cases[-1]
      progress.line(
          f"{root.name}: {len(case.success)} edits executed, "
          f"{case.success.sum()} pass"
      )
    except errors.RepairError as error:
      left_out[root.name] = str(error)
      progress.line(f"{root.name} left out: {error}")
  scorers = code_repair.make_scorers(models)
  rankers = projects.make_rankers(scorers, _without_network(models))
  rows = table.tabulate(cases, rankers, projects.REFERENCE)
  solved = sum(bool(c.success.any()) for c in cases)
  if not _JSON.value:
    print(f"{len(cases)} projects, {solved} with an edit that passes")
    print(table.format_table(rows, solved, projects.REFERENCE))
  return {
      "projects": {
          c.origin: {
              "executed": len(c.success),
              "passing": int(c.success.sum()),
              "not_executed": c.num_left,
          }
          for c in cases
      },
      "left_out": left_out,
      "rows": table.to_json(rows),
  }


def _executions(models):
  static = _without_network(models)
  cases = code_repair.load_cases(
      _DATASET.value, _DATA_DIR.value, static, _ORIGIN.value
  )
  rows, arms = code_repair.rank_cases(
      models, cases, list(static),
      on_case=progress.count("evaluate case", len(cases)),
  )
  progress.line("", is_last=True)
  if not _JSON.value:
    print(table.format_table(rows, len(cases), code_repair.REFERENCE))
    print(f"\n{arms_lib.format_arms(arms, code_repair.REFERENCES)}")
    print(f"\n{table.format_calibration(rows)}")
  return {
      "cases": len(cases),
      "rows": table.to_json(rows),
      "arms": arms_lib.to_json(arms),
  }


def _without_network(models) -> dict[str, baselines.Ranker]:
  """Returns the rankers that have no network, fitted where they learn."""
  config = next(iter(models.values())).manifest["config"]
  source = {**config["dataset"], "data_dir": _DATA_DIR.value}
  try:
    linear = code_repair.fit_linear(source)
  except (OSError, ValueError) as error:
    progress.line(f"no {code_repair.LINEAR}: {error}", is_last=True)
    return baselines.RANKERS
  return baselines.RANKERS | {code_repair.LINEAR: linear}


if __name__ == "__main__":
  command.run(main)
