"""Trials: the tests of a checkout, run on versions of one function."""

from collections.abc import Sequence
import functools
import itertools
import pathlib

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source

# Tests that take longer are left out of bugs made by the thousand: a few of
# them would take most of the time. Far from what most tests take, so that the
# same tests are quick on every machine.
_QUICK_SECONDS = 0.1


def make_executor(checkout: settings_lib.Checkout) -> executor_lib.FastExecutor:
  """Returns an executor of a package's tests, to be closed.

  Raises:
    executor.ExecutorError: they cannot be run.
  """
  project = executor_lib.Project(
      root=checkout.root,
      tests=checkout.tests,
      env={"PYTHONHASHSEED": "0"},  # Else sets print in another order.
  )
  # Pinned packages are trusted where a container lacks a layer.
  limits = executor_lib.Limits(allow_unsafe=True)
  return executor_lib.FastExecutor(project, limits)


def sound_tests(executor, target) -> list[int]:
  """Returns the tests that reach `target` and pass whenever they are run."""
  unsound = executor.baseline.failing.union(executor.baseline.flaky)
  return [i for i in executor.covering(target) if i not in unsound]


def quick_tests(executor, tests: Sequence[int]) -> list[int]:
  """Returns those of `tests` that take next to no time."""
  known = executor.baseline.tests
  return [i for i in tests if known[i].seconds < _QUICK_SECONDS]


def choose_tests(
    tests: Sequence[int], nodeids: Sequence[str], limit: int
) -> list[int]:
  """Returns at most `limit` of `tests`: of each test function in its turn.

  Args:
    tests: indices into `nodeids`.
    nodeids: pytest's names, with parameters in brackets.
    limit: how many to return at the most.
  """
  groups: dict[str, list[int]] = {}
  for i in tests:
    groups.setdefault(nodeids[i].split("[")[0], []).append(i)
  turns = itertools.zip_longest(*groups.values())
  in_turn = [i for turn in turns for i in turn if i is not None]
  return sorted(in_turn[:limit])


def target_of(function: source.Function) -> evidence_lib.Target:
  return evidence_lib.Target(
      path=function.path, qualname=function.qualname, lineno=function.lineno
  )


def edited_text(function: source.Function, edit: edits_lib.Edit) -> str:
  """Returns the lines of the edited function, without reading it anew."""
  splice = edits_lib.render(function, edit)
  edited = splice.apply(function.source)
  end = function.end + len(edited) - len(function.source)
  return edited[function.start : end].decode()


def observe(
    executor: executor_lib.FastExecutor,
    functions: Sequence[source.Function],
    tests: Sequence[int],
    read_text: failure_lib.ReadText,
    original: str | None = None,
) -> list[tuple[evidence_lib.Evidence, records.Observed]]:
  """Runs tests of versions of one function, and keeps what they show.

  Args:
    executor: of the project that the function's file belongs to.
    functions: original or edited.
    tests: indices of tests, as in the executor's baseline.
    read_text: reads the project's files.
    original: the lines of the version that has been run before: the file's.
  """
  if not functions:
    return []
  target = target_of(functions[0])
  texts = [f.text for f in functions if f.text != original]
  seen = iter(executor.observe_many(target, texts, tests))
  return [
      _to_observed(
          function,
          executor.observe(target, None, tests)
          if function.text == original
          else next(seen),
          read_text,
      )
      for function in functions
  ]


def exceptions_of(evidence: evidence_lib.Evidence) -> dict[str, str]:
  """Returns the exception of each failing test, by nodeid.

  None of them where one hangs or crashes: of those not all is known.
  """
  if any(t.outcome in ("hang", "crash") for t in evidence.failing):
    return {}
  return {t.nodeid: t.exception for t in evidence.failing}


def _to_observed(function, evidence, read_text):
  failure = failure_lib.make_failure(evidence, function.end_lineno, read_text)
  return evidence, records.Observed(
      text=function.text,
      spectrum=localization.make_spectrum(evidence),
      failure=failure,
  )


@functools.lru_cache(maxsize=256)
def read_text(root: pathlib.Path, path: str) -> str | None:
  """Returns the text of a project's file, None where there is none."""
  try:
    return (root / path).read_text()
  except (OSError, UnicodeDecodeError):
    return None
