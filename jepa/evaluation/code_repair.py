"""Cases of code repair: broken functions with all candidates executed."""

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import json
from typing import Any

from jepa import checkpoint
from jepa.baselines import code_repair as baselines
from jepa.baselines import code_repair_linear
from jepa.datasets import reading
from jepa.datasets.code_repair import evaluation
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import records
from jepa.domains.code_repair import tries
from jepa.domains.code_repair import vocabulary
from jepa.evaluation import arms as arms_lib
from jepa.evaluation import table
from jepa.planning import rank
from jepa.planning.repair import ranking
import numpy as np

REFERENCE = "ochiai_kind"  # The best static mix known.
LINEAR = "linear ranker"
# What arms are compared with, where it is there.
REFERENCES = (REFERENCE, LINEAR, "supervised", "bag")


def make_case(
    record: records.Record,
    rankers: Mapping[str, baselines.Ranker] = baselines.RANKERS,
) -> table.Case:
  """Returns the case of a record; functions of any length will do.

  Args:
    record: with all of its candidates executed.
    rankers: without a network, by name.
  """
  state = record.state(record.broken)
  edits = record.candidates

  def after(tried: Sequence[int]):
    executed = ((edits[i], record.executions[i]) for i in tried)
    known = dataclasses.replace(
        state, tried=tries.make_tries(executed, record.exceptions)
    )
    return observation.encode_candidates(
        edits, observation.encode_state(known), known
    )

  encoded, candidates = after(())
  return table.Case(
      state=encoded,
      candidates=candidates,
      success=np.array([e.status == "passed" for e in record.executions]),
      static={
          name: np.array(ranker(state, edits))
          for name, ranker in rankers.items()
      },
      origin=record.package,
      after=after,
  )


def load_cases(
    dataset: str,
    data_dir: str,
    rankers: Mapping[str, baselines.Ranker] = baselines.RANKERS,
    origin: str = "",
) -> Sequence[table.Case]:
  """Returns the cases that were prepared with `dataset`.

  Args:
    dataset, data_dir: as given to `jepa.apps.prepare`.
    rankers: without a network, by name.
    origin: what the names of the cases' packages begin with.

  Raises:
    FileNotFoundError: the dataset has not been prepared.
    ValueError: it has no such package.
  """
  found = [
      make_case(r, rankers)
      for r in evaluation.load_records(dataset, data_dir)
      if r.package.startswith(origin)
  ]
  if not found:
    raise ValueError(f"{dataset} has no case of a package {origin!r}.")
  return found


def rank_cases(
    models: Mapping[str, checkpoint.Exported],
    cases: Sequence[table.Case],
    static: Sequence[str],
    on_case: Callable[[int], None] = lambda i: None,
) -> tuple[list[table.Row], list[arms_lib.Arm]]:
  """Runs every ranker over the cases; returns rankers and arms.

  The first model of each arm also runs with each control, unless the arm
  is one itself.

  Args:
    models: by name.
    cases: executed.
    static: which of the cases' static rankers to show.
    on_case: called with the number of each case that is done.
  """
  configs = {name: m.manifest["config"] for name, m in models.items()}
  arms = arms_lib.name_arms(configs)
  scorers = make_scorers(models)
  first = {arms[name]: name for name in reversed(arms)}
  controlled = [
      name for name in arms
      if name in first.values()
      and configs[name].get("control", "none") == "none"
  ]
  rankers = table.make_rankers(scorers, static, controlled)
  for name in controlled:
    rankers[f"{name}, with the prior"] = with_prior(scorers[name])
  rows = table.tabulate(
      cases, rankers, REFERENCE, on_case, logits=list(scorers)
  )
  return rows, arms_lib.compare(rows, arms, REFERENCES)


def make_scorers(
    models: Mapping[str, checkpoint.Exported],
) -> dict[str, rank.Scorer]:
  """Returns scorers by name; what was trained blind to the action stays so."""
  return {
      name: table.blind(scorer)
      if models[name].manifest["config"].get("control") == "no_action"
      else scorer
      for name, scorer in rank.make_scorers(models).items()
  }


def with_prior(scorer: rank.Scorer) -> table.Ranker:
  """Returns the mixture of a model and the static prior that repair uses."""

  def score(case):
    logits = scorer(case.state, case.candidates)[:, 0].tolist()
    return np.array(ranking.mix(logits, case.static[REFERENCE].tolist()))

  return score


def fit_linear(
    dataset: Mapping[str, Any],
    on_state: Callable[[int], None] = lambda i: None,
) -> code_repair_linear.LinearRanker:
  """Fits the linear ranker to the very states that a model was trained on.

  Args:
    dataset: `config.dataset` of the model's experiment.
    on_state: called with the number of states read so far.

  Raises:
    FileNotFoundError: the dataset has not been prepared.
    VocabularyError: it was prepared with another vocabulary.
    ValueError: there is nothing in it to learn from.
  """
  examples = reading.load_examples(
      **dataset, vocabulary=vocabulary.VOCABULARY
  )
  executed = (
      records.Record.from_json(json.loads(examples[i]["meta"]))
      for i in range(len(examples))
  )
  return code_repair_linear.fit(executed, on_state=on_state)
