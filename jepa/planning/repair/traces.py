"""Executed candidates in the trace log, to learn from.

A state is large and its candidates are many, so it is logged once: further
traces of it name its key. `jepa.datasets.code_repair.traces` reads them back.
"""

import dataclasses
import hashlib
import json
import pathlib
from typing import Any

from jepa.domains.code_repair import records
from jepa.planning.repair import request as request_lib
from jepa.planning.repair import search as search_lib
from jepa.traces import log

WORLD = "code_repair"


def recording(
    watcher: request_lib.Watcher, traces: log.TraceLog, project: pathlib.Path
) -> request_lib.Watcher:
  """Returns a watcher that also logs each trial that a model could learn from.

  Args:
    watcher: who else is told.
    traces: the open log.
    project: what is repaired: origin of the traces.
  """
  keys: dict[Any, str] = {}

  def on_trial(trial: search_lib.Trial) -> None:
    watcher.on_trial(trial)
    suspect = trial.proposal.suspect
    # A statement outside of functions is no state that a model is shown.
    if suspect.statement or trial.execution.status == "invalid":
      return
    state = {}
    if suspect not in keys:
      state = _state(trial, project)
      text = json.dumps(state, sort_keys=True)
      keys[suspect] = hashlib.sha256(text.encode()).hexdigest()[:16]
    traces.append(
        world=WORLD,
        state={"key": keys[suspect], **state},
        action=trial.proposal.edit.to_json(),
        next_state=None,
        signals=dataclasses.asdict(trial.execution),
        meta={"probability": trial.probability},
    )

  return dataclasses.replace(watcher, on_trial=on_trial)


def _state(trial: search_lib.Trial, project: pathlib.Path) -> dict[str, Any]:
  suspect = trial.proposal.suspect
  observed = records.Observed(
      text=suspect.function.text,
      spectrum=suspect.state.spectrum,
      failure=suspect.state.failure,
  )
  return {
      "package": project.resolve().name,
      "target": dataclasses.asdict(suspect.target),
      "broken": observed.to_json(),
      "exceptions": suspect.exceptions,
  }
