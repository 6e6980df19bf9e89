"""Compiled programs on disk: loading one takes a tenth of tracing it again.

JAX's own compile cache saves the compiling, but not the tracing and lowering
that find out what is to be compiled, and those take most of a second a shape.
"""

from collections.abc import Callable, Hashable
import functools
import hashlib
import os
import pathlib
import pickle
import platform
import tempfile
import time
from typing import Any

import jax
from jax.experimental import serialize_executable
import jaxlib
from jepa import compiler

_MAX_AGE = 60 * 24 * 3600.0  # Seconds; a program in use is written anew then.

# Traced into programs: where it changes, programs of before are void.
_SOURCES = ("models", "types.py", "compiler.py", "planning/rank.py")


class Store:
  """A folder of compiled programs, for one machine and one version of all.

  What cannot be read is compiled anew, and what cannot be written is not kept:
  neither is an error.

  Args:
    folder: created when it is needed. Whoever may write there decides what
      runs here, as with any cache of machine code.
    salt: what the programs depend on beside their arguments' shapes.
  """

  def __init__(self, folder: pathlib.Path, salt: str):
    self._folder = folder
    self._salt = salt

  def keep(
      self, name: str, function: Callable[..., Any]
  ) -> Callable[..., Any]:
    """Is `compiler.jit`, but for looking into the folder before it compiles."""
    loaded: dict[Hashable, Callable[..., Any]] = {}

    def call(*args):
      shapes = _shapes(args)
      if shapes not in loaded:
        key = _hash(name, self._salt, _machine(), str(shapes))
        path = self._folder / f"{name}-{key}"
        loaded[shapes] = _read(path) or _compile(path, function, args)
      return loaded[shapes](*args)

    return call


def _shapes(args: Any) -> Hashable:
  leaves, tree = jax.tree.flatten(args)
  return tree, tuple((x.shape, x.dtype.name) for x in leaves)


@functools.cache
def _machine() -> str:
  """Returns what tells whether machine code of before still runs and holds."""
  device = jax.devices()[0]
  try:
    text = pathlib.Path("/proc/cpuinfo").read_text()
    processor = text.partition("\n\n")[0]
    features = [x for x in processor.splitlines() if x.startswith("flags")]
  except OSError:
    features = []
  package = pathlib.Path(__file__).parents[1]
  sources = [
      path.read_text()
      for name in _SOURCES
      for path in sorted([package / name, *(package / name).glob("*.py")])
      if path.is_file()
  ]
  return _hash(
      jax.__version__, jaxlib.__version__, device.device_kind,
      str(jax.device_count()), platform.machine(),
      os.environ.get("XLA_FLAGS", ""), *features, *sources,
  )


def _hash(*texts: str) -> str:
  return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


def _read(path: pathlib.Path) -> Callable[..., Any] | None:
  try:
    return _load(path.read_bytes())
  except Exception:  # Whatever is wrong with it, there is a way without it.
    return None


def _load(kept: bytes) -> Callable[..., Any]:
  return serialize_executable.deserialize_and_load(
      *pickle.loads(kept), execution_devices=jax.devices()[:1]
  )


def _compile(
    path: pathlib.Path, function: Callable[..., Any], args: Any
) -> Callable[..., Any]:
  compiled = compiler.jit(function).lower(*args).compile()
  try:
    kept = pickle.dumps(serialize_executable.serialize(compiled))
    # What JAX itself has taken from its cache cannot be loaded again.
    jax.block_until_ready(_load(kept)(*args))
  except jax.errors.JaxRuntimeError:
    return compiled
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
      file.write(kept)
    os.replace(partial, path)
    _forget_old(path.parent)
  except OSError:
    pass  # A full or read-only disk: the next run compiles again.
  return compiled


def _forget_old(folder: pathlib.Path) -> None:
  """Removes what earlier versions and other models have left."""
  oldest = time.time() - _MAX_AGE
  for path in folder.iterdir():
    if path.stat().st_mtime < oldest:
      path.unlink(missing_ok=True)
