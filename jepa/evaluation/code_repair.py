"""Cases of code repair: broken functions with all candidates executed."""

from collections.abc import Sequence
import dataclasses

from jepa.baselines import code_repair as baselines
from jepa.datasets.code_repair import evaluation
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import records
from jepa.domains.code_repair import tries
from jepa.evaluation import table
import numpy as np

STATIC = tuple(baselines.RANKERS)
REFERENCE = "ochiai_kind"  # The best static mix known.


def make_case(record: records.Record) -> table.Case:
  """Returns the case of a record; functions of any length will do."""
  state = record.state(record.broken)
  edits = record.candidates

  def after(tried: Sequence[int]):
    return observation.encode_candidates(
        edits,
        observation.encode_state(
            dataclasses.replace(state, tried=_tries(record, tried))
        ),
    )

  encoded, candidates = after(())
  return table.Case(
      state=encoded,
      candidates=candidates,
      success=np.array([e.status == "passed" for e in record.executions]),
      static={
          name: np.array(ranker(state, edits))
          for name, ranker in baselines.RANKERS.items()
      },
      origin=record.package,
      after=after,
  )


def _tries(record, tried):
  return tuple(
      tries.make_try(
          record.candidates[i], record.executions[i], record.exceptions
      )
      for i in tried
      if record.executions[i].status not in ("passed", "invalid")
  )


def load_cases(dataset: str, data_dir: str) -> Sequence[table.Case]:
  """Returns the cases that were prepared with `dataset`.

  Raises:
    FileNotFoundError: the dataset has not been prepared.
  """
  return [make_case(r) for r in evaluation.load_records(dataset, data_dir)]
