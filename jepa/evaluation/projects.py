"""Projects with failing tests: executions to the first edit that passes.

All edits of all functions that the failing tests reach are executed once; then
every ranker is asked in which order it would have tried them.
"""

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import pathlib
from typing import NamedTuple

from jepa.baselines import code_repair as baselines
from jepa.domains import base
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.planning import rank
from jepa.planning.repair import errors
from jepa.planning.repair import findings
from jepa.planning.repair import ranking
from jepa.planning.repair import request as request_lib
from jepa.planning.repair import suspects as suspects_lib
import numpy as np

REFERENCE = "ochiai_kind"  # The best static mix known.


class Part(NamedTuple):
  """A function that failing tests reach, and its edits that were executed."""
  suspect: suspects_lib.Suspect
  edits: tuple[edits_lib.Edit, ...]


class Case(NamedTuple):
  """A project with its candidates executed; see `table.Case`.

  parts: the functions; candidates are theirs, one function after another.
  success: whether each candidate passed, shape `[K]` bool.
  origin: the project's folder.
  num_left: candidates that there was no time to execute: in no ranking.
  """
  parts: Sequence[Part]
  success: np.ndarray
  origin: str
  num_left: int


# Scores every candidate of a case, shape `[K]`; the highest is tried first.
Ranker = Callable[[Case], np.ndarray]


def find(folder: pathlib.Path) -> list[pathlib.Path]:
  """Returns the projects in a folder: its subfolders, hidden ones left out.

  Raises:
    FileNotFoundError: there is no such folder, or no project in it.
  """
  if not folder.is_dir():
    raise FileNotFoundError(f"No folder {folder}: --projects names one.")
  found = sorted(
      p for p in folder.iterdir() if p.is_dir() and p.name[0] not in "._"
  )
  if not found:
    raise FileNotFoundError(
        f"{folder} has no subfolder: each project is one, with its tests."
    )
  return found


def make_case(root: pathlib.Path, max_executed: int) -> Case:
  """Executes the edits of one project.

  Args:
    root: of the project.
    max_executed: where there are more candidates, those of the functions and
      lines that look worst are executed.

  Raises:
    RepairError: nothing fails, or the tests cannot be run.
  """
  request = request_lib.Request(root=root)
  project = request_lib.make_project(request)
  try:
    with executor_lib.FastExecutor(project, request.limits) as executor:
      failing = findings.sound_failures(executor.baseline)
      if not failing:
        raise errors.RepairError(
            "tests_pass", f"{root}: no test fails.", errors.EXIT_NOTHING_TO_DO
        )
      return _execute(executor, failing, max_executed)
  except executor_lib.ExecutorError as error:
    raise request_lib.explain(error, request, project) from error


def _execute(executor, failing, max_executed) -> Case:
  suspects = [
      s for s in suspects_lib.find(executor, failing)
      if s.edits and not s.statement
  ]
  parts = _chosen(suspects, max_executed)
  success = []
  for suspect, edits in parts:
    texts = map(suspect.text, edits)
    executions = executor.execute_many(suspect.target, list(texts), None)
    success += [e.status == "passed" for e in executions]
  return Case(
      parts=parts,
      success=np.array(success, bool),
      origin=executor.project.root.name,
      num_left=sum(len(s.edits) for s in suspects) - len(success),
  )


def _chosen(
    suspects: Sequence[suspects_lib.Suspect], max_executed: int
) -> list[Part]:
  """Returns as many edits as may be executed, the likeliest by the prior."""
  score = ranking.static().score
  scored = [(x, i, j) for i, s in enumerate(suspects)
            for j, x in enumerate(score(s))]
  scored.sort(key=lambda item: -item[0])
  kept = sorted((i, j) for _, i, j in scored[:max_executed])
  return [
      Part(s, tuple(s.edits[j] for k, j in kept if k == i))
      for i, s in enumerate(suspects)
      if any(k == i for k, _ in kept)
  ]


def make_rankers(
    scorers: Mapping[str, rank.Scorer],
    static: Mapping[str, baselines.Ranker] = baselines.RANKERS,
) -> dict[str, Ranker]:
  """Returns the rankers of the table, as `table.make_rankers` does."""
  rankers: dict[str, Ranker] = {"random": lambda c: np.zeros(len(c.success))}
  for name, ranker in static.items():
    rankers[name] = _of_static(ranker)
  for name, scorer in scorers.items():
    rankers[name] = _of_scorer(scorer)
  if scorers:
    name, scorer = next(iter(scorers.items()))
    rankers[f"{name}, with the prior"] = _of_scorer(
        scorer, ranking.PRIOR_SHARE
    )
    rankers[f"{name}, no action"] = _of_scorer(_blind(scorer))
    rankers[f"{name}, shuffled actions"] = _of_scorer(_shuffled(scorer))
  return rankers


def _of_static(static: baselines.Ranker) -> Ranker:

  def score(case):
    return np.concatenate([
        static(
            dataclasses.replace(part.suspect.state,
                                spectrum=part.suspect.spectrum),
            part.edits,
        )
        for part in case.parts
    ])

  return score


def _of_scorer(scorer: rank.Scorer, prior_share: float = 0.0) -> Ranker:
  learned = ranking.learned(scorer, "model", prior_share)
  return lambda case: np.concatenate(
      [learned.score_edits(p.suspect, p.edits) for p in case.parts]
  )


def _blind(scorer: rank.Scorer) -> rank.Scorer:
  blank = base.Candidate(kind=0, start=0, end=0, args=())
  return lambda state, candidates: scorer(state, [blank] * len(candidates))


def _shuffled(scorer: rank.Scorer) -> rank.Scorer:
  rng = np.random.default_rng(0)
  return lambda state, candidates: rng.permutation(scorer(state, candidates))
