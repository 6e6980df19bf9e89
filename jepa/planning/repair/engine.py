"""From a red test to verified patches."""

from collections.abc import Hashable, Sequence
import dataclasses
import pathlib
import shlex

from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib
from jepa.planning.repair import behaviour
from jepa.planning.repair import comparing
from jepa.planning.repair import errors
from jepa.planning.repair import findings
from jepa.planning.repair import ledger as ledger_lib
from jepa.planning.repair import models
from jepa.planning.repair import patches as patches_lib
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import report as report_lib
from jepa.planning.repair import request as request_lib
from jepa.planning.repair import search as search_lib
from jepa.planning.repair import suspects as suspects_lib
from jepa.planning.repair import workspace

_MAX_ROUNDS = 4  # Failures that are independent of each other.
_TURN = 500  # Executions of one search, where there are several.
# Edits that made progress, after which the rest of the program is searched.
_NUM_ELSEWHERE = 2
_COMPARE_SECONDS = 15.0  # Even where the time is up.
_TURN_ELSEWHERE = 200


def repair(
    request: request_lib.Request,
    watcher: request_lib.Watcher = request_lib.Watcher(),
) -> report_lib.Report:
  """Searches for edits that turn failing tests green; writes nothing.

  Raises:
    RepairError: there is nothing to repair, or it cannot be tried.
  """
  ledger = ledger_lib.Ledger(request.budget)
  loader = models.Loader(request.checkpoint)
  project = request_lib.make_project(request)
  session = _Session(request, watcher, ledger, loader)
  try:
    return session.run(project)
  except executor_lib.ExecutorError as error:
    raise request_lib.explain(error, request, project) from error


def write(root: pathlib.Path, patch: patches_lib.Patch) -> None:
  """Applies a patch to the files it was made for, or changes nothing.

  Raises:
    RepairError: a file has changed since, or cannot be written.
  """
  workspace.write(root.resolve(), patch.before, patch.after)


