"""Statements built from the scope: assignments, updates, guards, imports."""

import ast
from collections.abc import Iterator
import sys
from typing import NamedTuple

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits import outline as outline_lib
from jepa.domains.code_repair.edits import statements
from jepa.domains.code_repair.edits.outline import Block
from jepa.domains.code_repair.edits.outline import Outline

Span = tuple[int, int, outline_lib.Tokens]

_MAX_NAMES = 3
_MAX_VALUES = 4
_MAX_COPIES = 4
_MAX_COPY_TOKENS = 14
_MAX_LEAVES = 5
_COPIED = (ast.Assign, ast.AugAssign, ast.Expr, ast.Delete, ast.Return,
           ast.Raise)
_NEVER_COPIED = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)

# Where the names come from that people forget to import.
_MODULES_OF_NAMES = {
    "defaultdict": "collections", "Counter": "collections",
    "deque": "collections", "OrderedDict": "collections",
    "namedtuple": "collections", "reduce": "functools",
    "partial": "functools", "lru_cache": "functools", "wraps": "functools",
    "chain": "itertools", "product": "itertools", "islice": "itertools",
    "permutations": "itertools", "combinations": "itertools",
    "groupby": "itertools", "sqrt": "math", "floor": "math", "ceil": "math",
    "gcd": "math", "log": "math", "inf": "math", "deepcopy": "copy",
    "heappush": "heapq", "heappop": "heapq", "heapify": "heapq",
    "bisect_left": "bisect", "bisect_right": "bisect", "Path": "pathlib",
    "StringIO": "io", "BytesIO": "io", "datetime": "datetime",
    "timedelta": "datetime", "Decimal": "decimal", "Fraction": "fractions",
    "suppress": "contextlib", "contextmanager": "contextlib",
}


class _Position(NamedTuple):
  """A place between statements.

  index: the token before which a line can be put.
  is_early: whether only imports and guards are before it in the block.
  is_last: whether the block ends here.
  """
  block: Block
  index: int
  depth: int
  is_early: bool
  is_last: bool


def _positions(outline: Outline) -> Iterator[_Position]:
  for block in outline.blocks:
    first = block.statements[0]
    if not block.is_open or not all(s.whole for s in block.statements):
      continue
    skip = statements.is_docstring(outline, block, first)
    depth = outline.tokens[first.start].depth
    is_early = True
    for statement in block.statements[skip:]:
      yield _Position(block, statement.start, depth, is_early, False)
      is_early = is_early and _is_preamble(statement.node)
    last = block.statements[-1]
    if not isinstance(last.node, statements.LEAVING):
      yield _Position(block, last.end, depth, False, True)


def _is_preamble(node: ast.stmt) -> bool:
  """Whether a statement is an import, or an `if` that leaves."""
  return isinstance(node, (ast.Import, ast.ImportFrom)) or (
      isinstance(node, ast.If)
      and isinstance(node.body[-1], statements.LEAVING))


def insert_stmt(outline: Outline) -> Iterator[Span]:
  """One statement more, copied or built from what is in scope."""
  roles = _roles(outline)
  copies = _copies(outline)
  for position in _positions(outline):
    start = source_lib.newline(position.depth)
    for tokens in _built(outline, position, roles):
      yield position.index, position.index, (start, *tokens)
    for tokens in _nearest_copies(position, copies):
      yield position.index, position.index, (start, *tokens)


class _Roles(NamedTuple):
  """What the function uses names for.

  counters: increased or decreased, or set to a number.
  containers: pairs of what is put into, and the method that does it.
  """
  counters: dict[outline_lib.Tokens, None]
  containers: dict[tuple[outline_lib.Tokens, str], None]


def _roles(outline: Outline) -> _Roles:
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


def _built(outline, position, roles) -> Iterator[outline_lib.Tokens]:
  """Yields statements made of the names that are near."""
  block = position.block
  atoms = outline.atoms(block.scope, position.index, block.loop_end)
  near = atoms[:_MAX_NAMES]
  if position.is_last:
    yield from _leaves(outline, block, near)
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


