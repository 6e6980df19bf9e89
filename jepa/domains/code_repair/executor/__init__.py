"""Runs candidate edits of one function against the project's own tests.

The fast path (`FastExecutor`) swaps a candidate's code into the functions of
a worker process that has imported everything already; the exact path
(`referee`) runs whole files in a clean process. Both are confined, both run
on a copy, and a test holds them to the same verdicts.

  client      the fast path as others call it
  exact       the exact path, cold and warm
  survey, baseline                  the suite on the program as it is
  targets, observing                functions, and candidates looked at closely
  pipeline, connection, process     a stream of candidates, servers that may
              die under it, and the process they live in
  project, scratch, span            what is executed, where, and how much
  collection, errors                what pytest says before any test runs
  worker/     the other side, in the project's own interpreter
"""

from jepa.domains.code_repair.executor.baseline import Baseline
from jepa.domains.code_repair.executor.client import FastExecutor
from jepa.domains.code_repair.executor.client import needs_clean_process
from jepa.domains.code_repair.executor.errors import CandidateError
from jepa.domains.code_repair.executor.errors import CollectionError
from jepa.domains.code_repair.executor.errors import ConfinementError
from jepa.domains.code_repair.executor.errors import ExecutorError
from jepa.domains.code_repair.executor.errors import InterpreterError
from jepa.domains.code_repair.executor.errors import NoTestsError
from jepa.domains.code_repair.executor.errors import SuiteHangsError
from jepa.domains.code_repair.executor.errors import WorkerError
from jepa.domains.code_repair.executor.exact import referee
from jepa.domains.code_repair.executor.exact import RefereeReport
from jepa.domains.code_repair.executor.project import Limits
from jepa.domains.code_repair.executor.project import Project

__all__ = [
    "Baseline",
    "CandidateError",
    "CollectionError",
    "ConfinementError",
    "ExecutorError",
    "FastExecutor",
    "InterpreterError",
    "Limits",
    "NoTestsError",
    "Project",
    "RefereeReport",
    "SuiteHangsError",
    "WorkerError",
    "needs_clean_process",
    "referee",
]
