"""What repairs of a project executed, as examples to fine-tune on.

A repair with `--traces` logs every candidate that it executes. Where one of
them was the fix, the others beside it are what a ranker learns from.
"""

from collections.abc import Iterator
import dataclasses
import json
import os
from typing import Any

from jepa import encoding
from jepa.datasets import features
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import records
from jepa.domains.code_repair import vocabulary
from jepa.traces import log

WORLD = "code_repair"
_MAX_EXAMPLES = 8  # Of one state, each with the fix among other candidates.


def load_examples(
    path: str | os.PathLike[str], sizes: features.Sizes = features.Sizes()
) -> list[dict[str, Any]]:
  """Returns examples as `features.branch_features` describes them.

  Raises:
    OSError: there is no such log.
    TraceError: a trace was written by a later version.
    ValueError: no state in it has a fix that fits.
  """
  examples = [
      example
      for record in read_records(path)
      for example in _examples(record, sizes)
  ]
  if not examples:
    raise ValueError(
        f"{os.fspath(path)} has no repair that found a patch: there is nothing "
        "to learn from yet."
    )
  return examples


def read_records(
    path: str | os.PathLike[str],
) -> Iterator[records.Record]:
  """Yields a record of each logged state in which some edit was the fix.

  A state is logged once, and further traces of it name its key.

  Raises:
    TraceError: a trace was written by a later version.
    OSError: there is no such file.
  """
  states: dict[str, dict[str, Any]] = {}
  tried: dict[str, dict[edits_lib.Edit, evidence_lib.Execution]] = {}
  for trace in log.read(path, WORLD):
    key = trace.state["key"]
    if len(trace.state) > 1:
      states[key] = trace.state
    execution = evidence_lib.Execution(**trace.signals)
    edit = edits_lib.Edit.from_json(trace.action)
    tried.setdefault(key, {})[edit] = execution
  for key, state in states.items():
    record = _record(state, tried[key])
    if record is not None:
      yield record


def _record(state, tried) -> records.Record | None:
  statuses = [execution.status for execution in tried.values()]
  if "passed" not in statuses:
    return None
  return records.Record(
      package=state["package"],
      target=evidence_lib.Target(**state["target"]),
      broken=records.Observed.from_json(state["broken"]),
      exceptions=state["exceptions"],
      candidates=tuple(tried),
      executions=tuple(tried.values()),
      fix=statuses.index("passed"),
      following=(),
  )


def _examples(
    record: records.Record, sizes: features.Sizes
) -> Iterator[dict[str, Any]]:
  """Yields the fix beside some of the other candidates at a time."""
  others = [i for i in range(len(record.candidates)) if i != record.fix]
  step = sizes.num_candidates - 1
  for start in range(0, max(1, len(others)), step)[:_MAX_EXAMPLES]:
    chosen = [record.fix, *others[start:start + step]]
    part = dataclasses.replace(
        record,
        candidates=tuple(record.candidates[i] for i in chosen),
        executions=tuple(record.executions[i] for i in chosen),
        fix=0,
    )
    try:
      branch = records.make_branch(part, sizes.num_nodes)
      yield features.encode_branch(
          branch, vocabulary.VOCABULARY, sizes, json.dumps(branch.meta)
      )
    except encoding.SizeError:
      return  # More symbols than there is room for.
