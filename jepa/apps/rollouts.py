r"""Shows whether looking ahead in the latent space repairs more double bugs.

  python -m jepa.apps.rollouts --workdir=runs/code_repair[,runs/another] \
      --dataset=code_repair/small --data_dir=data [--num_cases=40] [--json]

Functions of the validation packages are broken twice, so that no single edit
repairs them: see `jepa/domains/code_repair/double_bugs.py`. That takes minutes
and is done once: the cases are kept under <data_dir>/cache. Then the searches
of `jepa/evaluation/rollouts.py` spend at most `--limit` executions on each,
those of every model that is named; a program is executed once for all of them.

  python -m jepa.apps.rollouts --workdir=runs/code_repair[,runs/another] \
      --windows=code_repair/windows

executes nothing: it orders the pairs of edits that were executed when held-out
windows were made, see `jepa/evaluation/windows.py`.
"""

from collections.abc import Iterator, Sequence
import itertools
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
from jepa.datasets.code_repair import evaluation
from jepa.domains import registry
from jepa.domains.code_repair import corpus
from jepa.domains.code_repair import double_bugs
from jepa.domains.code_repair import packages
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings
from jepa.domains.code_repair import trials
from jepa.evaluation import rollouts
from jepa.evaluation import windows
from jepa.planning import rank
import numpy as np

_WORKDIR = flags.DEFINE_list(
    "workdir", None, "Training runs, or the model files they wrote.",
    required=True,
)
_DATASET = flags.DEFINE_string(
    "dataset", "code_repair/small", "Whose held-out cases to break once more."
)
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Where datasets are.")
_NUM_CASES = flags.DEFINE_integer("num_cases", 40, "At most.", lower_bound=1)
_LIMIT = flags.DEFINE_integer(
    "limit", max(rollouts.WITHIN), "Executions of a search on a case.",
    lower_bound=1,
)
_WINDOWS = flags.DEFINE_string(
    "windows", "", "A dataset with pairs: orders those of its validation split."
)
_JSON = flags.DEFINE_bool("json", False, "One JSON object on stdout.")


def main():
  if _WINDOWS.value:
    return _order_windows()
  searches = _searches(_WORKDIR.value)
  found = {name: [] for name in searches}
  done = 0
  for name, bugs in _grouped(_cases()):
    with trials.make_executor(_checkout(name)) as executor:
      trial = rollouts.Trial(executor, _checkout(name).root)
      for bug in bugs:
        counts = trial.run(searches, bug, _LIMIT.value)
        for search, count in counts.items():
          found[search].append(count)
        done += 1
        progress.line(f"case {done}: {bug.target.qualname} of {name}")
  progress.line("", is_last=True)
  within = {n for n in rollouts.WITHIN if n < _LIMIT.value}
  rows = rollouts.summarize(
      found, _LIMIT.value, sorted(within | {_LIMIT.value})
  )
  if _JSON.value:
    shown = {"executions": found, "rows": rollouts.to_json(rows)}
    json.dump(shown, sys.stdout, indent=2)
    print()
  else:
    print(rollouts.format_rows(rows, done))


def _order_windows():
  vocabulary = registry.vocabulary("code_repair")
  examples = reading.load_examples(
      _WINDOWS.value, "validation", _DATA_DIR.value, vocabulary
  )
  rows = {}
  for prefix, path in _named(_WORKDIR.value):
    for name, row in windows.measure(
        _exported(path), examples, _prior
    ).items():
      if not prefix or name not in (windows.RANDOM, windows.PRIOR):
        rows[prefix + name] = row
  if _JSON.value:
    json.dump(windows.to_json(rows), sys.stdout, indent=2)
    print()
  else:
    print(windows.format_rows(rows))


def _prior(example) -> np.ndarray:
  """Returns what the best static mix says of each action of an example."""
  meta = json.loads(example["meta"])
  record = records.Record.from_json(meta)
  left = [
      c for i, c in enumerate(record.candidates) if i not in meta["tried"]
  ]
  return np.array(baselines.ochiai_kind(record.state(record.broken), left))


def _named(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
  """Yields paths with the prefix of what they show; the first has none."""
  for i, path in enumerate(paths):
    yield f"{pathlib.Path(path).name}: " if i else "", path


def _searches(paths: Sequence[str]) -> dict[str, rollouts.Search]:
  found = {}
  for prefix, path in _named(paths):
    exported = _exported(path)
    model = rollouts.Model(
        rank.make_scorer(exported), rank.make_pair_scorer(exported)
    )
    for name, search in rollouts.make_searches(model).items():
      found[prefix + name] = search
  return found


def _exported(path: str) -> checkpoint.Exported:
  if os.path.isdir(path):
    path = os.path.join(path, checkpoint.MODEL_FILE)
  return checkpoint.load_model(path)


def _grouped(items):
  return itertools.groupby(items, key=lambda item: item.package)


def _cases() -> Sequence[double_bugs.DoubleBug]:
  """Returns the cases that are kept, or makes them.

  As many of each package as of any other, if it has so many.
  """
  name = _DATASET.value.replace("/", "-")
  kept = pathlib.Path(
      _DATA_DIR.value, "cache", "double_bugs",
      f"{name}-{_NUM_CASES.value}.jsonl",
  )
  if not kept.exists():
    kept.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(bug.to_json()) for bug in _make_cases()]
    partial = kept.with_suffix(".partial")
    partial.write_text("".join(f"{line}\n" for line in lines))
    partial.replace(kept)
  return [
      double_bugs.DoubleBug.from_json(json.loads(line))
      for line in kept.read_text().splitlines()
  ]


def _make_cases() -> Iterator[double_bugs.DoubleBug]:
  held_out = {
      name: list(some)
      for name, some in _grouped(
          evaluation.load_records(_DATASET.value, _DATA_DIR.value)
      )
  }
  quota = -(-_NUM_CASES.value // len(held_out))
  for name, broken in held_out.items():
    checkout = _checkout(name)
    with trials.make_executor(checkout) as executor:
      yield from itertools.islice(
          _of_package(broken, executor, checkout.root), quota
      )


def _of_package(
    broken: Sequence[records.Record], executor, root
) -> Iterator[double_bugs.DoubleBug]:
  """Yields one case of each function and bug."""
  for i, record in enumerate(broken):
    progress.line(f"break {record.package} {i + 1}/{len(broken)}")
    yield from itertools.islice(
        double_bugs.make_double_bugs(record, executor, root), 1
    )


def _checkout(name: str) -> settings.Checkout:
  """Returns the checkout of a pinned package by its name and version."""
  package = next(p for p in packages.PACKAGES.values() if p.folder == name)
  cache = pathlib.Path(_DATA_DIR.value, "cache")
  root = corpus.fetch([package], cache)[package.name]
  return settings.Checkout(
      name=name, root=root, files=(), tests=package.tests
  )


if __name__ == "__main__":
  command.run(main)