def _attributes_of_parameters(outline, block) -> Iterator[outline_lib.Tokens]:
  """Yields `self.x = x` in a constructor for each parameter x."""
  if getattr(block.owner, "name", "") == "__init__" and block.scope.receiver:
    for arg in (*block.owner.args.args[1:], *block.owner.args.kwonlyargs):
      yield block.scope.receiver, ".", arg.arg, "=", arg.arg


def _leaves(outline, block, near) -> Iterator[outline_lib.Tokens]:
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
  for constant in ("None", "True", "False"):
    yield "return", constant


def _copies(outline: Outline) -> dict[outline_lib.Tokens, tuple[int, bool]]:
  """Maps the tokens of short statements to a place, and whether they leave."""
  found = {}
  for block in outline.blocks:
    for statement in block.statements:
      start = statement.start + statement.whole
      if not isinstance(statement.node, _COPIED) or (
          statement.end - start > _MAX_COPY_TOKENS
          or statements.is_docstring(outline, block, statement)
          or outline.line(start) in outline.irregular_lines
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


def _nearest_copies(position, copies) -> list[outline_lib.Tokens]:
  fitting = [
      (abs(start - position.index), tokens)
      for tokens, (start, leaves) in copies.items()
      if position.is_last or not leaves
  ]
  return [tokens for _, tokens in sorted(fitting)[:_MAX_COPIES]]


def guard(outline: Outline) -> Iterator[Span]:
  """An `if` that leaves early, before the rest goes wrong."""
  leaves = _guard_leaves(outline)
  for position in _positions(outline):
    block = position.block
    is_top = block.owner is block.function
    if position.is_last or not (is_top or position.is_early and block.in_loop):
      continue
    atoms = outline.atoms(block.scope, position.index, block.loop_end)
    at_start = position.is_early and is_top
    for atom in atoms[:_MAX_NAMES if at_start else 2]:
      for condition in _guard_conditions(atom, at_start):
        exits = [("continue",), ("break",)] if block.in_loop else (
            leaves(block, atom)[:_MAX_LEAVES if at_start else 3])
        for leave in exits:
          yield position.index, position.index, (
              source_lib.newline(position.depth), "if", *condition, ":",
              source_lib.newline(position.depth + 1), *leave)


def _guard_conditions(atom, at_start) -> list[outline_lib.Tokens]:
  conditions = [("not", *atom), (*atom, "is", "None")]
  if at_start:
    conditions += [(*atom, "==", "0"), (*atom, "<", "0")]
  return conditions


def _guard_leaves(outline: Outline):
  """Returns the function from a block and an atom to statements that leave."""
  found = {}
  for site in outline.sites:
    if isinstance(site.parent, ast.Return) and site.end - site.start <= 3 and (
        site.line not in outline.irregular_lines
        and isinstance(site.node, (ast.Constant, ast.List, ast.Dict,
                                   ast.UnaryOp))):
      found["return", *outline.text(site)] = None
  for site in outline.of_type(ast.Call):
    if isinstance(site.parent, ast.Raise) and site.end - site.start <= 6 and (
        site.line not in outline.irregular_lines):
      found["raise", *outline.text(site)] = None

  def leaves(block, atom):
    if not outline.may_return_value(block.function):
      return [("return",)]
    usual = [("return", "None"), ("return", *atom), ("return", "0"),
             ("return", "[", "]"), ("return", "False")]
    return list(dict.fromkeys([*list(found)[:3], *usual]))

  return leaves


def import_name(outline: Outline) -> Iterator[Span]:
  """An import, at the top of the function, of a name that nothing binds."""
  top = next((p for p in _positions(outline)
              if p.block.owner is outline.function.tree), None)
  if top is None:
    return
  start = source_lib.newline(top.depth)
  for name in outline.unbound_names():
    if name in _MODULES_OF_NAMES:
      yield top.index, top.index, (
          start, "from", _MODULES_OF_NAMES[name], "import", name)
    if name in sys.stdlib_module_names:
      yield top.index, top.index, (start, "import", name)
