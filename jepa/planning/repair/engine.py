"""From a red test to verified patches."""

from collections.abc import Sequence
import dataclasses
import pathlib
import shlex

from jepa.domains.code_repair import executor as executor_lib
from jepa.planning.repair import behaviour
from jepa.planning.repair import comparing
from jepa.planning.repair import errors
from jepa.planning.repair import findings
from jepa.planning.repair import leads as leads_lib
from jepa.planning.repair import ledger as ledger_lib
from jepa.planning.repair import models
from jepa.planning.repair import patches as patches_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import report as report_lib
from jepa.planning.repair import request as request_lib
from jepa.planning.repair import rounds as rounds_lib
from jepa.planning.repair import search as search_lib
from jepa.planning.repair import workspace

_COMPARE_SECONDS = 15.0  # Even where the time is up.


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
    self._notes: list[str] = []
    self._trials: list[search_lib.Trial] = []
    self._rounds = rounds_lib.Rounds(
        request,
        ledger,
        self._get_ranker,
        dataclasses.replace(watcher, on_trial=self._on_trial),
        self._note,
    )

  def run(self, project: executor_lib.Project) -> report_lib.Report:
    self._watcher.on_note(f"running the tests of {project.root}")
    with executor_lib.FastExecutor(
        project, self._request.limits, self._loader.start
    ) as executor:
      failing = self._failing(executor)
      # Until then nothing is parsed: before Python 3.11.8, two threads that
      # parse at a time may raise SystemError (gh-106905), and loading does.
      self._loader.join()
      found = self._rounds.run(executor, failing)
      names = tuple(executor.baseline.tests[i].nodeid for i in failing)
      patches = patches_lib.best(found)
      status = report_lib.status_of(patches)
      if status == "fixed":
        patches = [p for p in patches if not p.remaining]
      patches = patches[:self._request.budget.patches]
      grouping = self._compare(executor, patches)
    executions, seconds = self._rounds.found_after.get(
        status, (self._ledger.executions, self._ledger.seconds)
    )
    return report_lib.Report(
        status=status,
        executions=executions,
        seconds=seconds,
        candidates=self._rounds.num_candidates,
        patches=tuple(patches),
        failing=names,
        ranker=self._ranker.name if self._ranker else "none",
        notes=tuple(self._notes),
        trials=tuple(self._trials),
        grouping=grouping,
        leads=None if status == "fixed" else leads_lib.find(
            self._trials, is_cut_short=not self._ledger.room
        ),
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

  def _failing(self, executor: executor_lib.FastExecutor) -> list[int]:
    """Returns the tests to repair.

    Raises:
      RepairError: there is none.
    """
    for note in findings.notes(executor.baseline):
      self._note(note)
    failing = findings.sound_failures(executor.baseline)
    if failing:
      return failing
    if offline := findings.offline(executor.baseline):
      raise errors.RepairError(
          "no_network",
          f"there is nothing to repair here: what fails "
          f"({findings.names(executor.baseline, sorted(offline))}) asks for "
          "the network, and tests run without.",
          errors.EXIT_TESTS,
      )
    raise errors.RepairError(
        "tests_pass",
        f"there is nothing to repair: none of the "
        f"{findings.count(executor.baseline.tests, 'test')} of "
        f"--test_command={shlex.quote(self._request.test_command)} fails.",
        errors.EXIT_NOTHING_TO_DO,
    )

  def _get_ranker(self) -> ranking.Ranker:
    if self._ranker is None:
      self._ranker = self._loader.wait()
      if not self._ranker.sees_tries and self._request.checkpoint != "none":
        self._note(
            "no trained model is at hand: candidates are tried in the order "
            "of a static prior (--checkpoint=PATH names a model)"
        )
    return self._ranker

  def _note(self, text: str) -> None:
    if text not in self._notes:
      self._notes.append(text)
      self._watcher.on_note(text)

  def _on_trial(self, trial: search_lib.Trial) -> None:
    self._trials.append(trial)
    self._watcher.on_trial(trial)
