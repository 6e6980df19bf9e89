"""How many students' bugs are within reach of one edit, and of two.

  python -m tests.benchmarks.students_reach --data_dir=data --bugs=20

Every edit of a bug is executed. Where none repairs it, the most promising
first edits are made, and after each of them so many second edits are executed,
the likeliest kinds first: a bug that this does not reach may still be within
reach of two edits.
"""

import collections
import functools
import pathlib
import random

from absl import app
from absl import flags
from jepa.domains.code_repair import bugs
from jepa.domains.code_repair import corpus
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import packages
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import students
from jepa.domains.code_repair import trials

_DATA_DIR = flags.DEFINE_string("data_dir", "data", "As given to prepare.")
_BUGS = flags.DEFINE_integer("bugs", 20, "Taken of each question.")
_FIRST = flags.DEFINE_integer("first", 6, "First edits of a pair; 0: none.")
_SECOND = flags.DEFINE_integer("second", 500, "Edits executed after each.")
_MAX_TOKENS = settings_lib.Settings().max_tokens


def _execute(executor, function: source.Function, candidates) -> list:
  texts = [trials.edited_text(function, e) for e in candidates]
  target = trials.target_of(function)
  return list(executor.execute_many(target, texts))


def _reach(executor, function: source.Function) -> tuple[str, str]:
  """Returns how far a repair is, and the kinds of its edits."""
  target = trials.target_of(function)
  wrong, = executor.execute_many(target, [function.text])
  if wrong.status != "failed":
    return f"{wrong.status} as it is", ""
  if len(function.tokens) > _MAX_TOKENS:
    return "too long", ""
  candidates = edits.enumerate_edits(function)
  executions = _execute(executor, function, candidates)
  for edit, execution in zip(candidates, executions):
    if execution.status == "passed":
      return "one edit", edit.kind
  # The tests run until the first failure, so the longest run got the furthest.
  order = sorted(
      range(len(candidates)), key=lambda i: -executions[i].num_run
  )
  for i in order[: _FIRST.value]:
    between = edits.apply_edit(function, candidates[i])
    second = sorted(edits.enumerate_edits(between), key=_rank)[: _SECOND.value]
    for edit, execution in zip(second, _execute(executor, between, second)):
      if execution.status == "passed":
        return "two edits", f"{candidates[i].kind}, {edit.kind}"
  return "further", ""


def _rank(edit: edits.Edit) -> int:
  return edits.KINDS.index(edit.kind)


def _checkout(question: students.Question, root: pathlib.Path):
  return settings_lib.Checkout(
      name=question.folder, root=root / question.folder,
      files=(students.MODULE,), tests=("tests",), bugs=students.BUGS,
  )


def main(argv):
  del argv
  cache = pathlib.Path(_DATA_DIR.value, "cache")
  root = corpus.fetch([packages.STUDENTS], cache)[packages.STUDENTS.name]
  total, kinds = collections.Counter(), collections.Counter()
  for question in students.QUESTIONS:
    checkout = _checkout(question, root)
    listed = bugs.read(checkout.root / checkout.bugs)
    sample = random.Random(0).sample(listed, min(_BUGS.value, len(listed)))
    found = collections.Counter()
    with trials.make_executor(checkout) as executor:
      place = functools.partial(bugs.put_in_place, checkout)
      for bug in sample:
        far, how = _reach(executor, place(bug))
        found[far] += 1
        kinds.update([how] if how else [])
    print(f"{question.folder}: {len(listed)} distinct functions; "
          f"of {len(sample)}: {dict(found.most_common())}", flush=True)
    total += found
  num_wrong = sum(
      total[far] for far in ("one edit", "two edits", "further", "too long"))
  for far in ("one edit", "two edits"):
    share = 100 * total[far] / max(1, num_wrong)
    print(f"{far}: {total[far]} of {num_wrong} wrong functions, {share:.0f} %")
  for how, count in kinds.most_common(20):
    print(f"{count:4d}  {how}")


if __name__ == "__main__":
  app.run(main)