class _Session:
  """All that one repair knows, over rounds."""

  def __init__(self, request, watcher, ledger, loader):
    self._request: request_lib.Request = request
    self._watcher: request_lib.Watcher = watcher
    self._ledger: ledger_lib.Ledger = ledger
    self._loader: models.Loader = loader
    self._ranker: ranking.Ranker | None = None
    self._num_candidates: dict[Hashable, int] = {}
    self._notes: list[str] = []
    self._trials: list[search_lib.Trial] = []
    self._found_after: dict[str, tuple[int, float]] = {}

  def run(self, project: executor_lib.Project) -> report_lib.Report:
    self._watcher.on_note(f"running the tests of {project.root}")
    with executor_lib.FastExecutor(
        project, self._request.limits, self._loader.start
    ) as executor:
      failing = self._failing(executor)
      found = self._round(executor, failing, _MAX_ROUNDS, self._ledger)
      names = tuple(executor.baseline.tests[i].nodeid for i in failing)
      patches = patches_lib.best(found)
      status = report_lib.status_of(patches)
      if status == "fixed":
        patches = [p for p in patches if not p.remaining]
      grouping = self._compare(executor, patches)
    executions, seconds = self._found_after.get(
        status, (self._ledger.executions, self._ledger.seconds)
    )
    return report_lib.Report(
        status=status,
        executions=executions,
        seconds=seconds,
        candidates=sum(self._num_candidates.values()),
        patches=tuple(patches),
        failing=names,
        ranker=self._ranker.name if self._ranker else "none",
        notes=tuple(self._notes),
        trials=tuple(self._trials),
        grouping=grouping,
    )

  def _compare(
      self,
      executor: executor_lib.FastExecutor,
      patches: Sequence[patches_lib.Patch],
  ) -> behaviour.Grouping | None:
    if len(patches) < 2:
      return None
    self._watcher.on_note(
        f"comparing {len(patches)} patches on generated inputs"
    )
    seconds = max(_COMPARE_SECONDS, self._ledger.seconds_left / 2)
    return comparing.compare(executor, patches, seconds)

  def _round(
      self,
      executor: executor_lib.FastExecutor,
      failing: Sequence[int],
      num_rounds: int,
      room: ledger_lib.Ledger | ledger_lib.Allowance,
  ) -> list[patches_lib.Patch]:
    """Returns patches of all of `failing`, else of some."""
    names = [executor.baseline.tests[i].nodeid for i in failing]
    searches = everything = self._searches(executor, failing)
    patches: list[patches_lib.Patch] = []
    while searches and room.room and not patches:
      for goal, search in searches:
        patches += self._turn(executor, goal, search, room)
        if patches:
          break
      searches = [(g, s) for g, s in searches if not s.is_exhausted]
      if num_rounds > 1 and not patches:
        firsts = [first for _, s in everything for first in s.take_firsts()]
        patches = self._elsewhere(executor, names, firsts, room)
    if num_rounds > 1 and patches and all(p.remaining for p in patches):
      first = patches_lib.best(patches)[0]
      patches += self._continue(
          executor, names, first, num_rounds - 1, room
      )
      if everything and all(p.remaining for p in patches):
        patches += self._whole(everything[0][1], room)
    return patches

  def _whole(
      self,
      search: search_lib.Search,
      room: ledger_lib.Ledger | ledger_lib.Allowance,
  ) -> list[patches_lib.Patch]:
    """Returns a patch of all failures at once, if one more turn finds one.

    A patch of some may have hidden it: nothing mends the others after it.
    """
    for verified in search.run(ledger_lib.Allowance(room, _TURN)):
      if not verified.remaining:
        self._mark("fixed")
        return [patches_lib.make_patch(verified)]
    return []

  def _elsewhere(
      self,
      executor: executor_lib.FastExecutor,
      names: Sequence[str],
      firsts: Sequence[search_lib.First],
      room: ledger_lib.Ledger | ledger_lib.Allowance,
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

  def _searches(
      self, executor: executor_lib.FastExecutor, failing: Sequence[int]
  ) -> list[tuple[Sequence[int], search_lib.Search]]:
    """Returns a search for all of `failing`, and others for one of it each.

    A failure that no edit can mend must not stand in the way of others.
    """
    goals = [failing]
    if len(failing) > 1:
      goals += [[test] for test in findings.unlike(executor.baseline, failing)]
    names = [executor.baseline.tests[i].nodeid for i in failing]
    searches, culprits = [], {}
    for goal in goals:
      suspects = suspects_lib.find(executor, goal, self._note)
      if not suspects:
        self._note(
            f"{findings.names(executor.baseline, goal)}: reached no code that "
            "may be edited"
        )
        continue
      if goal is failing:
        self._watcher.on_note(
            f"{findings.count(failing, 'failing test')} of "
            f"{len(executor.baseline.tests)} may be due to "
            f"{findings.count(suspects, 'function')}; trying edits in the "
            f"order of {self._get_ranker().name}"
        )
      aims = {executor.baseline.tests[i].nodeid for i in goal}
      searches.append((goal, search_lib.Search(
          executor,
          queue_lib.Queue(suspects, self._get_ranker()),
          ignored=set(names).difference(aims),
          culprits=culprits,
          on_trial=self._on_trial,
      )))
    return searches

  def _turn(
      self,
      executor: executor_lib.FastExecutor,
      goal: Sequence[int],
      search: search_lib.Search,
      room: ledger_lib.Ledger | ledger_lib.Allowance,
  ) -> list[patches_lib.Patch]:
    """Lets a search go on for a while; returns what it finds."""
    patches: list[patches_lib.Patch] = []
    for verified in search.run(ledger_lib.Allowance(room, _TURN)):
      patches.append(patches_lib.make_patch(verified))
      self._mark("partial" if verified.remaining else "fixed")
      if self._is_enough(executor, goal, verified, patches):
        break
    self._num_candidates.update(search.queue.num_candidates)
    return patches

  def _continue(
      self,
      executor: executor_lib.FastExecutor,
      names: Sequence[str],
      first: patches_lib.Candidate,
      num_rounds: int,
      room: ledger_lib.Ledger | ledger_lib.Allowance,
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
    if all(known[i].nodeid in verified.fixed for i in goal):
      return True
    # What still fails and never comes near is a failure of its own.
    near = verified.trial.proposal.suspect.tests(executor)
    return not any(known[i].nodeid in verified.remaining for i in near)

  def _failing(self, executor: executor_lib.FastExecutor) -> list[int]:
    """Returns the tests to repair.

    Raises:
      RepairError: there is none.
    """
    for note in findings.notes(executor.baseline):
      self._note(note)
    failing = findings.sound_failures(executor.baseline)
    if not failing:
      raise errors.RepairError(
          "tests_pass",
          f"there is nothing to repair: none of the "
          f"{findings.count(executor.baseline.tests, 'test')} of "
          f"--test_command={shlex.quote(self._request.test_command)} fails.",
          errors.EXIT_NOTHING_TO_DO,
      )
    return failing

  def _get_ranker(self) -> ranking.Ranker:
    if self._ranker is None:
      self._ranker = self._loader.wait()
      if not self._ranker.sees_tries and self._request.checkpoint != "none":
        self._note(
            "no trained model is at hand: candidates are tried in the order "
            "of a static prior (--checkpoint=PATH names a model)"
        )
    return self._ranker

  def _mark(self, status: report_lib.Status) -> None:
    """Remembers when the first patch of a status was verified."""
    self._found_after.setdefault(
        status, (self._ledger.executions, self._ledger.seconds)
    )

  def _note(self, text: str) -> None:
    if text not in self._notes:
      self._notes.append(text)
      self._watcher.on_note(text)

  def _on_trial(self, trial: search_lib.Trial) -> None:
    self._trials.append(trial)
    self._watcher.on_trial(trial)
