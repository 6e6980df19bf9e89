"""What variables start from: set to it anew in a loop, or before one."""

import ast
import collections
from collections.abc import Iterator
import functools

from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import positions

_MAX_SET = 4  # In one place.
_MAX_VALUES = 2  # Of one variable.
_NUMBER, _LIST, _DICT = ("0",), ("[", "]"), ("{", "}")
_SET, _TEXT = ("set", "(", ")"), ("''",)
_CONTAINERS = frozenset(("set", "dict", "list"))
_OF_METHODS = {"append": _LIST, "extend": _LIST, "insert": _LIST, "add": _SET}

_Values = dict[parts.Tokens, list[parts.Tokens]]


def settings(
    outline: outlines.Outline, position: positions.Position
) -> Iterator[parts.Tokens]:
  """Yields `x = 0` and the like, for variables near a place in a loop.

  Or before one, or at the start of a function or of a loop's body.
  """
  block = position.block
  if not (block.in_loop or position.is_early or _is_loop_next(position)):
    return
  values = known(outline)
  found = [
      (min(abs(place - position.index) for place in places), name)
      for name, places in _places(outline).items()
      if name in values and (
          name[0] in block.scope.bound or name[0] == block.scope.receiver
          or name[0] in _unbound(outline))
  ]
  for _, name in sorted(found)[:_MAX_SET]:
    for value in values[name][:_MAX_VALUES]:
      yield *name, "=", *value


def _is_loop_next(position) -> bool:
  return any(
      statement.start == position.index
      and isinstance(statement.node, statements.LOOPS)
      for statement in position.block.statements)


@functools.lru_cache(maxsize=1)
def known(outline: outlines.Outline) -> _Values:
  """Maps variables to what the function sets them to, or must have.

  That a variable is only added to says as well what it starts from.
  """
  found = collections.defaultdict(dict)
  guessed = collections.defaultdict(dict)
  for block in outline.blocks:
    for statement in block.statements:
      for target, value, is_guess in _told(outline, statement.node):
        if isinstance(target, (ast.Name, ast.Attribute)):
          name = outline.text(outline.site(target))
          if _is_variable(name, block.scope):
            (guessed if is_guess else found)[name][value] = None
  for name, values in guessed.items():
    found[name] = {**found.get(name, {}), **values}
  return {name: list(values) for name, values in found.items()}


def _is_variable(name: parts.Tokens, scope) -> bool:
  return len(name) == 1 or len(name) == 3 and name[0] == scope.receiver


def _told(outline, node):
  """Yields variables, what they may start from, and whether it is a guess."""
  match node:
    case ast.Assign(targets=targets, value=value):
      for target in targets:
        if isinstance(target, ast.Subscript):
          if not isinstance(target.slice, (ast.Slice, ast.Constant)):
            yield target.value, _DICT, True
        elif isinstance(value, ast.Constant) and (
            isinstance(value.value, bool)):
          yield target, (str(value.value),), False
          yield target, (str(not value.value),), True
        elif is_initial(value):
          yield target, outline.regular_text(outline.site(value)), False
    case ast.AugAssign(target=ast.Subscript(value=target)):
      yield target, _DICT, True
    case ast.AugAssign(target=target, op=op, value=value):
      yield target, _start(op, value), True
    case ast.Expr(value=ast.Call(func=ast.Attribute(
        value=target, attr=attr))) if attr in _OF_METHODS:
      yield target, _OF_METHODS[attr], True


def is_initial(node: ast.expr) -> bool:
  """Whether an expression is a constant, or an empty container."""
  match node:
    case ast.Constant(value=value):
      return value is not Ellipsis and len(str(value)) <= 2 or value is None
    case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
      return True
    case ast.List(elts=[]) | ast.Dict(keys=[]):
      return True
    case ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
      return name in _CONTAINERS
    case _:
      return False


def _start(op: ast.operator, value: ast.expr) -> parts.Tokens:
  """Returns what `x` starts from where it is changed by `x op= value`."""
  match op, value:
    case ast.Mult(), _:
      return ("1",)
    case ast.Add(), ast.List() | ast.ListComp():
      return _LIST
    case ast.Add(), ast.Constant(value=str()) | ast.JoinedStr():
      return _TEXT
    case _:
      return _NUMBER


@functools.lru_cache(maxsize=1)
def _unbound(outline: outlines.Outline) -> frozenset[str]:
  return frozenset(outline.unbound_names())


@functools.lru_cache(maxsize=1)
def _places(outline: outlines.Outline) -> dict[parts.Tokens, list[int]]:
  """Maps variables to the tokens where they are assigned or read."""
  found = collections.defaultdict(list)
  for site in outline.of_type(ast.Name, ast.Attribute):
    found[outline.text(site)].append(site.start)
  return dict(found)
