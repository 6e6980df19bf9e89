"""Finds and loads the trained ranker; JAX is imported only when it is used."""

import gc
import json
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
  """Loads a ranker in the background, while tests run.

  Args:
    wanted: as of `find`.

  Raises:
    RepairError: the user's file is not there.
  """

  def __init__(self, wanted: str):
    self._path = find(wanted)
    self._ranker: ranking.Ranker | None = None
    self._error: Exception | None = None
    # Not a daemon: one that is killed inside of JAX takes the process along.
    self._thread = threading.Thread(target=self._run)
    self._is_started = False

  def start(self) -> None:
    """Begins to load: as soon as it is known that something is to be ranked."""
    if self._path and not self._is_started:
      self._is_started = True
      self._thread.start()

  def join(self) -> None:
    """Returns when nothing is being loaded any more."""
    if self._is_started:
      self._thread.join()

  def wait(self) -> ranking.Ranker:
    """Returns the ranker, once it is there: the static one without a model.

    Raises:
      RepairError: the file cannot be used.
    """
    if not self._path:
      return ranking.static()
    self.start()
    self.join()
    if self._error is not None:
      raise errors.RepairError(
          "bad_checkpoint",
          f"--checkpoint: {self._error} --checkpoint=none ranks by the static "
          "prior.",
      ) from self._error
    return self._ranker

  def _run(self) -> None:
    # CPython 3.11 counts the recursion of all threads that make syntax trees as
    # one, and fails where one thread interrupts another in it. Here only a
    # garbage collection lets it: JAX has Python called at each.
    is_collecting = gc.isenabled()
    gc.disable()
    try:
      self._ranker = load(self._path)
    except Exception as error:  # Raised again where it is waited for.
      self._error = error
    finally:
      if is_collecting:
        gc.enable()


def load(path: pathlib.Path) -> ranking.Ranker:
  """Loads a checkpoint.

  Raises:
    ManifestError: it is none.
    VocabularyError: it is of another world, or of another version of this.
  """
  # One state at a time: starting an accelerator would take longer.
  os.environ.setdefault("JAX_PLATFORMS", "cpu")
  # Seconds, so not before they are needed.
  from jepa import checkpoint
  from jepa.domains import base
  from jepa.planning import programs
  from jepa.planning import rank

  exported = checkpoint.load_model(str(path))
  if exported.vocabulary.world != "code_repair":
    raise base.VocabularyError(
        f"{path}: trained on the world {exported.vocabulary.world!r}, not on "
        "'code_repair'."
    )
  described = [exported.manifest[key] for key in ("config", "fingerprint")]
  store = programs.Store(
      _cache_folder() / "programs", json.dumps(described)
  )
  scorer = rank.make_scorer(exported, store.keep)
  return ranking.learned(scorer, f"the model {path.name}")


def _cache_folder() -> pathlib.Path:
  known = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
  return pathlib.Path(known).expanduser() / "jepa"
