"""Siblings: what the other methods of a class, or functions of a file, call.

A call that they make may have been forgotten in this one.
"""

import ast
import builtins
import collections
from collections.abc import Iterator
import dataclasses
import functools
import itertools

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import positions

_MAX_CALLS = 4  # In one place.
_MAX_TOKENS = 12
_MAX_NODES = 24  # Of a tree that can have as few tokens.
_NEVER = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.Lambda,
          ast.JoinedStr, ast.comprehension)
_BUILTINS = frozenset(dir(builtins)) - {"print"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Surroundings:
  """What is around a function: alike for all edited forms of it."""
  before: bytes
  after: bytes
  qualname: str
  source: bytes = dataclasses.field(compare=False)


def calls(
    outline: outlines.Outline, position: positions.Position
) -> Iterator[parts.Tokens]:
  """Yields calls that siblings make, if they may stand in a place."""
  scope = position.block.scope
  usable = {a[0] for a in outline.atoms(
      scope, position.index, position.block.loop_end)}
  usable.update(outline.function.module_names)
  usable.add(scope.receiver)
  found = (
      tokens for tokens, names in _around(outline.function)
      if names <= usable)
  yield from itertools.islice(found, _MAX_CALLS)
  if position.block.owner is outline.function.tree and (
      position.is_early or position.is_last):
    yield from _inherited(outline)


def _around(function) -> tuple[tuple[parts.Tokens, frozenset[str]], ...]:
  return _siblings(_Surroundings(
      before=function.source[:function.start],
      after=function.source[function.end:],
      qualname=function.qualname, source=function.source))


@functools.lru_cache(maxsize=32)
def _siblings(
    around: _Surroundings
) -> tuple[tuple[parts.Tokens, frozenset[str]], ...]:
  """Returns calls, and the names that they need, the most frequent first."""
  owner, _, own_name = around.qualname.rpartition(".")
  counts = collections.Counter()
  for name, made in _owners(around.source).get(owner, ()):
    if name != own_name:
      counts.update(made)
  return tuple(
      (tokens, _names(tokens)) for tokens, _ in counts.most_common())


@functools.lru_cache(maxsize=4)
def _owners(
    source: bytes
) -> dict[str, list[tuple[str, dict[parts.Tokens, int]]]]:
  """Maps classes, and "" for the file, to the functions in them.

  Of each its name, and what it says of calls: how often they are made.
  """
  found = collections.defaultdict(list)

  def enter(body, owner):
    for node in body:
      if isinstance(node, _FUNCTIONS):
        counts = collections.Counter(_calls(node))
        if owner and _needs_nothing(node):
          counts["self", ".", node.name, "(", ")"] += 0  # It could be made.
        found[owner].append((node.name, counts))
      elif isinstance(node, ast.ClassDef):
        enter(node.body, f"{owner}.{node.name}".lstrip("."))

  try:
    enter(source_lib.parse_file(source).body, "")
  except source_lib.SourceError:
    pass  # Then there are none.
  return dict(found)


def _calls(
    function: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[parts.Tokens]:
  """Yields the short statements of a function that call something."""
  for node in _statements(function.body):
    if isinstance(node, ast.AugAssign) or isinstance(node, ast.Expr) and (
        isinstance(node.value, ast.Call)):
      nodes = list(itertools.islice(ast.walk(node), _MAX_NODES))
      if len(nodes) == _MAX_NODES or any(isinstance(n, _NEVER) for n in nodes):
        continue
      tokens = tokens_lib.split(ast.unparse(node))
      if len(tokens) <= _MAX_TOKENS and "super" not in tokens:
        yield tokens


def _statements(body) -> Iterator[ast.stmt]:
  for node in body:
    yield node
    for field in ("body", "orelse", "finalbody"):
      yield from _statements(getattr(node, field, ()))
    for handler in getattr(node, "handlers", ()):
      yield from _statements(handler.body)


def _needs_nothing(node) -> bool:
  """Whether a function is a plain method of no arguments."""
  arguments = node.args
  return len(arguments.args) == 1 and arguments.args[0].arg == "self" and (
      not arguments.kwonlyargs and not node.decorator_list
      and isinstance(node, ast.FunctionDef)
      and not node.name.startswith("__"))


def _names(tokens: parts.Tokens) -> frozenset[str]:
  """Returns the names in a statement that something has to bind."""
  return frozenset(
      token for before, token, after in zip(
          ("", *tokens), tokens, (*tokens[1:], ""))
      if token.isidentifier() and before != "."
      and token not in tokens_lib.KEYWORDS and token not in _BUILTINS
      and (after != "=" or before not in ("(", ",")))


def _inherited(outline) -> Iterator[parts.Tokens]:
  """Yields `super().m(...)` with what `m` itself is given."""
  node, texts = outline.function.tree, outline.texts
  arguments = node.args
  if "." not in outline.function.qualname or "super" in texts or (
      not arguments.args or arguments.args[0].arg != "self"
      or node.decorator_list or arguments.posonlyargs):
    return
  given = [(arg.arg,) for arg in arguments.args[1:]]
  if arguments.vararg:
    given.append(("*", arguments.vararg.arg))
  given += [(arg.arg, "=", arg.arg) for arg in arguments.kwonlyargs]
  if arguments.kwarg:
    given.append(("**", arguments.kwarg.arg))
  call = "super", "(", ")", ".", node.name, "("
  listed = itertools.chain.from_iterable((",", *each) for each in given)
  yield *call, *tuple(listed)[1:], ")"
  if given:
    yield *call, ")"
