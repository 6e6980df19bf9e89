"""The suite: all advisors, fitted together and kept in one file."""

import collections
from collections.abc import Mapping
import json
import os
import pathlib
from typing import Any, NamedTuple
import zipfile

from jepa import manifest as manifest_lib
from jepa.domains.orb import catalogue as catalogue_lib
from jepa.planning.advisors import advice as advice_lib
from jepa.planning.advisors import calibration as calibration_lib
from jepa.planning.advisors import judge as judge_lib
from jepa.planning.advisors import missing_orbital
from jepa.planning.advisors import off_manifold
from jepa.planning.advisors import orbital_features
from jepa.planning.advisors import plan_coherence
from jepa.planning.advisors import point_features
from jepa.planning.advisors import reading
import numpy as np

FORMAT = 1
# Fitted on generated programs; `apps.fit_advisors` says how.
SHIPPED = str(
    pathlib.Path(__file__).parents[2] / "checkpoints" / "orb_advisors.npz"
)
_MANIFEST = "advisors.json"
_KEPT = "kept"  # The origin of what is kept: no program asks by that name.


class Suite(NamedTuple):
  """Fitted advisors.

  plan, points: see their modules; orbitals: by facet.
  model: digest of the world model that they look through; "" for none.
  """
  plan: plan_coherence.Fitted
  orbitals: Mapping[str, missing_orbital.Fitted]
  points: off_manifold.Fitted
  model: str = ""


def make_advisors(
    suite: Suite, reader: reading.Reader | None = None
) -> list[advice_lib.Advisor]:
  """Returns the advisors; `reader` as it was when they were fitted."""
  return [
      plan_coherence.make_advisor(suite.plan, reader),
      *(
          missing_orbital.make_advisor(fitted, reader)
          for fitted in suite.orbitals.values()
      ),
      off_manifold.make_advisor(suite.points, reader),
  ]


def check_model(suite: Suite, model: str, path: str) -> None:
  """Raises ManifestError unless the suite was fitted with that very model."""
  if suite.model == model:
    return
  words = lambda digest: f"the model {digest}" if digest else "no model"
  raise manifest_lib.ManifestError(
      f"{path}: these advisors look through {words(suite.model)}, and "
      f"--checkpoint gives {words(model)}: use the one that they were fitted "
      "with, or fit them again."
  )


def save(path: str, suite: Suite) -> None:
  """Writes the suite to one file, atomically."""
  arrays: dict[str, np.ndarray] = {}
  record = {
      "format": FORMAT,
      "model": suite.model,
      "plan": _judged("plan", suite.plan, arrays),
      "orbitals": {
          facet: {
              **_judged(facet, fitted, arrays),
              **_orbital_record(facet, fitted.knowledge, arrays),
          }
          for facet, fitted in suite.orbitals.items()
      },
      "points": {
          **_judged("points", suite.points, arrays),
          "habits": dict(suite.points.knowledge.habits.total),
      },
  }
  known = suite.points.knowledge
  _keep(arrays, "points/latents", known[1:])
  partial = f"{path}.partial"
  with open(partial, "wb") as f:
    np.savez_compressed(f, **arrays)
  with zipfile.ZipFile(partial, "a", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(_MANIFEST, json.dumps(record))
  os.replace(partial, path)


def load(path: str) -> Suite:
  """Reads what `save` wrote.

  Raises:
    FileNotFoundError: there is no such file.
    ManifestError: it is no such file, or of another format.
  """
  if not os.path.isfile(path):
    raise FileNotFoundError(
        f"No advisors at {path}: python -m jepa.apps.fit_advisors writes them."
    )
  try:
    with zipfile.ZipFile(path) as archive:
      record = json.loads(archive.read(_MANIFEST))
    if record["format"] != FORMAT:
      raise manifest_lib.ManifestError(
          f"{path}: format {record['format']!r}; this version reads {FORMAT}."
      )
    with np.load(path) as file:
      arrays = {k: file[k] for k in file.files if k != _MANIFEST}
    return _restore(record, arrays)
  except (zipfile.BadZipFile, KeyError, TypeError) as e:
    raise manifest_lib.ManifestError(
        f"{path} holds no advisors of this package: {e!r}."
    ) from e


def _restore(record: Mapping[str, Any], arrays) -> Suite:
  points = record["points"]
  habits = point_features.Habits(
      collections.Counter(points["habits"]), {}
  )
  return Suite(
      plan=plan_coherence.Fitted(*_judge_of("plan", record["plan"], arrays)),
      orbitals={
          facet: missing_orbital.Fitted(
              _orbital_knowledge(facet, own, arrays),
              *_judge_of(facet, own, arrays),
          )
          for facet, own in record["orbitals"].items()
      },
      points=off_manifold.Fitted(
          off_manifold.Knowledge(
              habits, *_kept(arrays, "points/latents", 3)
          ),
          *_judge_of("points", points, arrays),
      ),
      model=record["model"],
  )


def _judged(name: str, fitted, arrays) -> dict[str, Any]:
  judge = fitted.judge
  for key, value in judge.params.items():
    arrays[f"{name}/params/{key}"] = np.asarray(value)
  arrays[f"{name}/mean"], arrays[f"{name}/scale"] = judge.mean, judge.scale
  return {"calibration": [float(x) for x in fitted.calibration]}


def _judge_of(name: str, record, arrays):
  prefix = f"{name}/params/"
  params = {
      k.removeprefix(prefix): v
      for k, v in arrays.items()
      if k.startswith(prefix)
  }
  judge = judge_lib.Judge(
      params, arrays[f"{name}/mean"], arrays[f"{name}/scale"]
  )
  return judge, calibration_lib.Calibration(*record["calibration"])


def _orbital_record(facet: str, knowledge, arrays) -> dict[str, Any]:
  _keep(arrays, f"{facet}/latents", knowledge[2:])
  return {
      "kinds": [
          [k.label, k.count, k.words, k.behaviors]
          for k in knowledge.catalogue.kinds
      ],
      "company": [
          [m.kind, sorted(m.beside)] for m in knowledge.company.memories
      ],
  }


def _orbital_knowledge(facet: str, record, arrays):
  kinds = tuple(
      catalogue_lib.Kind(
          label=label, count=count, words=tuple(words), behaviors=tuple(own)
      )
      for label, count, words, own in record["kinds"]
  )
  memories = [
      orbital_features.Memory(_KEPT, kind, frozenset(beside))
      for kind, beside in record["company"]
  ]
  return missing_orbital.Knowledge(
      catalogue_lib.Catalogue(facet=facet, kinds=kinds),
      orbital_features.Company(memories, len(kinds)),
      *_kept(arrays, f"{facet}/latents", 2),
  )


def _keep(arrays, name: str, values) -> None:
  """Keeps arrays, of which all may be None."""
  for i, value in enumerate(values):
    if value is not None:
      arrays[f"{name}/{i}"] = np.asarray(value, np.float32)


def _kept(arrays, name: str, count: int) -> list[np.ndarray | None]:
  return [arrays.get(f"{name}/{i}") for i in range(count)]
