"""A broken copy of a package, to try repair on."""

import pathlib
import shutil

from jepa.domains.code_repair import records
from jepa.domains.code_repair import source


def write_broken(
    record: records.Record, package: pathlib.Path, out: pathlib.Path
) -> None:
  """Copies `package` to `out` with the record's function broken.

  Raises:
    FileExistsError: something lies at `out`.
    ValueError: the package does not hold the record's function.
  """
  if out.exists():
    raise FileExistsError(f"{out} exists; give another place, or remove it.")
  path = package / record.target.path
  content = _break_function(record, path.read_bytes())
  shutil.copytree(package, out)
  (out / record.target.path).write_bytes(content)


def _break_function(record: records.Record, content: bytes) -> bytes:
  target = record.target
  for function in source.functions(content, target.path):
    if (function.qualname, function.lineno) == (target.qualname, target.lineno):
      lines = content.splitlines(keepends=True)
      before = b"".join(lines[: function.lineno - 1])
      after = b"".join(lines[function.end_lineno :])
      return before + _end_line(record.broken.text.encode()) + after
  raise ValueError(f"{target.path} has no {target.qualname} to break.")


def _end_line(text: bytes) -> bytes:
  return text if text.endswith(b"\n") else text + b"\n"
