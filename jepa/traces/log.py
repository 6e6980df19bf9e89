"""A log of what was done and what came of it, which is the data of tomorrow.

  log = TraceLog("runs/traces.log")
  log.append(world="orb", state=..., action=..., next_state=..., signals=...)

Append-only: a record is on disk when `append` returns, and nothing that is on
disk is ever changed. A writer that is killed leaves at most one unfinished
line, which readers pass over and the next writer closes. Several processes may
append, and any may read meanwhile.

The format is one line of text per record: a checksum, the version of the
format, the world, and JSON. The first three fields are what counting needs.
"""

from collections.abc import Iterator
import dataclasses
import fcntl
import json
import os
from typing import Any
import zlib

VERSION = 1
_FIELDS = 4  # Checksum, version, world, JSON.

Json = Any


class TraceError(ValueError):
  """A record that cannot be logged, or a log that cannot be read."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trace:
  """One action in one state, executed.

  world: name of the world.
  state, action, next_state: JSON, in the world's own form.
  signals: what the verifier said of `next_state`, in the world's own form.
  meta: anything else: where from, when, on whose behalf.
  """
  world: str
  state: Json
  action: Json
  next_state: Json
  signals: Json
  meta: dict[str, Json] = dataclasses.field(default_factory=dict)


class TraceLog:
  """Appends to a log; to be closed, or used as a context."""

  def __init__(self, path: str | os.PathLike[str], *, sync: bool = True):
    """Opens a log, which is made if it is not there.

    Args:
      path: the file; its folder must exist.
      sync: whether records must survive a loss of power, not only the death
        of the process. Costs a disk flush for each append.
    """
    self._file = os.open(
        path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644
    )
    self._sync = sync

  def append(
      self,
      *,
      world: str,
      state: Json,
      action: Json,
      next_state: Json,
      signals: Json,
      meta: dict[str, Json] | None = None,
  ) -> None:
    """Logs one trace; it is on disk when this returns.

    Raises:
      TraceError: a part of it is no JSON, or the world's name has a space.
    """
    trace = Trace(
        world=world,
        state=state,
        action=action,
        next_state=next_state,
        signals=signals,
        meta=meta or {},
    )
    self.extend([trace])

  def extend(self, traces: list[Trace]) -> None:
    """Logs several traces at the price of one."""
    lines = b"".join(map(_line, traces))
    fcntl.flock(self._file, fcntl.LOCK_EX)
    try:
      _write_all(self._file, self._unfinished() + lines)
      if self._sync:
        os.fdatasync(self._file)
    finally:
      fcntl.flock(self._file, fcntl.LOCK_UN)

  def _unfinished(self) -> bytes:
    """Returns what ends the line that a killed writer left, if there is one."""
    size = os.fstat(self._file).st_size
    if size and os.pread(self._file, 1, size - 1) != b"\n":
      return b"\n"
    return b""

  def close(self) -> None:
    os.close(self._file)

  def __enter__(self) -> "TraceLog":
    return self

  def __exit__(self, *exception) -> None:
    self.close()


def read(
    path: str | os.PathLike[str], world: str | None = None
) -> Iterator[Trace]:
  """Yields the traces of a log in order, those of one world if it is named.

  Raises:
    TraceError: a record was written by a later version.
    OSError: there is no such file.
  """
  for found, record in _records(path):
    if world is None or found == world:
      yield Trace(world=found, **json.loads(record))


def count(path: str | os.PathLike[str], world: str | None = None) -> int:
  """Returns how many traces a log holds, of one world if it is named.

  Raises:
    TraceError: a record was written by a later version.
    OSError: there is no such file.
  """
  return sum(world is None or found == world for found, _ in _records(path))


def worlds(path: str | os.PathLike[str]) -> dict[str, int]:
  """Returns how many traces of each world a log holds; raises as `count`."""
  counts: dict[str, int] = {}
  for found, _ in _records(path):
    counts[found] = counts.get(found, 0) + 1
  return counts


def _records(path) -> Iterator[tuple[str, bytes]]:
  """Yields world and JSON of each whole record."""
  with open(path, "rb") as lines:
    for line in lines:
      checksum, _, content = line.partition(b" ")
      if not line.endswith(b"\n") or checksum != _checksum(content):
        continue  # Unfinished: its writer was killed, or is writing now.
      version, world, record = content.split(b" ", _FIELDS - 2)
      if int(version) > VERSION:
        raise TraceError(
            f"{os.fspath(path)} has a record of format {int(version)}; this "
            f"program reads up to {VERSION}."
        )
      yield world.decode(), record


def _line(trace: Trace) -> bytes:
  if not trace.world or any(c.isspace() for c in trace.world):
    raise TraceError(f"a world's name is one word, not {trace.world!r}.")
  record = {
      f.name: getattr(trace, f.name)
      for f in dataclasses.fields(trace)
      if f.name != "world"
  }
  try:
    text = json.dumps(record, separators=(",", ":"), allow_nan=False)
  except (TypeError, ValueError, RecursionError) as e:
    raise TraceError(f"a trace is JSON throughout: {e}") from e
  content = f"{VERSION} {trace.world} {text}\n".encode()
  return _checksum(content) + b" " + content


def _checksum(content: bytes) -> bytes:
  return b"%08x" % zlib.crc32(content)


def _write_all(file: int, content: bytes) -> None:
  view = memoryview(content)
  while view:
    view = view[os.write(file, view) :]
