"""Rounds of searching: what mends all failing tests, else some, then the rest.

An edit that mends some tests may hide one that mends all, after which nothing
is left to do: so before it is accepted that one is looked for, about as long
again.
"""

from collections.abc import Callable, Hashable, Sequence
import dataclasses

from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib
from jepa.planning.repair import findings
from jepa.planning.repair import goals as goals_lib
from jepa.planning.repair import ledger as ledger_lib
from jepa.planning.repair import patches as patches_lib
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import report as report_lib
from jepa.planning.repair import request as request_lib
from jepa.planning.repair import search as search_lib

_MAX_ROUNDS = 4  # Failures that are independent of each other.
# Executions, and seconds, that a patch of some tests has to wait for one of
# all; beside as many as it took itself.
_PATIENCE = 1000
_PATIENCE_SECONDS = 30.0
# Executions after a patch that look for a plainer one: of what would be plainer
# if it passed the plainest; more where the patch takes something away.
_NUM_RIVALS = 128
_NUM_RIVALS_OF_LOSSY = 256
_RIVAL_SECONDS = 2.0
# Edits that made progress, after which the rest of the program is searched.
_NUM_ELSEWHERE = 2
_TURN_ELSEWHERE = 200

_Room = ledger_lib.Ledger | ledger_lib.Allowance


class _Aim:
  """A goal, and the search for an edit that reaches it."""

  def __init__(self, goal: goals_lib.Goal, search: search_lib.Search):
    self.goal = goal
    self.search = search

  def turn(self, room: _Room) -> ledger_lib.Allowance:
    return ledger_lib.Allowance(room, self.goal.turn, self.goal.seconds)


