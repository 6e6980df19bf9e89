"""What a checkpoint must say of itself before anyone may use it."""

import importlib.metadata
import json
import pathlib
import subprocess
from typing import Any

from jepa.domains import base
from jepa.domains import registry
import ml_collections

FORMAT = 2


class ManifestError(ValueError):
  """A checkpoint cannot be read by this version of the package."""


def make_manifest(
    config: ml_collections.ConfigDict, vocabulary: base.Vocabulary
) -> dict[str, Any]:
  """Returns the manifest of a run that starts now, JSON-serialisable."""
  packages = ("jax", "flax", "optax", "numpy")
  return {
      "format": FORMAT,
      "world": vocabulary.world,
      "vocabulary": vocabulary.to_json(),
      "fingerprint": vocabulary.fingerprint,
      "config": json.loads(config.to_json_best_effort()),
      "versions": {p: importlib.metadata.version(p) for p in packages},
      "revision": _git_revision(),
  }


def check(manifest: dict[str, Any], path: str) -> base.Vocabulary:
  """Returns the vocabulary of the world that `manifest` was trained on.

  Raises:
    ManifestError: it was written in another format.
    VocabularyError: this version of the world speaks another vocabulary.
  """
  if manifest.get("format") != FORMAT:
    raise ManifestError(
        f"{path}: checkpoint format {manifest.get('format')!r}; this version "
        f"reads format {FORMAT}."
    )
  vocabulary = registry.vocabulary(manifest["world"])
  if manifest["fingerprint"] != vocabulary.fingerprint:
    raise base.VocabularyError(
        f"{path}: trained with another vocabulary of {vocabulary.world!r}: "
        f"{_difference(manifest['vocabulary'], vocabulary.to_json())}. "
        "Train again, or use the version of the package that wrote it."
    )
  return vocabulary


def write(workdir: str, manifest: dict[str, Any]) -> None:
  """Writes `<workdir>/manifest.json`.

  Raises:
    VocabularyError: the folder holds a run of another vocabulary.
  """
  path = pathlib.Path(workdir) / "manifest.json"
  if path.exists():
    known = json.loads(path.read_text())
    if known.get("fingerprint") != manifest["fingerprint"]:
      raise base.VocabularyError(
          f"{path}: the run in this folder has another vocabulary; give "
          "another --workdir."
      )
  path.write_text(json.dumps(manifest, indent=2) + "\n")


def _difference(theirs, ours) -> str:
  keys = [k for k in ours if theirs.get(k) != ours[k]]
  return ", ".join(
      f"{k} was {_short(theirs.get(k))} and is {_short(ours[k])}" for k in keys
  )


def _short(value) -> str:
  text = json.dumps(value)
  return text if len(text) <= 60 else f"{text[:57]}..."


def _git_revision() -> str:
  try:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=pathlib.Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
  except (OSError, subprocess.CalledProcessError):
    return "unknown"
  return found.stdout.strip()
