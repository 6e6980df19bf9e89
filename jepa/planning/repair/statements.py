"""Statements outside of functions, dressed up as functions to be edited.

A table of constants or the attribute of a class may hold the bug, too. The
grammar edits functions, so such a statement is given a `def` line of its own,
edited there, and put back.
"""

import ast
from collections.abc import Iterator
import dataclasses

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tokens as tokens_lib

_HEADER = b"def _():\n"
_KINDS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
_DUNDER = ("__all__", "__slots__", "__version__", "__author__")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Statement:
  """An assignment at the top level of a module or of a class.

  file: the whole file.
  function: the statement as the body of a function. Its line numbers are
    those of the file, unless the statement is on the first line.
  names: what it binds.
  start, end: half-open span of bytes of its lines in `file`.
  prefix: what was put in front of each of its lines.
  """
  file: bytes
  function: source.Function
  names: frozenset[str]
  start: int
  end: int
  prefix: bytes

  @property
  def lines(self) -> range:
    """Numbers of its lines in the file."""
    first = self.file.count(b"\n", 0, self.start) + 1
    last = self.file.count(b"\n", 0, self.end - 1) + 1
    return range(first, last + 1)

  def is_used_by(self, function: source.Function) -> bool:
    """Whether a function says one of the names."""
    return any(token.text in self.names for token in function.tokens)

  def is_fit(self, edit: edits_lib.Edit) -> bool:
    """Whether an edit stays inside the statement: no `return`, say."""
    tokens = self.function.tokens
    span = tokens[edit.start:edit.end]
    return tokens[min(edit.start, len(tokens) - 1)].depth > 0 and not any(
        map(tokens_lib.is_newline, (*edit.insert, *(t.text for t in span)))
    )

  def unwrap(self, edited: bytes) -> bytes:
    """Returns the file, from the edited file of `function`."""
    body = edited[self.function.start + len(_HEADER):]
    lines = body.splitlines(keepends=True)
    return b"".join([
        self.file[:self.start],
        *(line.removeprefix(self.prefix) for line in lines),
        self.file[self.end:],
    ])

  def line(self, line: int) -> int:
    """Returns the line of the file for a line of `function`."""
    return self.lines[0] + line - self.function.lineno - 1


def find(content: bytes, path: str) -> Iterator[Statement]:
  """Yields the assignments outside of functions, in order.

  Raises:
    SourceError: as `source.functions`.
  """
  tree = source.parse(content.decode(), path)
  starts = [0]
  for line in content.splitlines(keepends=True):
    starts.append(starts[-1] + len(line))
  for node in _assignments(tree.body):
    start, end = starts[node.lineno - 1], starts[node.end_lineno]
    before = content[start:start + node.col_offset]
    after = content[starts[node.end_lineno - 1] + node.end_col_offset:end]
    if before.strip() or after.strip()[:1] not in (b"", b"#"):
      continue  # It shares its lines with another statement.
    names = frozenset(_bound(node)).difference(_DUNDER)
    if names:
      yield _dress(content, path, node.lineno, start, end, names)


def _dress(content, path, lineno, start, end, names) -> Statement:
  lines = content[start:end].splitlines(keepends=True)
  prefix = b"" if lines[0][:1] in b" \t" else b"    "
  body = b"".join(prefix + line for line in lines)
  padding = b"\n" * max(0, lineno - 2)
  (function,) = source.functions(padding + _HEADER + body, path)
  return Statement(
      file=content, function=function, names=names, start=start, end=end,
      prefix=prefix,
  )


def _assignments(body: list[ast.stmt]) -> Iterator[ast.stmt]:
  for node in body:
    if isinstance(node, _KINDS) and node.value is not None:
      yield node
    elif isinstance(node, ast.ClassDef):
      yield from _assignments(node.body)


def _bound(node: ast.stmt) -> Iterator[str]:
  targets = node.targets if isinstance(node, ast.Assign) else [node.target]
  for target in targets:
    for child in ast.walk(target):
      if isinstance(child, ast.Name):
        yield child.id
