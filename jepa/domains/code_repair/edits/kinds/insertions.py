"""Statements inserted: copied, or built from what is in scope."""

import ast
from collections.abc import Iterator
import itertools
from typing import NamedTuple

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.kinds import accumulations
from jepa.domains.code_repair.edits.kinds import flushes
from jepa.domains.code_repair.edits.kinds import initial
from jepa.domains.code_repair.edits.kinds import siblings
from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import positions
from jepa.domains.code_repair.edits.outline import usage

_MAX_NAMES = 3
_MAX_RETURNED = 5
_MAX_VALUES = 4
_MAX_COPIES = 4
_MAX_SIZES = 1
_MAX_COPY_TOKENS = 14
_COPIED = (ast.Assign, ast.AugAssign, ast.Expr, ast.Delete, ast.Return,
           ast.Raise)
_NEVER_COPIED = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)

def insert_stmt(outline: outlines.Outline) -> Iterator[parts.Span]:
  """One statement more, copied or built from what is in scope."""
  roles = _roles(outline)
  copies = _copies(outline)
  for position in positions.positions(outline):
    start = tokens_lib.newline(position.depth)
    found = itertools.chain(
        _built(outline, position, roles),
        initial.settings(outline, position),
        accumulations.accumulated(
            outline, position, roles.counters, roles.containers),
        flushes.flushed(outline, position),
        _nearest_copies(position, copies),
        siblings.calls(outline, position))
    for tokens in found:
      yield position.index, position.index, (start, *tokens)


class _Roles(NamedTuple):
  """What the function uses names for.

  counters: increased or decreased, or set to a number.
  containers: pairs of what is put into, and the method that does it.
  """
  counters: dict[parts.Tokens, None]
  containers: dict[tuple[parts.Tokens, str], None]


def _roles(outline: outlines.Outline) -> _Roles:
  counters, containers = {}, {}
  for block in outline.blocks:
    for statement in block.statements:
      match statement.node:
        case ast.AugAssign(target=target):
          counters[outline.text(outline.site(target))] = None
        case ast.Assign(targets=[target], value=ast.Constant(value=int())):
          counters[outline.text(outline.site(target))] = None
        case ast.Assign(targets=[target], value=ast.List()):
          containers[outline.text(outline.site(target)), "append"] = None
        case ast.Assign(targets=[target], value=ast.Set() | ast.Call(
            func=ast.Name(id="set"))):
          containers[outline.text(outline.site(target)), "add"] = None
  for site in outline.of_type(ast.Attribute):
    if site.node.attr in ("append", "add", "extend", "remove"):
      value = outline.text(outline.site(site.node.value))
      containers[value, site.node.attr] = None
  return _Roles(counters, containers)


def _built(outline, position, roles) -> Iterator[parts.Tokens]:
  """Yields statements made of the names that are near."""
  block = position.block
  atoms = outline.atoms(block.scope, position.index, block.loop_end)
  near = atoms[:_MAX_NAMES]
  if position.is_last:
    yield from _leaves(outline, block, atoms[:_MAX_RETURNED])
  for target in near:
    for value in near:
      if target != value:
        yield *target, "=", *value
  for target in roles.counters:
    if target in atoms:
      yield *target, "+=", "1"
      yield *target, "-=", "1"
      for value in near:
        if value != target:
          yield *target, "+=", *value
          break
  for target, method in roles.containers:
    for value in atoms[:_MAX_VALUES]:
      if value != target:
        yield *target, ".", method, "(", *value, ")"
  yield from _attributes_of_parameters(outline, block)


def _attributes_of_parameters(outline, block) -> Iterator[parts.Tokens]:
  """Yields `self.x = x` in a constructor for each parameter x."""
  if getattr(block.owner, "name", "") == "__init__" and block.scope.receiver:
    for arg in (*block.owner.args.args[1:], *block.owner.args.kwonlyargs):
      yield block.scope.receiver, ".", arg.arg, "=", arg.arg


def _leaves(outline, block, near) -> Iterator[parts.Tokens]:
  """Yields statements that may end a block."""
  if block.in_loop:
    yield ("break",)
    yield ("continue",)
  if outline.is_generator(block.function):
    for value in near:
      yield "yield", *value
  if not outline.may_return_value(block.function):
    return
  for value in near:
    yield "return", *value
  for value in _sized(outline, near)[:_MAX_SIZES]:
    yield "return", "len", "(", *value, ")"
  for constant in ("None", "True", "False"):
    yield "return", constant
  yield from (("return", name) for name in block.scope.callables[-1:])
  if block.scope.receiver:
    yield "return", block.scope.receiver
  if len(near) > 1:
    yield "return", *near[1], ",", *near[0]
    yield "return", *near[0], ",", *near[1]


def _sized(outline, near) -> list[parts.Tokens]:
  uses = usage.uses(outline)
  return [value for value in near if uses.get(value) == usage.SIZED]


def _copies(outline: outlines.Outline) -> dict[parts.Tokens, tuple[int, bool]]:
  """Maps the tokens of short statements to a place, and whether they leave."""
  found = {}
  for block in outline.blocks:
    for statement in block.statements:
      start = statement.start + statement.whole
      if not isinstance(statement.node, _COPIED) or (
          statement.end - start > _MAX_COPY_TOKENS
          or statements.is_docstring(outline, block, statement)
          or outline.spans.line(start) in outline.irregular_lines
          or any(isinstance(n, _NEVER_COPIED)
                 for n in ast.walk(statement.node))):
        continue
      if isinstance(statement.node, ast.Return) and (
          not outline.may_return_value(outline.function.tree)):
        continue
      leaves = isinstance(statement.node, statements.LEAVING)
      tokens = tuple(outline.texts[start:statement.end])
      found.setdefault(tokens, (start, leaves))
  return found


def _nearest_copies(position, copies) -> list[parts.Tokens]:
  fitting = [
      (abs(start - position.index), tokens)
      for tokens, (start, leaves) in copies.items()
      if position.is_last or not leaves
  ]
  return [tokens for _, tokens in sorted(fitting)[:_MAX_COPIES]]
