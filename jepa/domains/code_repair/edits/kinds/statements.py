"""Statements: deleted, under another header, and jumps replaced."""

import ast
from collections.abc import Iterator
import itertools

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.kinds import nesting
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence

_MAX_RETURNED = 3
_MAX_ASSIGNED = 2
LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_JUMPS = {ast.Break: "break", ast.Continue: "continue", ast.Pass: "pass"}
LOOPS = (ast.For, ast.AsyncFor, ast.While)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DECLARATIONS = (ast.Global, ast.Nonlocal)


def delete_stmt(outline: outlines.Outline) -> Iterator[parts.Span]:
  """One statement less."""
  for block in outline.blocks:
    if not block.is_open or len(block.statements) < 2:
      continue
    for statement in block.statements:
      if statement.whole and not isinstance(statement.node, DEFINITIONS) and (
          not is_docstring(outline, block, statement)
          and not _binds_declared(outline, statement)):
        yield statement.start, statement.end, ()


def is_docstring(
    outline: outlines.Outline, block: parts.Block, statement: parts.Statement
) -> bool:
  token = outline.tokens[statement.start + statement.whole]
  return token.syntax == "docstring" and statement is block.statements[0]


def _binds_declared(outline, statement) -> bool:
  """Whether a nested function may need the binding that a statement makes."""
  return any(
      t.text in outline.declared
      for t in outline.tokens[statement.start:statement.end]
  )


def is_movable(
    outline: outlines.Outline, block: parts.Block, statement: parts.Statement
) -> bool:
  """Whether a statement is a simple one that may stand elsewhere."""
  node = statement.node
  return statement.whole and not hasattr(node, "body") and (
      not isinstance(node, (*_DECLARATIONS, ast.Match))
      and not is_docstring(outline, block, statement))