class Rounds:
  """Rounds of one repair.

  Args:
    request: what is asked.
    ledger: what may be spent.
    get_ranker: returns what orders candidates; called when it is needed.
    watcher: told of each step and of each candidate executed.
    note: told what the user should know of what was found.

  Attributes:
    found_after: executions and seconds until the first patch of a status was
      verified.
  """

  def __init__(
      self,
      request: request_lib.Request,
      ledger: ledger_lib.Ledger,
      get_ranker: Callable[[], ranking.Ranker],
      watcher: request_lib.Watcher,
      note: Callable[[str], None],
  ):
    self.found_after: dict[report_lib.Status, tuple[int, float]] = {}
    self._request = request
    self._ledger = ledger
    self._get_ranker = get_ranker
    self._watcher = watcher
    self._note = note
    self._num_candidates: dict[Hashable, int] = {}

  @property
  def num_candidates(self) -> int:
    """Edits that were ranked."""
    return sum(self._num_candidates.values())

  def run(
      self, executor: executor_lib.FastExecutor, failing: Sequence[int]
  ) -> list[patches_lib.Patch]:
    """Returns patches of all of `failing`, else of some."""
    return self._round(executor, failing, _MAX_ROUNDS, self._ledger)

  def _round(
      self,
      executor: executor_lib.FastExecutor,
      failing: Sequence[int],
      num_rounds: int,
      room: _Room,
  ) -> list[patches_lib.Patch]:
    names = [executor.baseline.tests[i].nodeid for i in failing]
    start, begin = room.executions, room.seconds
    aims = self._aims(executor, failing)
    aim, patches = self._take_turns(executor, aims, names, num_rounds, room)
    if not patches:
      return []
    patches += self._more(executor, aim, patches, room)
    patches += self._rivals(executor, aim, patches, room)
    if not all(p.remaining for p in patches):
      return patches
    spent = min(patch.rank for patch in patches) - start
    patience = ledger_lib.Allowance(
        room,
        2 * spent + _PATIENCE - (room.executions - start),
        max(_PATIENCE_SECONDS, room.seconds - begin),
    )
    patches += self._look_on(executor, aims, patience)
    if num_rounds > 1 and all(p.remaining for p in patches):
      first = patches_lib.best(patches)[0]
      patches += self._continue(executor, names, first, num_rounds - 1, room)
    return patches

  def _aims(
      self, executor: executor_lib.FastExecutor, failing: Sequence[int]
  ) -> list[_Aim]:
    goals = goals_lib.find(executor, failing, self._note)
    if not goals:
      return []
    suspects = {s.key for goal in goals for s in goal.suspects}
    self._watcher.on_note(
        f"{findings.count(failing, 'failing test')} of "
        f"{len(executor.baseline.tests)} may be due to "
        f"{findings.count(suspects, 'function')}; trying edits in the "
        f"order of {self._get_ranker().name}"
    )
    culprits = {}
    return [
        _Aim(goal, search_lib.Search(
            executor,
            queue_lib.Queue(goal.suspects, self._get_ranker()),
            ignored={
                executor.baseline.tests[i].nodeid
                for i in executor.baseline.failing.difference(goal.tests)
            },
            culprits=culprits,
            on_trial=self._watcher.on_trial,
        ))
        for goal in goals
    ]

  def _take_turns(
      self,
      executor: executor_lib.FastExecutor,
      aims: Sequence[_Aim],
      names: Sequence[str],
      num_rounds: int,
      room: _Room,
  ) -> tuple[_Aim | None, list[patches_lib.Patch]]:
    """Lets every search go on in turn until one of them finds something.

    Returns:
      That search, None where it was another of two edits, and what it found.
    """
    left = aims
    while left and room.room:
      for aim in left:
        if patches := self._search(executor, aim, aim.turn(room)):
          return aim, patches
      left = [aim for aim in left if not aim.search.is_exhausted]
      if num_rounds > 1:
        firsts = [f for aim in aims for f in aim.search.take_firsts()]
        if patches := self._elsewhere(executor, names, firsts, room):
          return None, patches
    return None, []

  def _search(
      self,
      executor: executor_lib.FastExecutor,
      aim: _Aim,
      allowance: ledger_lib.Allowance,
      known: Sequence[patches_lib.Patch] = (),
  ) -> list[patches_lib.Patch]:
    """Lets a search go on for a while; returns what it finds beside `known`."""
    patches: list[patches_lib.Patch] = []
    for verified in aim.search.run(allowance):
      patches.append(patches_lib.make_patch(verified))
      self._mark("partial" if verified.remaining else "fixed")
      if self._is_enough(
          executor, aim.goal, verified, [*known, *patches]
      ):
        break
    for key, count in aim.search.queue.num_candidates.items():
      # The same function is another one where an edit has been made.
      self._num_candidates[executor.project.root, key] = count
    return patches

  def _more(
      self,
      executor: executor_lib.FastExecutor,
      aim: _Aim | None,
      patches: Sequence[patches_lib.Patch],
      room: _Room,
  ) -> list[patches_lib.Patch]:
    """Returns further patches of all failures, as many as are asked for."""
    found: list[patches_lib.Patch] = []
    if aim is None or all(p.remaining for p in patches):
      return found
    while room.room and not aim.search.is_exhausted:
      known = [*patches, *found]
      if sum(not p.remaining for p in known) >= self._request.budget.patches:
        break
      found += self._search(executor, aim, aim.turn(room), known)
    return found

  def _look_on(
      self,
      executor: executor_lib.FastExecutor,
      aims: Sequence[_Aim],
      patience: ledger_lib.Allowance,
  ) -> list[patches_lib.Patch]:
    """Returns patches of all failures, where some edit may mend them all."""
    aim = next((aim for aim in aims if aim.goal.is_whole), None)
    if aim is None or aim.search.is_exhausted or not patience.room:
      return []
    self._watcher.on_note(
        "found what repairs some tests, looking for what repairs all"
    )
    found = self._search(executor, aim, patience)
    return [patch for patch in found if not patch.remaining]

  def _rivals(
      self,
      executor: executor_lib.FastExecutor,
      aim: _Aim | None,
      patches: Sequence[patches_lib.Patch],
      room: _Room,
  ) -> list[patches_lib.Patch]:
    """Returns a patch preferable to `patches`, if one is found at once.

    What passes first may well be wrong; it costs little to see whether what
    would be plainer passes, too.

    Args:
      executor: of the round.
      aim: that found `patches`.
      patches: what there is.
      room: what may be spent.
    """
    best = patches_lib.best(patches)[0]
    if aim is None or self._request.budget.patches > 1:
      return []
    count = _NUM_RIVALS_OF_LOSSY if best.is_lossy else _NUM_RIVALS
    probability = aim.search.queue.probability
    for trial in aim.search.rivals(
        ledger_lib.Allowance(room, count, _RIVAL_SECONDS),
        lambda p: patches_lib.rival_cost(best, p, probability(p)),
    ):
      rival = patches_lib.make_candidate(trial.proposal, trial.probability)
      if rival.plainness >= best.plainness:
        continue
      verified = search_lib.verify(executor, trial)
      if verified and set(verified.remaining) <= set(best.remaining):
        return [patches_lib.make_patch(verified)]
    return []

  def _elsewhere(
      self,
      executor: executor_lib.FastExecutor,
      names: Sequence[str],
      firsts: Sequence[search_lib.First],
      room: _Room,
  ) -> list[patches_lib.Patch]:
    """Returns patches of two edits, the second in any other function."""
    best = sorted(firsts, key=lambda first: first.merit, reverse=True)
    for first in best[:_NUM_ELSEWHERE]:
      trial = first.trial
      candidate = patches_lib.make_candidate(trial.proposal, trial.probability)
      self._watcher.on_note(
          f"looking for what may follow {candidate.description}"
      )
      try:
        patches = self._continue(
            executor, names, candidate, 1,
            ledger_lib.Allowance(room, _TURN_ELSEWHERE),
        )
      except executor_lib.ExecutorError:
        continue  # With this edit, the tests cannot be run.
      if patches:
        return patches
    return []

  def _continue(
      self,
      executor: executor_lib.FastExecutor,
      names: Sequence[str],
      first: patches_lib.Candidate,
      num_rounds: int,
      room: _Room,
  ) -> list[patches_lib.Patch]:
    """Repairs what still fails after `first`; returns combined patches.

    Args:
      executor: of the program without `first`.
      names: node ids of the tests that fail there.
      first: what to start from.
      num_rounds, room: what may be spent.
    """
    with scratch_lib.Scratch(executor.project.root) as scratch:
      for path, content in first.after.items():
        (scratch.tree / path).write_bytes(content)
      patched = dataclasses.replace(executor.project, root=scratch.tree)
      with executor_lib.FastExecutor(
          patched, self._request.limits
      ) as after:
        failing = findings.sound_failures(after.baseline)
        found = []
        if failing:
          found = self._round(after, failing, num_rounds, room)
    return [
        patches_lib.combine(first, then, names)
        for then in found
        if set(then.remaining) < set(names)
    ]

  def _is_enough(self, executor, goal, verified, patches) -> bool:
    if not verified.remaining:
      full = [p for p in patches if not p.remaining]
      return len(full) >= self._request.budget.patches
    known = executor.baseline.tests
    if all(known[i].nodeid in verified.fixed for i in goal.tests):
      return True
    # What still fails and never comes near is a failure of its own.
    near = verified.trial.proposal.suspect.tests(executor)
    return not any(known[i].nodeid in verified.remaining for i in near)

  def _mark(self, status: report_lib.Status) -> None:
    self.found_after.setdefault(
        status, (self._ledger.executions, self._ledger.seconds)
    )
