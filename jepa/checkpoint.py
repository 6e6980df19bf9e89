"""Saving and restoring: train states with Orbax, models as one small file."""

import json
import os
from typing import Any, NamedTuple
import zipfile

from flax import traverse_util
from jepa import manifest as manifest_lib
from jepa import state as state_lib
from jepa import types
from jepa.domains import base
import numpy as np
import orbax.checkpoint as ocp

MODEL_FILE = "model.npz"
_MANIFEST = "manifest.json"


class Exported(NamedTuple):
  """A trained model, as loaded from one file."""
  params: types.Params
  vocabulary: base.Vocabulary
  manifest: dict[str, Any]


def make_manager(workdir: str, *, save_every: int, keep: int):
  return ocp.CheckpointManager(
      os.path.abspath(f"{workdir}/checkpoints"),
      options=ocp.CheckpointManagerOptions(
          max_to_keep=keep,
          save_interval_steps=save_every,
          cleanup_tmp_directories=True,
      ),
  )


def save(
    manager: ocp.CheckpointManager, step: int, state: state_lib.TrainState
) -> None:
  manager.save(step, args=ocp.args.StandardSave(state))


def restore_or(
    manager: ocp.CheckpointManager, state: state_lib.TrainState
) -> state_lib.TrainState:
  """Returns the latest checkpoint, or `state` where there is none."""
  if (step := manager.latest_step()) is None:
    return state
  return manager.restore(step, args=ocp.args.StandardRestore(state))


def export_model(
    path: str, params: types.Params, manifest: dict[str, Any]
) -> None:
  """Writes what inference needs to one file, in half precision, atomically."""
  flat = traverse_util.flatten_dict(params, sep="/")
  arrays = {k: np.asarray(v, np.float16) for k, v in flat.items()}
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
  params = traverse_util.unflatten_dict(flat, sep="/")
  return Exported(params, vocabulary, manifest)
