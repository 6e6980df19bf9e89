"""Statements outside of functions, dressed up as functions to be edited.

A table of constants, the loop that fills it or the attribute of a class may
hold the bug, too. The grammar edits functions, so such a statement is given a
`def` line of its own, edited there, and put back.
"""

import ast
from collections.abc import Iterator
import dataclasses
import functools

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tokens as tokens_lib

_HEADER = b"def _():\n"
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
# That compute something, unless they hold definitions or imports.
_OTHERS = (ast.Expr, ast.For, ast.While, ast.If, ast.With, ast.Try)
_DEFINITIONS = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import,
    ast.ImportFrom,
)
_ONLY_IN_FUNCTIONS = frozenset(("return", "yield", "await"))
_DUNDER = ("__all__", "__slots__", "__version__", "__author__")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Statement:
  """An assignment, or the like, at the top level of a module or of a class.

  file: the whole file.
  path: of it.
  names: what it binds or changes.
  owner: name of the class that it is in, "" if none.
  start, end: half-open span of bytes of its lines in `file`.
  prefix: what was put in front of each of its lines.
  """
  file: bytes
  path: str
  names: frozenset[str]
  owner: str
  start: int
  end: int
  prefix: bytes

  @functools.cached_property
  def function(self) -> source.Function:
    """The statement as the body of a function.

    Its line numbers are those of the file, unless it is on the first line.
    """
    lines = self.file[self.start:self.end].splitlines(keepends=True)
    body = b"".join(self.prefix + line for line in lines)
    padding = b"\n" * max(0, self.lines[0] - 2)
    (function,) = source.functions(padding + _HEADER + body, self.path)
    return function

  @functools.cached_property
  def lines(self) -> range:
    """Numbers of its lines in the file."""
    first = self.file.count(b"\n", 0, self.start) + 1
    last = self.file.count(b"\n", 0, self.end - 1) + 1
    return range(first, last + 1)

  @property
  def outer_names(self) -> frozenset[str]:
    """What other files must say to use it: of an attribute, the class."""
    return frozenset((self.owner,)) if self.owner else self.names

  def is_fit(self, edit: edits_lib.Edit) -> bool:
    """Whether an edit stays inside the statement, and may stand there."""
    tokens = self.function.tokens
    span = tokens[edit.start:edit.end]
    return (
        tokens[min(edit.start, len(tokens) - 1)].depth > 0
        and _ONLY_IN_FUNCTIONS.isdisjoint(edit.insert)
        and not any(map(
            tokens_lib.is_newline, (*edit.insert, *(t.text for t in span))
        ))
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
  """Yields the statements outside of functions that bind names, in order.

  Raises:
    SourceError: as `source.functions`.
  """
  tree = source.parse_file(content, path)
  starts = [0]
  for line in content.splitlines(keepends=True):
    starts.append(starts[-1] + len(line))
  for node, owner in _candidates(tree.body, ""):
    start, end = starts[node.lineno - 1], starts[node.end_lineno]
    before = content[start:start + node.col_offset]
    after = content[starts[node.end_lineno - 1] + node.end_col_offset:end]
    if before.strip() or after.strip()[:1] not in (b"", b"#"):
      continue  # It shares its lines with another statement.
    names = frozenset(_changed(node)).difference(_DUNDER)
    if names:
      prefix = b"" if content[start:start + 1] in b" \t" else b"    "
      yield Statement(
          file=content, path=path, names=names, owner=owner, start=start,
          end=end, prefix=prefix,
      )


def _candidates(
    body: list[ast.stmt], owner: str
) -> Iterator[tuple[ast.stmt, str]]:
  """Yields statements, each with the name of the class that it is in."""
  for node in body:
    if isinstance(node, ast.ClassDef):
      yield from _candidates(node.body, node.name)
    elif isinstance(node, _ASSIGNMENTS):
      if node.value is not None:
        yield node, owner
    elif isinstance(node, _OTHERS):
      if _is_computing(node):
        yield node, owner


def _is_computing(node: ast.stmt) -> bool:
  """Whether a statement runs on import, and defines or imports nothing."""
  inside = list(ast.walk(node))
  is_script = any(getattr(n, "id", "") == "__name__" for n in inside)
  return not is_script and not any(isinstance(n, _DEFINITIONS) for n in inside)


def _changed(statement: ast.stmt) -> Iterator[str]:
  """Yields names that are bound, or whose objects are changed."""
  inside = list(ast.walk(statement))
  local = {
      name
      for node in inside if isinstance(node, ast.comprehension)
      for name in ast.walk(node.target)
  }
  for node in inside:
    is_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if is_call and isinstance(node.value.func, ast.Attribute):
      yield from _root(node.value.func)
    elif isinstance(getattr(node, "ctx", None), ast.Store):
      if node not in local:
        yield from _root(node)


def _root(node: ast.expr) -> Iterator[str]:
  """Yields the name that an attribute or an item is taken of, if any."""
  while isinstance(node, (ast.Attribute, ast.Subscript)):
    node = node.value
  if isinstance(node, ast.Name):
    yield node.id
