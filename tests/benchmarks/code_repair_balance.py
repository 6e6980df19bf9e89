"""Which edits the corpus offers, and which fixes its bugs need.

  python -m tests.benchmarks.code_repair_balance --data_dir=data --every=10

For each kind: candidates of a function, and its share of the fixes of bugs as
they are proposed. With `--dataset=code_repair/small` also its share of the
fixes of states that were executed: a bug that no test noticed is none.
"""

import collections
from collections.abc import Iterator
import json
import pathlib
import random

from absl import app
from absl import flags
from jepa.datasets import reading
from jepa.domains.code_repair import corpus
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import packages
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import vocabulary

_DATA_DIR = flags.DEFINE_string("data_dir", "data", "As given to prepare.")
_DATASET = flags.DEFINE_string("dataset", "", "A prepared one to count, too.")
_EVERY = flags.DEFINE_integer("every", 10, "Takes each n-th function only.")
_STATES = flags.DEFINE_integer("states", 4, "Asked of each function.")
_MAX_TOKENS = settings_lib.Settings().max_tokens


def _functions() -> Iterator[source.Function]:
  """Yields functions of the packages that are trained on."""
  table = [p for p in packages.PACKAGES.values() if p.split == "train"]
  roots = corpus.fetch(table, pathlib.Path(_DATA_DIR.value, "cache"))
  for package in table:
    root = roots[package.name]
    found = []
    for path in corpus.modules(package, root):
      found += source.functions((root / path).read_bytes(), path)
    fit = [f for f in found if len(f.tokens) <= _MAX_TOKENS]
    yield from fit[:: max(1, _EVERY.value // package.share)]


def _propose(function: source.Function, rng: random.Random) -> list[str]:
  """Returns the kinds of fixes of bugs, as many as states are asked for."""
  count = _STATES.value
  variants = edits.sample_variants(function, rng, round(count / 3))
  breaks = edits.sample_breaks(function, rng, count - len(variants))
  return [item.kind for item in (*(b for _, b in variants), *breaks)]


def _executed_fixes() -> collections.Counter:
  counts = collections.Counter()
  for example in reading.load_examples(
      _DATASET.value, "train", _DATA_DIR.value, vocabulary.VOCABULARY
  ):
    record = json.loads(example["meta"])
    counts[record["candidates"][record["fix"]]["kind"]] += 1
  return counts


def _share(counts: collections.Counter, kind: str) -> str:
  return f"{100 * counts[kind] / max(1, counts.total()):5.1f}%"


def main(argv):
  del argv
  offered, proposed = collections.Counter(), collections.Counter()
  num_functions = 0
  for function in _functions():
    num_functions += 1
    offered.update(e.kind for e in edits.enumerate_edits(function))
    rng = random.Random(function.qualname)
    proposed.update(_propose(function, rng))
  executed = _executed_fixes() if _DATASET.value else collections.Counter()
  print(f"{num_functions} functions, {proposed.total()} proposed bugs, "
        f"{executed.total()} executed states")
  print(f"{'kind of edit':16} candidates  proposed  executed")
  for kind, count in offered.most_common():
    print(f"{kind:16} {count / num_functions:10.1f}  "
          f"{_share(proposed, kind):>8}  {_share(executed, kind):>8}")
  print(f"{'all':16} {offered.total() / num_functions:10.1f}")


if __name__ == "__main__":
  app.run(main)
