"""Tokens of a function, and the bytes that they are in its file.

Comments are no tokens. Every logical line starts with a token `\\n{depth}`
whose bytes are the line's indentation; the `def` line has depth 0.
"""

import ast
from collections.abc import Iterator
import dataclasses
import itertools
import keyword
import tokenize

# What a token is in its program. The order is part of data sets: append only.
SYNTAX = (
    "newline", "keyword", "operator", "delimiter", "number", "string",
    "docstring", "name", "name_load", "name_store", "parameter", "attribute",
    "call_name", "method", "keyword_arg",
)

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


def line_starts(source: bytes, base: int) -> Iterator[int]:
  """Yields where each line starts, and the end; `source` is at `base`."""
  # Like the parser, bytes.splitlines ends lines at \n, \r and \r\n only.
  lengths = map(len, source.splitlines(keepends=True))
  return itertools.accumulate(itertools.chain((base,), lengths))


def linearise(
    text: str, start: int, lineno: int, function: ast.AST
) -> tuple[Token, ...]:
  """Returns the tokens of a function.

  Args:
    text: the function's lines, indented as they are.
    start, lineno: the first byte of these lines in the file, and its line.
    function: the function's tree, with the line numbers of the file.
  """
  source = text.encode()
  lines = [line.decode() for line in source.splitlines()]
  starts = list(line_starts(source, start))
  syntax = _node_syntax(function, lineno, starts)

  def offset(position):
    row, column = position
    return starts[row - 1] + len(lines[row - 1][:column].encode())

  result = []
  for kind, begin, end, depth, is_first in _logical_lines(_lex(lines)):
    row, _ = begin
    first, last = offset(begin), offset(end)
    place = {"line": lineno + row - 1, "depth": depth}
    if is_first:
      result.append(Token(
          text=newline(depth), start=starts[row - 1], end=first,
          syntax="newline", **place))
    spelling = source[first - start:last - start].decode()
    result.append(Token(
        text=spelling, start=first, end=last,
        syntax=syntax.get(first) or _token_syntax(kind, spelling), **place))
  return tuple(result)


def _logical_lines(lexed):
  """Yields tokens with their block depth, and whether they begin a line."""
  depth = None
  is_first = True
  for kind, begin, end in lexed:
    if kind in (tokenize.INDENT, tokenize.DEDENT):
      # A method's own indentation comes first and is depth 0.
      step = 1 if kind == tokenize.INDENT else -1
      depth = 0 if depth is None else depth + step
    elif kind == tokenize.NEWLINE:
      is_first = True
    else:
      depth = depth or 0
      yield kind, begin, end, depth, is_first
      is_first = False


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
