"""Functions broken twice: what no single edit repairs, and two edits do."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import functools
import pathlib
import random
from typing import Any

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import pairs
from jepa.domains.code_repair import pools
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import trials

_ATTEMPTS = 6  # Second breaks of a broken function that are tried.
_MAX_SINGLE_EDITS = 1500  # All are executed: longer functions are left out.
_AT_ONCE = 64


@dataclasses.dataclass(frozen=True, kw_only=True)
class DoubleBug:
  """A function with two bugs, and what its tests showed.

  package: name and version of where it comes from.
  target: the function.
  broken: its program.
  exceptions: type of the exception of each failing test, by nodeid.
  fixes: two edits of the broken function that together restore it.
  tests: nodeids of the tests that judge it.
  """
  package: str
  target: evidence_lib.Target
  broken: records.Observed
  exceptions: Mapping[str, str]
  fixes: tuple[edits_lib.Edit, edits_lib.Edit]
  tests: tuple[str, ...]

  @property
  def state(self) -> observation.State:
    return self.state_of(self.broken)

  def state_of(self, observed: records.Observed) -> observation.State:
    return observation.State(
        function=records.restore_function(observed.text, self.target),
        spectrum=observed.spectrum,
        failure=observed.failure,
    )

  def to_json(self) -> dict[str, Any]:
    return {
        "package": self.package,
        "target": dataclasses.asdict(self.target),
        "broken": self.broken.to_json(),
        "exceptions": dict(self.exceptions),
        "fixes": [e.to_json() for e in self.fixes],
        "tests": list(self.tests),
    }

  @classmethod
  def from_json(cls, x: Mapping[str, Any]) -> "DoubleBug":
    first, second = map(edits_lib.Edit.from_json, x["fixes"])
    return cls(
        package=x["package"],
        target=evidence_lib.Target(**x["target"]),
        broken=records.Observed.from_json(x["broken"]),
        exceptions=x["exceptions"],
        fixes=(first, second),
        tests=tuple(x["tests"]),
    )


def edits_of(state: observation.State) -> list[edits_lib.Edit]:
  """Returns what the grammar enumerates in a state."""
  return edits_lib.enumerate_edits(
      state.function, pools.make_pools(state.failure)
  )


def make_double_bugs(
    record: records.Record,
    executor: executor_lib.FastExecutor,
    root: pathlib.Path,
) -> Iterator[DoubleBug]:
  """Breaks the broken function of a record once more.

  Yields only what fails, hangs nowhere, no single edit of the grammar repairs,
  and two edits of the broken function do.

  Args:
    record: with a fix that restores the function.
    executor: of its package.
    root: of the package's files.
  """
  once = record.function(record.broken)
  fix = record.candidates[record.fix]
  known = [t.nodeid for t in executor.baseline.tests]
  tests = trials.choose_tests(
      trials.sound_tests(executor, record.target),
      known,
      settings_lib.Settings().max_tests,
  )
  original = record.original().text
  rng = random.Random(f"{record.package}/{record.target}/{once.text}")
  for item in edits_lib.sample_breaks(once, rng, _ATTEMPTS):
    moved = pairs.moved(fix, item.edit)
    if moved is None or item.fix is None:
      continue
    function, fixes = edits_lib.apply_edit(once, item.edit), (item.fix, moved)
    if pairs.both(function, *fixes) != original:
      continue  # One is in the other's way.
    texts = [trials.edited_text(function, e) for e in fixes]
    # What it costs most to observe and to try is looked at last.
    if not _all_fail(executor, record.target, [function.text, *texts], tests):
      continue
    try:
      evidence, observed = _observe(function, executor, root, tests)
    except executor_lib.CandidateError:
      continue  # It cannot be put in place of the function.
    exceptions = trials.exceptions_of(evidence)
    if not exceptions:
      continue
    bug = DoubleBug(
        package=record.package,
        target=record.target,
        broken=observed,
        exceptions=exceptions,
        fixes=fixes,
        tests=tuple(known[i] for i in tests),
    )
    if _takes_two(bug, executor, tests):
      yield bug


def _observe(function, executor, root, tests):
  read_text = functools.partial(trials.read_text, root)
  (seen,) = trials.observe(executor, [function], tests, read_text)
  return seen


def _all_fail(executor, target, texts, tests, failing=()) -> bool:
  executions = executor.execute_many(target, texts, tests, failing)
  return all(e.status != "passed" for e in list(executions))


def _takes_two(
    bug: DoubleBug,
    executor: executor_lib.FastExecutor,
    tests: Sequence[int],
) -> bool:
  """Whether the fixes are in the grammar, and no single edit passes."""
  function, everything = bug.state.function, edits_of(bug.state)
  if (
      not set(bug.fixes) <= set(everything)
      or len(everything) > _MAX_SINGLE_EDITS
  ):
    return False
  texts = [trials.edited_text(function, e) for e in everything]
  failing = failing_tests(bug, executor)
  return all(
      _all_fail(
          executor, bug.target, texts[i : i + _AT_ONCE], tests, failing
      )
      for i in range(0, len(texts), _AT_ONCE)
  )


def failing_tests(
    bug: DoubleBug, executor: executor_lib.FastExecutor
) -> set[int]:
  """Returns the indices of the tests that fail."""
  known = executor.baseline.tests
  return {i for i, t in enumerate(known) if t.nodeid in bug.exceptions}
