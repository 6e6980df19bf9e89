"""Do the fast path and a clean process give the same verdicts?

  python -m tests.benchmarks.executor_agreement --count=300

Every candidate is judged by a hot swap and the tests that reach the change,
and again by fresh imports and the whole suite. Prints each disagreement, and
how many candidates were compared, unswappable, and of which verdict.
"""

import collections
import pathlib
import tempfile

from absl import app
from absl import flags
from jepa.domains.code_repair import executor
from tests.benchmarks import installed_project
from tests.domains.code_repair.executor import sample_project

_COUNT = flags.DEFINE_integer("count", 300, "Candidates of each project.")
_SEED = flags.DEFINE_integer("seed", 0, "Seed of the choice of candidates.")
_PROJECTS = flags.DEFINE_list(
    "projects", ["sample", "toolz"], "Which projects to compare on."
)


def _prepare(name, folder):
  if name == "sample":
    sample_project.write(folder)
    return executor.Project(root=folder), [sample_project.SOURCE]
  return installed_project.copy(name, folder), installed_project.TOOLZ


def compare(name: str) -> int:
  """Compares verdicts on one project; returns how many disagree."""
  counts = collections.Counter()
  with tempfile.TemporaryDirectory() as folder:
    project, paths = _prepare(name, pathlib.Path(folder))
    candidates = installed_project.candidates(project, paths, _SEED.value)
    with executor.FastExecutor(project) as fast:
      for target, text in candidates[:_COUNT.value]:
        ours = fast.execute(target, text)
        if executor.needs_clean_process(ours):
          counts["unswappable"] += 1
          continue
        exact = fast.execute_exact(fast.patch(target, text))
        counts[f"{ours.status} and {exact.status}"] += 1
        if ours.status != exact.status:
          counts["disagree"] += 1
          print(f"{target}\n{text}\n  fast  {ours}\n  exact {exact}")
  print(name, *(f"{v} {k}" for k, v in counts.most_common()), sep="\n  ")
  return counts["disagree"]


def main(unused_argv):
  disagreements = sum(compare(name) for name in _PROJECTS.value)
  print(f"{disagreements} disagreements")


if __name__ == "__main__":
  app.run(main)
