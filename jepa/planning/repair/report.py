"""What a repair found, for people and for programs."""

from collections.abc import Sequence
import dataclasses
from typing import Any, Literal

from jepa.planning.repair import behaviour
from jepa.planning.repair import leads as leads_lib
from jepa.planning.repair import patches as patches_lib
from jepa.planning.repair import search as search_lib

# "partial": the patches fix some of the failing tests and break none.
Status = Literal["fixed", "partial", "not_found"]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Report:
  """What a repair found.

  executions: candidates executed until the first patch of this status was
    verified, or in all where there is none.
  seconds: wall time until then, or in all.
  candidates: edits that were ranked.
  patches: the preferable first.
  failing: node ids of the tests that failed.
  ranker: what ordered the candidates.
  notes: what a user should know of how this was found.
  trials: everything executed, in order.
  grouping: patches that behave alike, by their index; None where there is
    one only, or where they cannot be called.
  leads: where to look by hand; None where all is repaired.
  """
  status: Status
  executions: int
  seconds: float
  candidates: int
  patches: tuple[patches_lib.Patch, ...]
  failing: tuple[str, ...]
  ranker: str
  notes: tuple[str, ...] = ()
  trials: tuple[search_lib.Trial, ...] = ()
  grouping: behaviour.Grouping | None = None
  leads: leads_lib.Leads | None = None

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
        "grouping": self.grouping and dataclasses.asdict(self.grouping),
        "leads": self.leads and self.leads.to_json(),
    }


def status_of(patches: Sequence[patches_lib.Patch]) -> Status:
  """Returns what these patches, the preferable first, amount to."""
  if not patches:
    return "not_found"
  return "partial" if patches[0].remaining else "fixed"
