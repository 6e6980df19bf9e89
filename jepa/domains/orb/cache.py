"""Verdicts on disk by content hash, safe under parallel writers.

A cache is a directory of segments. Every writer appends whole lines to a
segment of its own, so writers never meet; a reader takes all segments that are
there when it opens the cache, and ignores a line that a killed writer left
unfinished.
"""

import json
import os
import pathlib
import uuid

from jepa.domains.orb import verdict as verdict_lib


class VerdictCache:
  """Maps a key to a verdict; what is put is on disk when `put` returns."""

  def __init__(self, directory: str | os.PathLike[str]):
    self._directory = pathlib.Path(directory)
    self._directory.mkdir(parents=True, exist_ok=True)
    self._records: dict[str, str] = {}
    self._segment: int | None = None
    for path in sorted(self._directory.glob("*.verdicts")):
      self._load(path)

  def _load(self, path: pathlib.Path) -> None:
    for line in path.read_text(errors="replace").splitlines(keepends=True):
      key, _, record = line.partition(" ")
      if record.endswith("}\n"):
        self._records[key] = record

  def get(self, key: str) -> verdict_lib.Verdict | None:
    record = self._records.get(key)
    return record and verdict_lib.Verdict.from_json(json.loads(record))

  def put(self, key: str, verdict: verdict_lib.Verdict) -> None:
    record = json.dumps(verdict.to_json(), separators=(",", ":")) + "\n"
    self._records[key] = record
    if self._segment is None:
      self._segment = os.open(
          self._directory / f"{uuid.uuid4().hex}.verdicts",
          os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND,
          0o644,
      )
    os.write(self._segment, f"{key} {record}".encode())

  def __len__(self) -> int:
    return len(self._records)

  def close(self) -> None:
    if self._segment is not None:
      os.close(self._segment)
      self._segment = None
