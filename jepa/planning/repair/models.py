"""Finds and loads the trained ranker; JAX is imported only when it is used."""

import os
import pathlib
import threading

from jepa.planning.repair import errors
from jepa.planning.repair import ranking

SHIPPED = pathlib.Path(__file__).parents[2] / "checkpoints/code_repair.npz"


def find(wanted: str) -> pathlib.Path | None:
  """Returns the checkpoint to use, None where there is none.

  Args:
    wanted: path from the user; "" means the shipped one, if there is one, and
      "none" means none.

  Raises:
    RepairError: the user's file is not there.
  """
  if wanted == "none":
    return None
  if not wanted:
    return SHIPPED if SHIPPED.is_file() else None
  path = pathlib.Path(wanted)
  if not path.is_file():
    raise errors.RepairError(
        "no_checkpoint",
        f"there is no checkpoint {wanted}: a training run writes one to "
        "<workdir>/model.npz; --checkpoint=none ranks by the static prior.",
    )
  return path


class Loader:
  """Loads a checkpoint in the background, while the tests run.

  Args:
    path: of the checkpoint.
  """

  def __init__(self, path: pathlib.Path):
    self._path = path
    self._ranker: ranking.Ranker | None = None
    self._error: Exception | None = None
    self._thread = threading.Thread(target=self._run, daemon=True)
    self._thread.start()

  def wait(self) -> ranking.Ranker:
    """Returns the ranker, once it is there.

    Raises:
      RepairError: the file cannot be used.
    """
    self._thread.join()
    if self._error is not None:
      raise errors.RepairError(
          "bad_checkpoint", f"--checkpoint: {self._error}"
      ) from self._error
    return self._ranker

  def _run(self) -> None:
    try:
      self._ranker = load(self._path)
    except Exception as error:  # Raised again where it is waited for.
      self._error = error


def load(path: pathlib.Path) -> ranking.Ranker:
  """Loads a checkpoint.

  Raises:
    ManifestError: it is none.
    VocabularyError: it is of another world, or of another version of this.
  """
  # One state at a time: starting an accelerator would take longer.
  os.environ.setdefault("JAX_PLATFORMS", "cpu")
  import jax  # Seconds, so not before it is needed.
  from jepa import checkpoint
  from jepa.domains import base
  from jepa.planning import rank

  _keep_compiled_programs(jax.config)
  exported = checkpoint.load_model(str(path))
  if exported.vocabulary.world != "code_repair":
    raise base.VocabularyError(
        f"{path}: trained on the world {exported.vocabulary.world!r}, not on "
        "'code_repair'."
    )
  return ranking.learned(rank.make_scorer(exported), f"the model {path.name}")


def _keep_compiled_programs(config) -> None:
  """Lets a second run reuse what this one compiles."""
  cache = pathlib.Path(
      os.environ.get("XDG_CACHE_HOME") or "~/.cache"
  ).expanduser()
  config.update("jax_compilation_cache_dir", str(cache / "jepa" / "jax"))
  config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
  config.update("jax_persistent_cache_min_entry_size_bytes", -1)
