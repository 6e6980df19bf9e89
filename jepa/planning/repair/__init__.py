"""The repair engine: from a red test to verified patches.

  engine      the whole of it: `repair(Request) -> Report`
  command     reads the test command
  suspects    the functions that failing tests reach
  ranking     how likely each edit is to be the fix; models loads the trained
  queue       the order of candidates, changed by every outcome
  search      executes them, and confirms in a clean process
  workspace   what may be edited, and writing it
  diff, report, errors        what comes back

Nothing here imports JAX before a model is to be used.
"""

from jepa.planning.repair.engine import repair
from jepa.planning.repair.engine import Request
from jepa.planning.repair.engine import Watcher
from jepa.planning.repair.engine import write
from jepa.planning.repair.errors import RepairError
from jepa.planning.repair.report import describe
from jepa.planning.repair.report import Patch
from jepa.planning.repair.report import Report
from jepa.planning.repair.search import Budget
from jepa.planning.repair.workspace import check_clean

__all__ = [
    "Budget", "check_clean", "describe", "Patch", "repair", "RepairError",
    "Report", "Request", "Watcher", "write",
]
