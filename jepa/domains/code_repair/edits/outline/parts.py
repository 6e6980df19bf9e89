"""Parts of a function: expressions and statements, and where their tokens are.
"""

import ast
from collections.abc import Sequence
from typing import NamedTuple

from jepa.domains.code_repair.edits.outline import scopes

# Texts of tokens; and an edit without its kind: start, end and what to insert.
Tokens = tuple[str, ...]
Span = tuple[int, int, Tokens]


class Site(NamedTuple):
  """An expression and its place.

  start, end: half-open span of tokens, without parentheses put around it.
  outer_start, outer_end: the span with these parentheses.
  need: the least precedence of what may replace [start, end).
  line: index of the token that starts its line.
  """
  node: ast.expr
  parent: ast.AST
  field: str
  start: int
  end: int
  outer_start: int
  outer_end: int
  need: int
  scope: scopes.Scope
  line: int


class Statement(NamedTuple):
  """A statement; its span starts with its `\\n` token if it is whole.

  whole: whether it shares its lines with no other statement.
  """
  node: ast.stmt
  start: int
  end: int
  whole: bool


class Block(NamedTuple):
  """Statements in a row.

  owner: the node whose field they are.
  function: the innermost function around them.
  in_loop: whether `break` may stand here.
  loop_end: index after the outermost loop around them in their function, 0 if
    there is none.
  is_open: whether statements may be put in and taken out.
  """
  owner: ast.AST
  field: str
  statements: tuple[Statement, ...]
  function: ast.FunctionDef | ast.AsyncFunctionDef
  scope: scopes.Scope
  in_loop: bool
  loop_end: int
  is_open: bool


def parenthesised(tokens: Tokens, own: int, need: int) -> Tokens:
  """Returns `tokens` of precedence `own` for a place of that need."""
  return tokens if own >= need else ("(", *tokens, ")")


def is_load(site: Site) -> bool:
  """Whether an expression is read, not assigned or deleted."""
  return isinstance(getattr(site.node, "ctx", None), (ast.Load, type(None)))


def function_name(call: ast.Call) -> str:
  """Returns the last part of a called name, "" if it has none."""
  func = call.func
  return getattr(func, "attr", None) or getattr(func, "id", "")


def dropped(
    texts: Sequence[str], spans: Sequence[tuple[int, int]], k: int
) -> Span:
  """Returns the edit that drops item `k` of a row, and its comma."""
  if k + 1 < len(spans):
    return spans[k][0], spans[k + 1][0], ()
  if k:
    return spans[k - 1][1], spans[k][1], ()
  start, end = spans[k]
  return start, end + (texts[end] == ","), ()
