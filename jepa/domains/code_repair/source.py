"""Source files as functions, and functions as tokens.

A function is linearised into tokens that name their bytes in the file, so that
an edit is a span of tokens and everything outside that span stays as it is.
Comments are no tokens. Every logical line starts with a token `\\n{depth}`
whose bytes are the line's indentation; the `def` line has depth 0.
"""

import ast
from collections.abc import Iterator
import dataclasses
import functools
import io
import itertools
import keyword
import tokenize
import warnings

# What a token is in its program. The order is part of data sets: append only.
SYNTAX = (
    "newline", "keyword", "operator", "delimiter", "number", "string",
    "docstring", "name", "name_load", "name_store", "parameter", "attribute",
    "call_name", "method", "keyword_arg",
)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DELIMITERS = frozenset("()[]{},:;.")
_CONSTANTS = frozenset(("None", "True", "False"))
KEYWORDS = frozenset(keyword.kwlist) - _CONSTANTS  # Where no value ends.

# Python 3.12 splits f-strings into tokens; here each is one, as strings are.
_STRING_STARTS = tuple(
    getattr(tokenize, name)
    for name in ("FSTRING_START", "TSTRING_START") if hasattr(tokenize, name)
)
_STRING_ENDS = tuple(
    getattr(tokenize, name)
    for name in ("FSTRING_END", "TSTRING_END") if hasattr(tokenize, name)
)
_FORMATTED = (ast.JoinedStr, getattr(ast, "TemplateStr", ast.JoinedStr))
_SKIPPED = (tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER)


