"""Source files as functions.

A function is linearised into tokens that name their bytes in the file, so that
an edit is a span of tokens and everything outside that span stays as it is.
"""

import ast
from collections.abc import Iterator
import dataclasses
import functools
import io
import tokenize
import warnings

from jepa.domains.code_repair import tokens as tokens_lib

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class SourceError(ValueError):
  """A file that cannot be read as Python that edits can be made in."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Function:
  """An outermost function or method and the file that holds it.

  path: of the file, as the caller named it.
  qualname: "f", "Class.method" or "Outer.Inner.method".
  source: the whole file.
  lineno, end_lineno: first line, decorators included, and last, from 1.
  start, end: half-open span of bytes of these lines.
  module_names: names bound at the top level of the file, in order.
  tokens: the function, linearised.
  """
  path: str
  qualname: str
  source: bytes
  lineno: int
  end_lineno: int
  start: int
  end: int
  module_names: tuple[str, ...]
  tokens: tuple[tokens_lib.Token, ...]

  @property
  def text(self) -> str:
    """The function's own lines."""
    return self.source[self.start:self.end].decode()

  @functools.cached_property
  def tree(self) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The syntax tree, with the line numbers of the file."""
    return _parse_alone(self.text, self.lineno, self.path)

  @functools.cached_property
  def line_starts(self) -> tuple[int, ...]:
    """Offsets of the first bytes of lines `lineno`, `lineno + 1`, ..."""
    lines = self.source[self.start:self.end]
    return tuple(tokens_lib.line_starts(lines, self.start))

  def offset(self, lineno: int, col_offset: int) -> int:
    """Returns the byte that a position of the tree stands for."""
    return self.line_starts[lineno - self.lineno] + col_offset


def functions(source: bytes, path: str = "") -> list[Function]:
  """Returns every outermost function and method of a file, in order.

  Functions inside functions belong to the outermost one.

  Raises:
    SourceError: `source` is not UTF-8, starts with a byte order mark, declares
      another encoding or is not Python of the running version.
  """
  tree = parse_file(source, path)
  starts = [*tokens_lib.line_starts(source, 0), len(source)]
  names = tuple(dict.fromkeys(_bound_names(tree.body)))
  return [
      _make_function(node, qualname, source, starts, path, names)
      for qualname, node in _outermost(tree.body, "")
  ]


def replace_source(function: Function, source: bytes) -> Function:
  """Returns `function` as it is in `source`.

  Only the lines of the function may differ between the two files.

  Raises:
    SourceError: the function does not parse any more.
  """
  end = function.end + len(source) - len(function.source)
  changed = dataclasses.replace(function, source=source, end=end)
  tree = changed.tree
  changed = dataclasses.replace(
      changed,
      end_lineno=tree.end_lineno,
      tokens=tokens_lib.linearise(
          changed.text, changed.start, changed.lineno, tree),
  )
  changed.__dict__["tree"] = tree  # Spares parsing it again.
  return changed


def parse_file(source: bytes, path: str = "") -> ast.Module:
  """Parses a file.

  Raises:
    SourceError: as `functions`.
  """
  return parse(_decode(source, path), path)


def parse(text: str, path: str = "") -> ast.Module:
  """Parses Python without its warnings.

  Raises:
    SourceError: `text` is not Python of the running version.
  """
  try:
    with warnings.catch_warnings():
      warnings.simplefilter("ignore")  # Invalid escapes are not our business.
      return ast.parse(text)
  except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
    raise SourceError(
        f"{path or 'the source'} does not parse: {error}"
    ) from error


def _make_function(node, qualname, source, starts, path, names) -> Function:
  lineno = min(n.lineno for n in (node, *node.decorator_list))
  start, end = starts[lineno - 1], starts[node.end_lineno]
  text = source[start:end].decode()
  return Function(
      path=path, qualname=qualname, source=source, lineno=lineno,
      end_lineno=node.end_lineno, start=start, end=end, module_names=names,
      tokens=tokens_lib.linearise(text, start, lineno, node),
  )


def _decode(source: bytes, path: str) -> str:
  where = path or "the source"
  try:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
  except SyntaxError as error:
    raise SourceError(f"{where}: {error}; only UTF-8 is edited") from error
  if encoding == "utf-8-sig":
    raise SourceError(f"{where} starts with a byte order mark: save without")
  if encoding != "utf-8":
    raise SourceError(f"{where} is in {encoding}: only UTF-8 is edited")
  try:
    return source.decode()
  except UnicodeDecodeError as error:
    raise SourceError(f"{where} is not UTF-8: {error}") from error


def _parse_alone(text, lineno, path):
  """Parses one function's lines, keeping the line numbers of its file."""
  if text.lstrip("\f")[0] in " \t":  # A form feed sets the column back.
    module = parse("\n" * (lineno - 2) + "if 1:\n" + text, path)
    node = module.body[0].body[0]
  else:
    module = parse("\n" * (lineno - 1) + text, path)
    node = module.body[0]
  if len(module.body) > 1 or not isinstance(node, _FUNCTIONS):
    raise SourceError(f"{path}:{lineno}: no longer the lines of one function")
  return node


def _blocks(node) -> Iterator[list[ast.stmt]]:
  for field in ("body", "orelse", "finalbody"):
    yield getattr(node, field, [])
  for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
    yield part.body


def _outermost(body, prefix):
  for node in body:
    if isinstance(node, _FUNCTIONS):
      yield prefix + node.name, node
    else:
      inner = f"{prefix}{node.name}." if isinstance(node, ast.ClassDef) else (
          prefix)
      for block in _blocks(node):
        yield from _outermost(block, inner)


def _bound_names(body) -> Iterator[str]:
  for node in body:
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
      yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
      for alias in node.names:
        yield alias.asname or alias.name.split(".")[0]
    else:
      for block in _blocks(node):
        yield from _bound_names(block)
      for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
          yield child.id
