"""Measures the models of a curve; what was found is kept beside each of them.

All models rank a case while it is encoded, and those of one architecture share
what is compiled, so that a further model costs what scoring costs.
"""

from collections.abc import Callable, Mapping, Sequence
import json
import os
import pathlib
from typing import Any, NamedTuple

from jepa import checkpoint
from jepa.datasets import reading
from jepa.datasets.code_repair import evaluation
from jepa.domains.code_repair import vocabulary
from jepa.evaluation import code_repair
from jepa.evaluation import curve
from jepa.planning import rank
import numpy as np

FILE = "measured.json"


class Data(NamedTuple):
  """What models are measured on.

  dataset, data_dir: as given to `jepa.apps.prepare`.
  num_branches: held-out states at the most, for AUC and health.
  """
  dataset: str
  data_dir: str
  num_branches: int = 128


class Measured(NamedTuple):
  """As in `curve.Run`."""
  executions: np.ndarray
  aucs: np.ndarray | None
  health: Mapping[str, float]


def measure(
    models: Sequence[str],
    data: Data,
    count: Callable[[str, int], Callable[[int], None]] = (
        lambda what, total: lambda done: None
    ),
) -> dict[str, Measured]:
  """Measures models by their files; what was measured before is read.

  Args:
    models: paths of what training wrote.
    data: to measure on.
    count: returns what is called as the work goes on, as `progress.count`.

  Raises:
    FileNotFoundError: the dataset has not been prepared.
    VocabularyError: it, or a model, is of another vocabulary.
  """
  held_out = _held_out(data)
  keys = {path: _key(path, data, len(held_out)) for path in models}
  found = {path: _read(path, key) for path, key in keys.items()}
  missing = [path for path, measured in found.items() if measured is None]
  if missing:
    for path, measured in _measure(missing, data, held_out, count).items():
      _write(path, keys[path], measured)
      found[path] = measured
  return {path: found[path] for path in models}


def fit_linear(data: Data, sizes: Sequence[int]) -> dict[int, np.ndarray]:
  """Returns executions of the linear ranker fitted to the first states.

  Args:
    data: to fit to, and to measure on.
    sizes: of how many states.
  """
  rankers = {
      str(size): code_repair.fit_linear({
          "name": data.dataset, "data_dir": data.data_dir,
          "split": f"train[:{size}]",
      })
      for size in sizes
  }
  cases = code_repair.load_cases(data.dataset, data.data_dir, rankers)
  found = curve.executions(
      {name: lambda case, name=name: case.static[name] for name in rankers},
      cases,
  )
  return {size: found[str(size)] for size in sizes}


def _held_out(data: Data) -> list[Any]:
  examples = reading.load_examples(
      data.dataset, "validation", data.data_dir, vocabulary.VOCABULARY
  )
  return reading.spread(examples, data.num_branches)


def _measure(paths, data, held_out, count) -> dict[str, Measured]:
  models = {path: checkpoint.load_model(path) for path in paths}
  rankers = {
      path: _ranker(scorer)
      for path, scorer in code_repair.make_scorers(models).items()
  }
  cases = code_repair.load_cases(data.dataset, data.data_dir, {})
  counts = curve.executions(rankers, cases, count("rank case", len(cases)))
  show = count("measure model", len(paths))
  found = {}
  for i, path in enumerate(paths):
    found[path] = Measured(
        counts[path], *curve.measure(models[path], held_out)
    )
    show(i + 1)
  return found


def _ranker(scorer: rank.Scorer):
  return lambda case: scorer(case.state, case.candidates)[:, 0]


def _key(path: str, data: Data, num_held_out: int) -> list[Any]:
  """Changes where a model is trained again, or a dataset prepared again."""
  builder = reading.open_builder(data.dataset, data.data_dir)
  cases = pathlib.Path(builder.data_path, evaluation.FILE)
  return [
      data.dataset, cases.stat().st_size, num_held_out, os.stat(path).st_mtime
  ]


def _kept(path: str) -> pathlib.Path:
  return pathlib.Path(path).with_name(FILE)


def _read(path: str, key: list[Any]) -> Measured | None:
  if not _kept(path).exists():
    return None
  kept = json.loads(_kept(path).read_text())
  if kept["key"] != key:
    return None
  return Measured(
      np.array(kept["executions"]), np.array(kept["aucs"]), kept["health"]
  )


def _write(path: str, key: list[Any], measured: Measured) -> None:
  kept = {
      "key": key,
      "executions": measured.executions.tolist(),
      "aucs": measured.aucs.tolist(),
      "health": dict(measured.health),
  }
  partial = _kept(path).with_suffix(".partial")
  partial.write_text(json.dumps(kept))
  partial.replace(_kept(path))
