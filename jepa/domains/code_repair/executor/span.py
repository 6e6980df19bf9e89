"""The lines of a function in its file, and the file with others instead."""

import ast
import dataclasses
import io
import pathlib
import tokenize

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair.executor.worker import definition


@dataclasses.dataclass(frozen=True, kw_only=True)
class Span:
  """Lines `first` to `last` of `source`, from 1, both included.

  future: names that the file imports from `__future__`.
  """
  source: bytes
  first: int
  last: int
  future: tuple[str, ...]

  @property
  def lines(self) -> range:
    return range(self.first, self.last + 1)

  @property
  def text(self) -> str:
    lines = self.source.splitlines()[self.first - 1:self.last]
    return "\n".join(line.decode(self._encoding) for line in lines)

  def replace(self, text: str) -> bytes:
    """Returns the whole file with `text` in the place of these lines."""
    lines = self.source.splitlines(keepends=True)
    middle = f"{text.removesuffix(chr(10))}\n".encode(self._encoding)
    return b"".join([
        *lines[:self.first - 1], middle, *lines[self.last:]
    ])

  @property
  def _encoding(self) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(self.source).readline)
    return encoding.removesuffix("-sig")


class Sources:
  """The files of a project as they were when first asked for."""

  def __init__(self, root: pathlib.Path):
    self._root = root
    self._files: dict[str, tuple[bytes, ast.Module]] = {}

  def find(self, target: evidence.Target) -> Span:
    """Finds a function.

    Raises:
      LookupError: the file has no such function.
      SyntaxError: (or OSError) there is no such file, or it is not Python.
    """
    if target.path not in self._files:
      source = (self._root / target.path).read_bytes()
      self._files[target.path] = source, ast.parse(source)
    source, tree = self._files[target.path]
    try:
      node = definition.find(tree, target.qualname, target.lineno)
    except definition.CannotSwap as error:
      raise LookupError(f"{target.path}: {error}") from None
    return Span(
        source=source,
        first=target.lineno,
        last=node.end_lineno,
        future=tuple(definition.future_names(tree)),
    )