class SourceError(ValueError):
  """A file that cannot be read as Python that edits can be made in."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Token:
  """A token and where it is.

  text: as in the file; `\\n{depth}` for the start of a line.
  start, end: half-open span of bytes of the file.
  line: number of the line it starts in, from 1.
  depth: block depth of its logical line; the `def` line has depth 0.
  syntax: one of `SYNTAX`.
  """
  text: str
  start: int
  end: int
  line: int
  depth: int
  syntax: str


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
  tokens: tuple[Token, ...]

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
    return tuple(_line_starts(self.source[self.start:self.end], self.start))

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
  tree = parse(_decode(source, path), path)
  starts = [*_line_starts(source, 0), len(source)]
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
  tokens = _tokenize(changed.text, function.start, function.lineno, tree)
  changed = dataclasses.replace(
      changed, end_lineno=tree.end_lineno, tokens=tokens
  )
  changed.__dict__["tree"] = tree  # Spares parsing it again.
  return changed


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


def split(expression: str) -> tuple[str, ...]:
  """Returns the texts of the tokens of an expression on one line."""
  return tuple(
      expression[begin[1]:end[1]] for kind, begin, end in _lex([expression])
      if kind != tokenize.NEWLINE
  )


def newline(depth: int) -> str:
  """Returns the text of the token that starts a line of block depth `depth`."""
  return f"\\n{depth}"


def is_newline(text: str) -> bool:
  return text[0] == "\\"


def newline_depth(text: str) -> int:
  """Returns the depth that `newline` was given."""
  return int(text[2:])


def _make_function(node, qualname, source, starts, path, names) -> Function:
  lineno = min(n.lineno for n in (node, *node.decorator_list))
  start, end = starts[lineno - 1], starts[node.end_lineno]
  text = source[start:end].decode()
  return Function(
      path=path, qualname=qualname, source=source, lineno=lineno,
      end_lineno=node.end_lineno, start=start, end=end, module_names=names,
      tokens=_tokenize(text, start, lineno, node),
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


def _line_starts(source: bytes, base: int) -> Iterator[int]:
  # Like the parser, bytes.splitlines ends lines at \n, \r and \r\n only.
  lengths = map(len, source.splitlines(keepends=True))
  return itertools.accumulate(itertools.chain((base,), lengths))


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


def _tokenize(text, start, lineno, node) -> tuple[Token, ...]:
  """Linearises the lines `text`, of which the first byte is byte `start`."""
  source = text.encode()
  lines = [line.decode() for line in source.splitlines()]
  starts = list(_line_starts(source, start))
  column = _byte_columns(lines)
  syntax = _node_syntax(node, lineno, starts)
  tokens = []
  depth = None
  fresh = True  # Whether the next token is the first of a logical line.
  for kind, begin, end in _lex(lines):
    if kind in (tokenize.INDENT, tokenize.DEDENT):
      step = 1 if kind == tokenize.INDENT else -1
      depth = 0 if depth is None else depth + step
      continue
    if kind == tokenize.NEWLINE:
      fresh = True
      continue
    depth = depth or 0
    first = starts[begin[0] - 1] + column(*begin)
    last = starts[end[0] - 1] + column(*end)
    line = lineno + begin[0] - 1
    if fresh:
      tokens.append(Token(
          text=newline(depth), start=starts[begin[0] - 1], end=first, line=line,
          depth=depth, syntax="newline",
      ))
      fresh = False
    spelling = source[first - start:last - start].decode()
    tokens.append(Token(
        text=spelling, start=first, end=last, line=line, depth=depth,
        syntax=syntax.get(first) or _token_syntax(kind, spelling),
    ))
  return tuple(tokens)


def _byte_columns(lines):
  """Returns the function from a row and a column of characters to bytes."""
  plain = [line.isascii() for line in lines]

  def column(row, col):
    if row > len(lines) or plain[row - 1]:
      return col
    return len(lines[row - 1][:col].encode())

  return column


def _lex(lines):
  """Yields the kind, first and last position of each token but comments."""
  readline = iter([f"{line}\n" for line in lines]).__next__
  opened = []  # Starts of the f-strings that are open.
  for kind, _, begin, end, _ in tokenize.generate_tokens(readline):
    if kind in _STRING_STARTS:
      opened.append(begin)
    elif kind in _STRING_ENDS:
      begin = opened.pop()
      if not opened:
        yield tokenize.STRING, begin, end
    elif not opened and kind not in _SKIPPED:
      yield kind, begin, end


def _token_syntax(kind, text) -> str:
  if kind == tokenize.NAME:
    return "keyword" if keyword.iskeyword(text) else "name"
  if kind == tokenize.NUMBER:
    return "number"
  if kind == tokenize.STRING:
    return "string"
  return "delimiter" if text in _DELIMITERS else "operator"


def _node_syntax(function, lineno, starts) -> dict[int, str]:
  """Maps the first byte of tokens to what only the tree knows of them."""
  found = {}

  def at(row, col):
    return starts[row - lineno] + col

  def visit(node):
    if isinstance(node, _FORMATTED):
      return  # One token, and 3.11 gives its insides no true positions.
    match node:
      case ast.Name():
        found.setdefault(
            at(node.lineno, node.col_offset),
            "name_load" if isinstance(node.ctx, ast.Load) else "name_store",
        )
      case ast.Attribute():
        width = len(node.attr.encode())
        found.setdefault(
            at(node.end_lineno, node.end_col_offset) - width, "attribute"
        )
      case ast.Call(func=ast.Name() as name):
        found[at(name.lineno, name.col_offset)] = "call_name"
      case ast.Call(func=ast.Attribute() as func):
        width = len(func.attr.encode())
        found[at(func.end_lineno, func.end_col_offset) - width] = "method"
      case ast.keyword(arg=str()):
        found[at(node.lineno, node.col_offset)] = "keyword_arg"
      case ast.arg():
        found[at(node.lineno, node.col_offset)] = "parameter"
      case ast.Match():
        found[at(node.lineno, node.col_offset)] = "keyword"
      case ast.Expr(value=ast.Constant(value=str())):
        found[at(node.lineno, node.col_offset)] = "docstring"
    for child in ast.iter_child_nodes(node):
      visit(child)

  visit(function)
  return found
