"""What a search in vain has learned: where to look, and what came closest."""

from collections.abc import Iterable, Sequence
import dataclasses
import heapq
from typing import Any

from jepa.domains.code_repair import localization
from jepa.planning.repair import patches as patches_lib
from jepa.planning.repair import progress as progress_lib
from jepa.planning.repair import search as search_lib
from jepa.planning.repair import suspects as suspects_lib

_MAX_PLACES = 3
_MAX_CLOSEST = 3
_LONGEST = 100  # Characters of a failure's message that are shown.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
  """A line that failing tests run and others less often.

  function: qualified name, "" outside of any.
  suspicion: Ochiai's, in (0, 1].
  """
  path: str
  line: int
  function: str
  suspicion: float

  def __str__(self) -> str:
    return f"{self.path} line {self.line}" + (
        f", in {self.function}" if self.function else ""
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Near:
  """An edit that is no repair, but came closer than others.

  description: of the edit, for people.
  outcome: what it changed, and what fails with it.
  """
  description: str
  outcome: str

  def __str__(self) -> str:
    return f"{self.description}: {self.outcome}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leads:
  """Where to look by hand.

  places: the most suspicious first.
  closest: edits that made progress, the best first.
  advice: why the search ended, and what may help.
  """
  places: tuple[Place, ...]
  closest: tuple[Near, ...]
  advice: str

  def to_json(self) -> dict[str, Any]:
    return dataclasses.asdict(self)


def find(
    trials: Sequence[search_lib.Trial], *, is_cut_short: bool
) -> Leads:
  """Returns what the candidates that were executed in vain say.

  Args:
    trials: all of them.
    is_cut_short: whether candidates were left when the budget was spent.
  """
  ranked = heapq.nlargest(
      _MAX_CLOSEST, (t for t in trials if _merit(t)[0]), key=_merit
  )
  return Leads(
      places=tuple(_places(trials)),
      closest=tuple(map(_near, ranked)),
      advice=_advice(is_cut_short, bool(ranked)),
  )


def _merit(trial: search_lib.Trial) -> tuple:
  execution = trial.execution
  progress = progress_lib.measure(execution, trial.proposal.suspect.failing)
  return (
      int(progress),
      not execution.was_passing,
      execution.num_fixed,
      trial.proposal.suspect.first is None,
      trial.probability,
  )


def _near(trial: search_lib.Trial) -> Near:
  execution = trial.execution
  what = f"{execution.failed_test} {_ENDS[execution.was_passing]}"
  if execution.num_fixed:
    tests = "test" if execution.num_fixed == 1 else "tests"
    what = f"mends {execution.num_fixed} {tests}, but {what}"
  message = execution.message.partition("\n")[0]
  why = ": ".join(filter(None, (execution.exception, message)))
  if len(why) > _LONGEST:
    why = why[:_LONGEST] + "..."
  path = trial.proposal.suspect.function.path
  return Near(
      description=f"{path} {patches_lib.describe(trial.proposal)}",
      outcome=f"{what} ({why})" if why else what,
  )


_ENDS = {True: "fails then", False: "still fails"}


def _places(trials: Iterable[search_lib.Trial]) -> list[Place]:
  suspects = {t.proposal.suspect.key: t.proposal.suspect for t in trials}
  found = [
      Place(
          path=suspect.function.path,
          line=line,
          function="" if suspect.statement else suspect.function.qualname,
          suspicion=score,
      )
      for suspect in suspects.values()
      if suspect.first is None
      for line, score in _scores(suspect).items()
  ]
  return sorted(found, key=lambda p: (-p.suspicion, p.path, p.line))[
      :_MAX_PLACES
  ]


def _scores(suspect: suspects_lib.Suspect) -> dict[int, float]:
  if suspect.statement:
    return {suspect.statement.lines[0]: suspect.suspicion}
  return localization.ochiai(suspect.spectrum)


def _advice(is_cut_short: bool, has_progress: bool) -> str:
  if is_cut_short:
    return (
        "the budget was spent before all candidates were executed: raise "
        "--max_executions or --max_seconds, or name only the failing tests of "
        "one bug in --test_command"
    )
  if has_progress:
    return (
        "every single edit was executed: the repair takes several, of which "
        "one above may be the first; a test for it alone would let it be found"
    )
  return (
      "every single edit was executed: the repair is larger, or outside of "
      "what the failing tests run"
  )
