"""What was tried in a state and failed, as far as the next choice needs it."""

from collections.abc import Iterable, Mapping, Sequence
import dataclasses

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import signals

# Worst first. The order is part of data sets: append only.
OUTCOMES = (
    "none", "hang", "same_error", "other_error", "regress", "progress",
)
MAX_SHOWN = 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class Try:
  """An edit that was executed and is not the fix.

  outcome: one of `OUTCOMES`: "progress" if a failing test passed, "regress"
    if all those did that ran before a passing one failed.
  """
  edit: edits_lib.Edit
  outcome: str


def make_try(
    edit: edits_lib.Edit,
    execution: evidence_lib.Execution,
    exceptions: Mapping[str, str],
) -> Try:
  """Returns what is to be remembered of an execution.

  Args:
    edit: the candidate.
    execution: of it; neither passed nor invalid.
    exceptions: type of the exception of each test that failed before it, by
      nodeid.
  """
  said = dict(zip(
      signals.SIGNALS, signals.make_signals(execution, exceptions), strict=True
  ))
  known = [name for name in OUTCOMES[:0:-1] if said[name]]
  return Try(edit=edit, outcome=known[0] if known else "other_error")


def make_tries(
    executed: Iterable[tuple[edits_lib.Edit, evidence_lib.Execution]],
    exceptions: Mapping[str, str],
) -> tuple[Try, ...]:
  """Returns what is to be remembered of executions: of those that failed.

  Args:
    executed: in their order.
    exceptions: as in `make_try`.
  """
  return tuple(
      make_try(edit, execution, exceptions)
      for edit, execution in executed
      if execution.status not in ("passed", "invalid")
  )


def shown(tried: Sequence[Try]) -> list[Try]:
  """Returns the tries that an observation has room for, in their order.

  The last ones, but those that made progress before any others.
  """
  order = sorted(
      range(len(tried)), key=lambda i: (tried[i].outcome != "progress", -i)
  )
  return [tried[i] for i in sorted(order[:MAX_SHOWN])]
