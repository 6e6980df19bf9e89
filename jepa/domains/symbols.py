"""Symbols: from the text of a token or a name to hashed pieces, and tables.

A symbol's pieces are the hash of its whole text and of the words in it, so
that `max_depth` and `depth` share one. Hashes are CRC-32: stable across
processes and machines, unlike Python's own.
"""

from collections.abc import Iterable
import functools
import re
import zlib

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@functools.lru_cache(maxsize=1 << 16)
def pieces(
    text: str, *, num_hashes: int, num_pieces: int
) -> tuple[int, ...]:
  """Returns `num_pieces` hashes of `text` in `[1, num_hashes)`; 0 pads.

  The empty string, which pads tables, has no piece at all.
  """
  if not text:
    return (0,) * num_pieces
  words = [w.lower() for w in _WORD.findall(text[:64])]
  parts = [f"={text}", *words[: num_pieces - 1]]
  # JSON may hold half of a surrogate pair, which has no UTF-8 of its own.
  texts = [p.encode("utf-8", "surrogatepass") for p in parts]
  hashes = [1 + zlib.crc32(t) % (num_hashes - 1) for t in texts]
  return tuple(hashes + [0] * (num_pieces - len(hashes)))


class SymbolTable:
  """Numbers distinct texts from 1 on, in order of first use; 0 is padding."""

  def __init__(self, texts: Iterable[str] = ()):
    self._index: dict[str, int] = {"": 0}
    for text in texts:
      self.add(text)

  def add(self, text: str) -> int:
    """Returns the index of `text`, giving it one if it has none."""
    return self._index.setdefault(text, len(self._index))

  def add_all(self, texts: Iterable[str]) -> tuple[int, ...]:
    """Is `add` of each."""
    index = self._index
    return tuple([index.setdefault(text, len(index)) for text in texts])

  def find(self, text: str) -> int:
    """Returns the index of `text`, or 0 where it has none."""
    return self._index.get(text, 0)

  def texts(self) -> tuple[str, ...]:
    return tuple(self._index)

  def __len__(self) -> int:
    return len(self._index)
