"""What a repair found, for people and for programs."""

import dataclasses
from typing import Any, Literal

from jepa.domains.code_repair import edits as edits_lib
from jepa.planning.repair import search as search_lib

# "partial" is a patch that fixes some of the failing tests and breaks none.
Status = Literal["fixed", "partial", "not_found"]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Patch:
  """A verified patch.

  diff: unified, as bytes of the files' own encoding.
  before, after: contents of each changed file, by path.
  description: one line for people.
  kind: of the edit.
  path, line: what it changes.
  rank: place at which it was executed, from 1.
  probability: what the ranker believed before anything was executed.
  fixed, remaining: tests that failed before, by whether they pass now.
  num_changed: lines removed and added.
  """
  diff: bytes
  before: dict[str, bytes]
  after: dict[str, bytes]
  description: str
  kind: str
  path: str
  line: int
  rank: int
  probability: float
  fixed: tuple[str, ...]
  remaining: tuple[str, ...]

  def to_json(self) -> dict[str, Any]:
    return {
        "diff": self.diff.decode("utf-8", "surrogateescape"),
        "kind": self.kind,
        "rank": self.rank,
        "probability": self.probability,
        "path": self.path,
        "line": self.line,
        "description": self.description,
        "fixed": list(self.fixed),
        "remaining": list(self.remaining),
    }


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Report:
  """What a repair found.

  status: see `Status`.
  executions: candidates executed until the first verified patch, or in all
    where there is none.
  seconds: wall time until the first verified patch, or in all.
  candidates: edits that were ranked.
  patches: the best first.
  failing: node ids of the tests that failed.
  ranker: what ordered the candidates.
  notes: what a user should know of how this was found.
  trials: everything executed, in order.
  """
  status: Status
  executions: int
  seconds: float
  candidates: int
  patches: tuple[Patch, ...]
  failing: tuple[str, ...]
  ranker: str
  notes: tuple[str, ...] = ()
  trials: tuple[search_lib.Trial, ...] = ()

  def to_json(self) -> dict[str, Any]:
    return {
        "status": self.status,
        "executions": self.executions,
        "seconds": round(self.seconds, 3),
        "candidates": self.candidates,
        "patches": [patch.to_json() for patch in self.patches],
        "failing": list(self.failing),
        "ranker": self.ranker,
        "notes": list(self.notes),
    }


def describe(trial: search_lib.Trial) -> str:
  """Returns "line 12: cmp_op: `<` -> `<=`"."""
  proposal = trial.proposal
  return edits_lib.describe(proposal.suspect.function, proposal.edit)
