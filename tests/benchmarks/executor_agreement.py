"""Do the fast path and a clean process give the same verdicts?

  python -m tests.benchmarks.executor_agreement --cache=DIR

Every candidate is judged by a hot swap, streamed as a search does it, and the
tests that reach the change, and again by fresh imports and the whole suite.
Prints each disagreement, and how many candidates were compared, unswappable,
and of which verdict. `--cache` is where `corpus.fetch` keeps packages.

On 2026-11-21, seven minutes on one core: 566 candidates of the five packages,
of which 500 could be swapped in and were compared; 316 failed, 104 did not
compile, 78 passed, 2 hung. No disagreement.
"""

import collections
import pathlib
import tempfile
import time

from absl import app
from absl import flags
from jepa.domains.code_repair import corpus
from jepa.domains.code_repair import executor
from jepa.domains.code_repair import packages
from tests.benchmarks import installed_project
from tests.domains.code_repair.executor import sample_project

_COUNT = flags.DEFINE_integer(
    "count", 500, "Candidates of all projects that can be compared."
)
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the choice of candidates.")
_PROJECTS = flags.DEFINE_list(
    "projects", ["inflection", "addict", "cachetools", "funcy", "toolz"],
    "Pinned packages, or 'sample' for that of the tests.",
)
_CACHE = flags.DEFINE_string(
    "cache", "", "Folder of packages; by default one that is thrown away."
)


def _prepare(name: str, folder: pathlib.Path):
  """Returns a project and the paths of the files to edit."""
  if name == "sample":
    sample_project.write(folder)
    return executor.Project(root=folder), [sample_project.SOURCE]
  package = packages.PACKAGES[name]
  cache = pathlib.Path(_CACHE.value or folder)
  root = corpus.fetch([package], cache)[name]
  project = executor.Project(root=root, tests=package.tests)
  return project, list(corpus.modules(package, root))


def compare(name: str, count: int) -> collections.Counter[str]:
  """Counts the pairs of verdicts on candidates of one project."""
  counts = collections.Counter()
  with tempfile.TemporaryDirectory() as folder:
    project, paths = _prepare(name, pathlib.Path(folder))
    candidates = installed_project.candidates(project, paths, _SEED.value)
    with executor.FastExecutor(project) as fast:
      left = [c for c in candidates if fast.covering(c[0])]
      while left and (missing := count - _num_compared(counts)) > 0:
        some, left = left[:missing], left[missing:]
        counts.update(_compare_some(fast, some))
      counts["retracted"] = fast.num_retracted
  return counts


def _num_compared(counts: collections.Counter[str]) -> int:
  return counts.total() - counts["unswappable"] - counts["retracted"]


def _compare_some(fast, candidates) -> collections.Counter[str]:
  counts = collections.Counter()
  by_target = collections.defaultdict(list)
  for target, text in candidates:
    by_target[target].append(text)
  for target, texts in by_target.items():
    # All at once: a referee between two would hide what they leave.
    for text, ours in zip(texts, [*fast.execute_many(target, texts)]):
      counts[_compare_one(fast, target, text, ours)] += 1
  return counts


def _compare_one(fast, target, text, ours) -> str:
  if executor.needs_clean_process(ours):
    return "unswappable"
  files = fast.patch(target, text)
  # What a test that reaches the change fails, the whole suite fails.
  exact = fast.execute_exact(files, fast.covering(target))
  if exact.status == "passed":
    exact = fast.execute_exact(files)
  if ours.status == exact.status:
    return ours.status
  print(f"{target}\n{text}\n  fast  {ours}\n  exact {exact}", flush=True)
  return f"{ours.status} but {exact.status}"


def main(unused_argv):
  total = collections.Counter()
  left = _COUNT.value
  for num_done, name in enumerate(_PROJECTS.value):
    # What a small project cannot give, those after it give.
    start = time.perf_counter()
    counts = compare(name, -(-left // (len(_PROJECTS.value) - num_done)))
    left -= _num_compared(counts)
    seconds = time.perf_counter() - start
    print(f"{name} {dict(counts.most_common())} {seconds:.0f} s", flush=True)
    total.update(counts)
  different = sum(n for what, n in total.items() if " but " in what)
  print(
      f"all {dict(total.most_common())}: {_num_compared(total)} compared, "
      f"{different} disagreements"
  )


if __name__ == "__main__":
  app.run(main)