def jump(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`break`, `continue`, `pass` or a return instead of one another.

  Outside of loops a return instead of `pass`.
  """
  for block in outline.blocks:
    if not block.is_open:
      continue
    for statement in block.statements:
      node = statement.node
      start = statement.start + statement.whole
      if not block.in_loop:
        if isinstance(node, ast.Pass):
          for tokens in _returns(outline, block, statement):
            yield start, start + 1, tokens
        continue
      words = [w for w in _JUMPS.values() if w != _JUMPS.get(type(node))]
      match node:
        case ast.Break() | ast.Continue() | ast.Pass():
          returns = _returns(outline, block, statement)
          for tokens in (*((word,) for word in words), *returns):
            yield start, start + 1, tokens
        case ast.Return():
          for word in words:
            yield start, statement.end, (word,)


def _returns(outline, block, statement) -> Iterator[parts.Tokens]:
  """Yields returns that may have been meant where a loop goes on or ends."""
  if outline.may_return_value(block.function):
    line = outline.spans.line(statement.start)
    for atom in outline.atoms(block.scope, line)[:_MAX_RETURNED]:
      yield "return", *atom
    for constant in ("True", "False", "None", "0"):
      yield "return", constant


def branch(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another header: `if` for `elif` or `while`, and back.

  And a statement that an `else` gains or loses.
  """
  for block in outline.blocks:
    for statement in block.statements:
      start = statement.start + statement.whole
      if outline.texts[start] == "elif":
        yield start, start + 1, ("if",)
      elif _may_loop(block, statement):
        yield start, start + 1, (
            "while" if isinstance(statement.node, ast.If) else "if",)
      yield from _without_else(outline, statement)
    if not block.is_open:
      continue
    for above, statement in itertools.pairwise(block.statements):
      if above.whole and statement.whole and _has_no_else(above.node):
        if isinstance(statement.node, ast.If):
          yield statement.start + 1, statement.start + 2, ("elif",)
        elif is_movable(outline, block, statement):
          yield statement.start, statement.end, indented(
              outline, statement, "else", ":")
  yield from nesting.out_of_else(outline)


def _may_loop(block, statement) -> bool:
  """Whether an `if` may be a `while`, or a `while` an `if`, and differs."""
  node = statement.node
  match node:
    case ast.If(orelse=[]):
      return not isinstance(node.body[-1], LEAVING) and not isinstance(
          node.test, ast.Constant)
    case ast.While(orelse=[]):
      return block.in_loop or not any(map(may_jump, node.body))
    case _:
      return False


def may_jump(node: ast.AST) -> bool:
  """Whether a statement, or one in it, ends or goes on with the loop around.
  """
  if isinstance(node, (ast.Break, ast.Continue)):
    return True
  if isinstance(node, DEFINITIONS):
    return False
  # The `else` of a loop inside is not in that loop.
  below = node.orelse if isinstance(node, LOOPS) else (
      ast.iter_child_nodes(node))
  return any(map(may_jump, below))


def indented(
    outline: outlines.Outline, statement: parts.Statement, *header: str
) -> parts.Tokens:
  """Returns the tokens of a simple statement below a header of its own."""
  depth = outline.tokens[statement.start].depth
  return (
      outline.texts[statement.start], *header, tokens_lib.newline(depth + 1),
      *outline.texts[statement.start + 1:statement.end])


def _without_else(outline, statement) -> Iterator[parts.Span]:
  """Puts the only statement of an `else` after the whole `if`."""
  node = statement.node
  if not isinstance(node, ast.If) or len(node.orelse) != 1 or hasattr(
      node.orelse[0], "body") or not statement.whole:
    return
  start, end = outline.spans.begin(node.orelse[0]), statement.end
  header = outline.spans.line(start - 2)
  if outline.texts[header + 1:start - 1] == ["else", ":"]:
    yield header, end, (outline.texts[header], *outline.texts[start:end])


def _has_no_else(node) -> bool:
  """Whether an `if` and all of its `elif`s lack an `else`."""
  while isinstance(node, ast.If):
    if not node.orelse:
      return True
    below = node.orelse[0]
    # An `if` within an `else` is the same tree, but for its column.
    is_elif = isinstance(below, ast.If) and (
        below.col_offset == node.col_offset)
    node = below if is_elif else None
  return False


def call_to_assign(outline: outlines.Outline) -> Iterator[parts.Span]:
  """An assignment instead of a method call, and the other way round."""
  for site in outline.of_type(ast.Call):
    match site.node:
      case ast.Call(
          func=ast.Attribute(value=ast.Name() | ast.Subscript() |
                             ast.Attribute() as target),
          args=[argument], keywords=[],
      ) if isinstance(site.parent, ast.Expr) and site.outer_start == site.start:
        if not isinstance(argument, ast.Starred):
          yield site.start, site.end, (
              *outline.text(outline.site(target)), "=",
              *outline.fit(outline.site(argument), precedence.TUPLE))
  for block in outline.blocks:
    for statement in block.statements:
      yield from _stored_otherwise(outline, statement.node)
      yield from _result_kept(outline, statement)
      if isinstance(statement.node, ast.Return) and block.is_open and (
          block.owner is not block.function):
        yield from _assigned(outline, block, statement)


def _result_kept(outline, statement) -> Iterator[parts.Span]:
  """`x = x.f()` for `x.f()` and `x = f(x)` for `f(x)`, and back."""
  match statement.node:
    case ast.Expr(value=ast.Call(
        func=ast.Attribute(value=ast.Name() | ast.Attribute() as target)) |
        ast.Call(func=ast.Name(), args=[
            ast.Name() | ast.Attribute() as target, *_])):
      site = outline.site(target)
      if outline.text(site)[0] not in outline.declared and (
          isinstance(target, ast.Attribute) or site.scope.binds(target.id)):
        start = statement.start + statement.whole
        yield start, start, (*outline.text(site), "=")
    case ast.Assign(targets=[target], value=ast.Call() as call) | (
        ast.AugAssign(target=target, value=ast.Call() as call)):
      target, site = outline.site(target), outline.site(call)
      receivers = (getattr(call.func, "value", None), *call.args[:1])
      if any(r is not None and ast.dump(r).replace("Load", "Store")
             == ast.dump(target.node) for r in receivers):
        yield target.outer_start, site.outer_start, ()


def _assigned(outline, block, statement) -> Iterator[parts.Span]:
  """An assignment of what is returned too early."""
  if statement.node.value is not None:
    start = statement.start + statement.whole
    line = outline.spans.line(statement.start)
    for name in outline.names(block.scope, line)[:_MAX_ASSIGNED]:
      if name not in outline.declared:
        yield start, start + 1, (name, "=")


def _stored_otherwise(outline, node) -> Iterator[parts.Span]:
  match node:
    case ast.Assign(targets=[ast.Name() | ast.Attribute() | ast.Subscript()
                             as target], value=value):
      target, value = outline.site(target), outline.site(value)
      text = outline.text(target)
      if target.outer_start < target.start or text[0] in outline.declared:
        return
      for name in ("append", "add", "extend"):
        if not isinstance(target.node, ast.Subscript):
          yield target.start, value.outer_end, (
              *text, ".", name, "(", *outline.fit(value, precedence.TEST), ")")
      if not isinstance(value.node, (ast.Tuple, ast.Constant)) or isinstance(
          getattr(value.node, "value", None), (int, float)):
        for operator in ("+=", "-="):
          yield target.outer_end, target.outer_end + 1, (operator,)
    case ast.AugAssign(target=target):
      end = outline.site(target).outer_end
      yield end, end + 1, ("=",)
