"""Unified diffs that `git apply` and `patch -p1` accept."""

from collections.abc import Mapping
import difflib

_CONTEXT = 3
_NO_NEWLINE = b"\\ No newline at end of file\n"


def make_diff(
    before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> bytes:
  """Returns the diff between files, by path; bytes, for encodings differ."""
  return b"".join(
      _file_diff(path, before[path], after[path])
      for path in sorted(after)
      if before[path] != after[path]
  )


def num_changed_lines(diff: bytes) -> int:
  """Returns how many lines a diff removes and adds."""
  return sum(
      line[:1] in (b"-", b"+") and line[:4] not in (b"--- ", b"+++ ")
      for line in diff.split(b"\n")
  )


def _file_diff(path: str, before: bytes, after: bytes) -> bytes:
  lines = difflib.diff_bytes(
      difflib.unified_diff, _lines(before), _lines(after),
      _name("a/", path), _name("b/", path), n=_CONTEXT,
  )
  return b"".join(
      line if line.endswith(b"\n") else line + b"\n" + _NO_NEWLINE
      for line in lines
  )


def _lines(content: bytes) -> list[bytes]:
  # As git: lines end at \n only, whatever else Python calls a line's end.
  *whole, last = content.split(b"\n")
  return [line + b"\n" for line in whole] + ([last] if last else [])


def _name(prefix: str, path: str) -> bytes:
  """Returns a path as git writes it in a header."""
  name = (prefix + path).encode("utf-8", "surrogateescape")
  if any(byte < 32 or byte in b'"\\' for byte in name):
    quoted = "".join(
        chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}"
        for b in name
    )
    return f'"{quoted}"'.encode()
  # A tab ends the name, which may hold blanks.
  return name + b"\t" if b" " in name else name
