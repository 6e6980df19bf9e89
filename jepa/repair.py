"""Repairing a project from Python, in three functions.

  from jepa import repair

  found = repair.diagnose("path/to/project")       # Where the failures point.
  edits = repair.propose("path/to/project", 10)    # What would be tried first.
  report = repair.repair("path/to/project")        # Verified patches.
  print(report.patches[0].diff.decode())
  repair.write("path/to/project", report.patches[0])

None of the three changes anything. What else they take are the fields of
`Request`: `test_command`, `python`, `checkpoint`, `budget`, `test_seconds`,
`is_unsafe`. All raise `RepairError`, whose message says what would help.
"""

import os
import pathlib
from typing import Any

from jepa.planning import repair as engine
from jepa.planning.repair import Budget
from jepa.planning.repair import Candidate
from jepa.planning.repair import Diagnosis
from jepa.planning.repair import Patch
from jepa.planning.repair import RepairError
from jepa.planning.repair import Report
from jepa.planning.repair import Request

__all__ = [
    "Budget", "Candidate", "diagnose", "Diagnosis", "Patch", "propose",
    "repair", "RepairError", "Report", "write",
]


def diagnose(root: str | os.PathLike[str], **request: Any) -> Diagnosis:
  """Runs the tests, and says which functions the failing ones point to.

  Args:
    root: the project's folder.
    **request: further fields of `Request`.
  """
  return engine.diagnose(_request(root, request))


def propose(
    root: str | os.PathLike[str], count: int = 10, **request: Any
) -> list[Candidate]:
  """Returns the edits that `repair` would try first, without trying any.

  Args:
    root: the project's folder.
    count: how many edits at most.
    **request: further fields of `Request`.
  """
  return engine.propose(_request(root, request), count)


def repair(root: str | os.PathLike[str], **request: Any) -> Report:
  """Searches for patches with which failing tests pass, and none breaks.

  Args:
    root: the project's folder.
    **request: further fields of `Request`.
  """
  return engine.repair(_request(root, request))


def write(root: str | os.PathLike[str], patch: Patch) -> None:
  """Applies a patch to the files that it was made for, or changes nothing.

  Args:
    root: the project's folder.
    patch: one of a report's.
  """
  engine.write(pathlib.Path(root), patch)


def _request(
    root: str | os.PathLike[str], fields: dict[str, Any]
) -> Request:
  return Request(root=pathlib.Path(root), **fields)
