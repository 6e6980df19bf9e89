"""Which failing tests one edit is to mend: all of them, else some.

An edit mends only tests that reach it. So where some function is reached by
all failing tests, one edit may mend all, and that is looked for first; where
none is, they are failures of their own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
import dataclasses
import functools

from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import findings
from jepa.planning.repair import suspects as suspects_lib
from jepa.planning.repair import witnesses

_TURN = 500  # Executions of one search, where there are several.
# Of that for all tests, where what all reach is no less suspicious than the
# rest.
_FAVOURED_TURN = 2000
_TURN_SECONDS = 30.0
_MAX_PARTS = 4


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Goal:
  """Failing tests that an edit is to mend, whatever others do.

  tests: their indices.
  suspects: what may be edited to that end, the worst first.
  is_whole: whether these are all that fail.
  turn: executions after which other goals are to have theirs.
  seconds: wall time, likewise.
  """
  tests: Sequence[int]
  suspects: list[suspects_lib.Suspect]
  is_whole: bool
  turn: int = _TURN
  seconds: float = _TURN_SECONDS


def find(
    executor: executor_lib.FastExecutor,
    failing: Sequence[int],
    on_note: Callable[[str], None],
) -> list[Goal]:
  """Returns what to aim at, in this order; nothing where no code is reached.

  Args:
    executor: of the project.
    failing: indices of the tests to repair.
    on_note: told of what cannot be repaired, or not be read.
  """
  look = functools.partial(
      suspects_lib.find, executor, on_unreadable=on_note
  )
  reached = witnesses.lines_of(executor.baseline, failing)
  suspects = look(failing)
  goals = [_whole(failing, suspects)]
  if len(failing) > 1:
    goals += [
        Goal(tests=tests, suspects=look(tests), is_whole=False)
        for tests in _parts(reached)
    ]
  aimed = {test for goal in goals if goal.suspects for test in goal.tests}
  seen = {test for goal in goals[1:] or goals for test in goal.tests}
  seen |= {test for test in failing if not reached[test]}
  if hopeless := sorted(seen - aimed):
    on_note(
        f"{findings.names(executor.baseline, hopeless)}: reached no code that "
        "may be edited, as tests and configuration never are; fails with "
        f"{findings.reason(executor.baseline, hopeless[0])}"
    )
  return [goal for goal in goals if goal.suspects]


def _whole(
    failing: Sequence[int], suspects: list[suspects_lib.Suspect]
) -> Goal:
  common = [s for s in suspects if s.is_common]
  is_favoured = common and common[0].suspicion >= suspects[0].suspicion
  return Goal(
      tests=failing,
      suspects=common,
      is_whole=True,
      turn=_FAVOURED_TURN if is_favoured else _TURN,
  )


def _parts(reached: Mapping[int, frozenset]) -> Iterator[Sequence[int]]:
  """Yields smaller goals: tests that reach the same lines, then one of each.

  A failure that no edit can mend must not stand in the way of others. Those
  with little reach come first: they say most of where the bug is.
  """
  alike: dict[frozenset, list[int]] = {}
  for test in sorted(reached, key=lambda test: len(reached[test])):
    if reached[test]:
      alike.setdefault(reached[test], []).append(test)
  unreached = [t for t in reached if not reached[t]][:_MAX_PARTS]
  # Constants may explain what reaches no function.
  parts = list(alike.values())[:_MAX_PARTS] + [[t] for t in unreached]
  yield from (part for part in parts if len(part) < len(reached))
  yield from (part[-1:] for part in parts if len(part) > 1)
