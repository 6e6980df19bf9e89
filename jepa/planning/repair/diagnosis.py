"""Where the failing tests point to, before any edit is tried."""

from collections.abc import Sequence
import dataclasses

from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import findings
from jepa.planning.repair import models
from jepa.planning.repair import patches as patches_lib
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import request as request_lib
from jepa.planning.repair import suspects as suspects_lib


@dataclasses.dataclass(frozen=True, kw_only=True)
class Suspicion:
  """A function or statement that failing tests reach.

  path, line: where it begins.
  name: qualified name, "" of a statement outside of functions.
  score: Ochiai's, in [0, 1], of its worst line.
  """
  path: str
  line: int
  name: str
  score: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Diagnosis:
  """What the tests say of a project as it is.

  failing: node ids of the tests that fail whenever they are run.
  num_tests: how many there are.
  suspicions: the worst first; empty where nothing fails.
  notes: what a user should know of the tests.
  """
  failing: tuple[str, ...]
  num_tests: int
  suspicions: tuple[Suspicion, ...]
  notes: tuple[str, ...]


def diagnose(request: request_lib.Request) -> Diagnosis:
  """Runs the tests, and says what the failing ones reach.

  Raises:
    RepairError: the tests cannot be run.
  """
  baseline, suspects, notes = _survey(request, models.Loader("none"))
  return Diagnosis(
      failing=tuple(
          baseline.tests[i].nodeid for i in findings.sound_failures(baseline)
      ),
      num_tests=len(baseline.tests),
      suspicions=tuple(map(_suspicion, suspects)),
      notes=tuple(notes),
  )


def propose(
    request: request_lib.Request, count: int
) -> list[patches_lib.Candidate]:
  """Returns the edits that a repair would execute first, unexecuted.

  Raises:
    RepairError: the tests cannot be run.
  """
  loader = models.Loader(request.checkpoint)
  _, suspects, _ = _survey(request, loader)
  if not suspects:
    return []
  queue = queue_lib.Queue(suspects, loader.wait())
  proposals = []
  while len(proposals) < count and (proposal := queue.pop()) is not None:
    proposals.append(proposal)
  return [
      patches_lib.make_candidate(p, queue.probability(p)) for p in proposals
  ]


def _survey(
    request: request_lib.Request, loader: models.Loader
) -> tuple[executor_lib.Baseline, Sequence[suspects_lib.Suspect], list[str]]:
  project = request_lib.make_project(request)
  try:
    with executor_lib.FastExecutor(
        project, request.limits, loader.start
    ) as executor:
      notes = list(findings.notes(executor.baseline))
      failing = findings.sound_failures(executor.baseline)
      suspects = []
      loader.join()  # Before anything is parsed: see `engine`.
      if failing:
        suspects = suspects_lib.find(executor, failing, notes.append)
      return executor.baseline, suspects, notes
  except executor_lib.ExecutorError as error:
    raise request_lib.explain(error, request, project) from error


def _suspicion(suspect: suspects_lib.Suspect) -> Suspicion:
  statement = suspect.statement
  return Suspicion(
      path=suspect.function.path,
      line=statement.lines[0] if statement else suspect.function.lineno,
      name="" if statement else suspect.function.qualname,
      score=suspect.suspicion,
  )
