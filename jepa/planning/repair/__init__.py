"""The repair engine: from a red test to verified patches.

  engine      the whole of it: `repair(Request) -> Report`
  rounds      what mends all failing tests, else some, then the rest
  goals       which of them one edit is to mend
  request, command    what is asked, and the test command taken apart
  diagnosis   what fails and where it points, without trying any edit
  suspects    the functions that failing tests reach; statements outside of any
  witnesses   which tests have something to say of a piece of code
  findings    what the tests say, in words
  leads       where to look by hand, where the search was in vain
  ranking     how likely each edit is to be the fix; models loads the trained
  queue       the order of candidates
  beliefs     what every outcome changes in it; the model sees what was tried
  progress    how far an outcome has brought the failing tests
  search      executes them, and confirms in a clean process
  ledger      what may be spent
  behaviour, comparing        which patches do the same on generated inputs
  patches, plausibility, diff, report, errors       what comes back
  traces      what was executed, logged to learn from
  workspace   what may be edited, and writing it
  environment, interpreter    what runs the tests

  repair(Request(root, test_command)) -> Report      searches, writes nothing
  write(root, patch)                                 applies a patch of it
  propose(request, count) -> candidates              ranks, executes none
  diagnose(request) -> Diagnosis                     only runs the tests

Nothing here imports JAX before a model is to be used.
"""

from jepa.planning.repair.diagnosis import diagnose
from jepa.planning.repair.diagnosis import Diagnosis
from jepa.planning.repair.diagnosis import propose
from jepa.planning.repair.engine import repair
from jepa.planning.repair.engine import write
from jepa.planning.repair.errors import RepairError
from jepa.planning.repair.ledger import Budget
from jepa.planning.repair.patches import Candidate
from jepa.planning.repair.patches import describe
from jepa.planning.repair.patches import Patch
from jepa.planning.repair.report import Report
from jepa.planning.repair.request import Request
from jepa.planning.repair.request import Watcher
from jepa.planning.repair.search import Trial
from jepa.planning.repair.traces import recording
from jepa.planning.repair.workspace import check_clean
from jepa.planning.repair.workspace import check_output

__all__ = [
    "Budget", "Candidate", "check_clean", "check_output", "describe",
    "diagnose", "Diagnosis", "Patch", "propose", "recording", "repair",
    "RepairError", "Report", "Request", "Trial", "Watcher", "write",
]
