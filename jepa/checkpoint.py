"""Trained models, each as one small file.

Whoever only uses a model waits for this import, so it brings in neither the
optimiser nor Orbax nor Flax.
"""

from collections.abc import Iterator, Mapping
import json
import os
from typing import Any, NamedTuple
import zipfile

from jepa import manifest as manifest_lib
from jepa import types
from jepa.domains import base
import numpy as np

MODEL_FILE = "model.npz"
_MANIFEST = "manifest.json"


class Exported(NamedTuple):
  """A trained model, as loaded from one file."""
  params: types.Params
  vocabulary: base.Vocabulary
  manifest: dict[str, Any]


def export_model(
    path: str, params: types.Params, manifest: dict[str, Any]
) -> None:
  """Writes what inference needs to one file, in half precision, atomically."""
  arrays = {k: np.asarray(v, np.float16) for k, v in _flatten(params)}
  partial = f"{path}.partial"
  with open(partial, "wb") as f:
    np.savez_compressed(f, **arrays)
  with zipfile.ZipFile(partial, "a") as archive:
    archive.writestr(_MANIFEST, json.dumps(manifest, indent=2))
  os.replace(partial, path)


def load_model(path: str) -> Exported:
  """Reads a file that `export_model` wrote.

  Raises:
    FileNotFoundError: there is no such file.
    ManifestError: it is no such file, or of another format.
    VocabularyError: its world now has another vocabulary.
  """
  if not os.path.isfile(path):
    raise FileNotFoundError(
        f"No checkpoint at {path}: a training run writes one to "
        f"<workdir>/{MODEL_FILE} when it ends."
    )
  try:
    with zipfile.ZipFile(path) as archive:
      manifest = json.loads(archive.read(_MANIFEST))
    vocabulary = manifest_lib.check(manifest, path)
    with np.load(path) as arrays:
      flat = {
          k: arrays[k].astype(np.float32)
          for k in arrays.files
          if k != _MANIFEST
      }
  except (zipfile.BadZipFile, json.JSONDecodeError, KeyError) as e:
    raise manifest_lib.ManifestError(
        f"{path} is not a checkpoint of this package: {e}."
    ) from e
  return Exported(_unflatten(flat), vocabulary, manifest)


def _flatten(
    params: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
  """Yields the leaves of nested dictionaries by "outer/inner/name"."""
  for name, value in params.items():
    if isinstance(value, Mapping):
      yield from _flatten(value, f"{prefix}{name}/")
    else:
      yield f"{prefix}{name}", value


def _unflatten(flat: Mapping[str, Any]) -> dict[str, Any]:
  params: dict[str, Any] = {}
  for path, value in flat.items():
    *outer, name = path.split("/")
    inner = params
    for key in outer:
      inner = inner.setdefault(key, {})
    inner[name] = value
  return params
