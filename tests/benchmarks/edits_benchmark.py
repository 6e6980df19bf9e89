"""How many edits a function has, of which kinds, and what finding them costs.

  python -m tests.benchmarks.edits_benchmark --sources=toolz,attr --breaks=4

Beside the speed of enumeration stands that of the usual way, to write and
read the whole function for every candidate, which is the least that a grammar
of tree rewrites must do to know its candidates apart. Times are of the CPU.
"""

import ast
import collections
from collections.abc import Iterator
import importlib.util
import pathlib
import random
import statistics
import time

from absl import app
from absl import flags
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import source

_SOURCES = flags.DEFINE_list(
    "sources", ["toolz", "attr"], "Installed packages, or folders."
)
_LINES = flags.DEFINE_list("lines", ["5", "25"], "Least and most code lines.")
_BREAKS = flags.DEFINE_integer("breaks", 4, "Breaks asked of each function.")
_EVERY = flags.DEFINE_integer("every", 1, "Takes each n-th function only.")
_REWRITES = 20  # Candidates of a function that the usual way is timed on.


def _files(name: str) -> Iterator[pathlib.Path]:
  folder = pathlib.Path(name)
  if not folder.is_dir():
    spec = importlib.util.find_spec(name)
    folder = pathlib.Path(spec.origin).parent
  yield from sorted(folder.rglob("*.py"))


def _functions() -> list[source.Function]:
  least, most = map(int, _LINES.value)
  found = []
  for name in _SOURCES.value:
    for path in _files(name):
      try:
        functions = source.functions(path.read_bytes(), str(path))
      except source.SourceError as error:
        print(f"skipped: {error}")
        continue
      found += [f for f in functions
                if least <= len({t.line for t in f.tokens}) <= most]
  return found[::_EVERY.value]


def _rewrite(function: source.Function) -> None:
  tree = ast.parse(ast.unparse(function.tree))
  ast.dump(tree)


def _timed(call, *args):
  start = time.process_time()
  result = call(*args)
  return result, time.process_time() - start


def main(unused_argv):
  functions = _functions()
  counts, fixes = [], collections.Counter()
  kinds = collections.Counter()
  seconds = rewriting = breaking = 0.0
  for i, function in enumerate(functions):
    _ = function.tree  # Parsing is not enumeration.
    found, spent = _timed(edits.enumerate_edits, function)
    seconds += spent
    counts.append(len(found))
    kinds.update(edit.kind for edit in found)
    for _ in range(_REWRITES):
      rewriting += _timed(_rewrite, function)[1]
    breaks, spent = _timed(
        edits.sample_breaks, function, random.Random(i), _BREAKS.value)
    breaking += spent
    fixes.update(found.kind for found in breaks)
  deciles = statistics.quantiles(counts, n=10)
  print(f"{len(functions)} functions, {sum(counts)} edits; of a function "
        f"{statistics.median(counts):.0f} in the median, "
        f"{deciles[0]:.0f} and {deciles[-1]:.0f} in the outer deciles")
  print(f"{sum(counts) / seconds:,.0f} edits a second; writing and reading: "
        f"{len(functions) * _REWRITES / rewriting:,.0f}")
  print(f"{fixes.total()} breaks of {_BREAKS.value * len(functions)} asked "
        f"for, {1000 * breaking / fixes.total():.1f} ms each")
  print(f"{'kind':15}{'a function':>11}{'of edits':>9}{'of fixes':>9}")
  for kind in edits.KINDS:
    print(f"{kind:15}{kinds[kind] / len(functions):11.1f}"
          f"{kinds[kind] / kinds.total():9.1%}"
          f"{fixes[kind] / fixes.total():9.1%}")


if __name__ == "__main__":
  app.run(main)
