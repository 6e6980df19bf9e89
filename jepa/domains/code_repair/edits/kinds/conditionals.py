"""Conditionals: an `if` put around a statement that always ran."""

import ast
from collections.abc import Iterator
import functools
import itertools

from jepa.domains.code_repair.edits.kinds import clauses
from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import usage

_MAX_CONDITIONS = 16
_MAX_MENTIONED = 2
_MAX_NEAR = 2
_MAX_UNREAD = 2
_MAX_COPIES = 4
_MAX_TOKENS = 6  # Of what is put into a container only once.
_NEVER = (ast.Import, ast.ImportFrom, ast.Pass, ast.Assert)
_PUTTING = frozenset(("append", "add", "insert", "appendleft"))
_TAKING = frozenset(("remove", "discard", "pop"))


def conditional(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Yields a simple statement under an `if`."""
  known, uses = clauses.known(outline), usage.uses(outline)
  for block in outline.blocks:
    if not block.is_open or _is_conditional(block):
      continue
    for statement in block.statements:
      if _may_be_conditional(outline, block, statement):
        found = _conditions(outline, block, statement, known, uses)
        distinct = dict.fromkeys(found)
        for condition in itertools.islice(distinct, _MAX_CONDITIONS):
          yield statement.start, statement.end, statements.indented(
              outline, statement, "if", *condition, ":")


def _is_conditional(block) -> bool:
  """Whether one more clause in the `if` above would do the same."""
  return isinstance(block.owner, ast.If) and len(block.statements) == 1 and (
      not block.owner.orelse)


def _may_be_conditional(outline, block, statement) -> bool:
  node = statement.node
  if isinstance(node, statements.LEAVING) and (
      not isinstance(block.owner, statements.LOOPS)):
    return False
  if isinstance(node, _NEVER) or not statements.is_movable(
      outline, block, statement):
    return False
  span = range(statement.start, statement.end)
  return not any(first in span for first in block.scope.bound.values())


def _conditions(
    outline, block, statement, known, uses
) -> Iterator[parts.Tokens]:
  """Yields conditions for a statement, the likely ones first."""
  place = clauses.Place(
      block.scope, statement.start, statement.start, block.loop_end)
  yield from _of_statement(outline, statement.node)
  atoms = known.atoms(place)
  unread = _unread(outline)
  for atom in [a for a in atoms if a in unread][:_MAX_UNREAD]:
    yield atom
    yield "not", *atom
  mentioned = _mentioned(outline, statement, atoms)[:_MAX_MENTIONED]
  for atom in mentioned:
    yield atom
    yield (*atom, ">", "0") if uses.get(atom) == usage.NUMBER else (
        *atom, "is", "not", "None")
    yield *atom, "is", "None"
  copies = known.copies(place, statement.end)[:_MAX_COPIES]
  for clause in copies:
    yield clause.tokens
  for atom in mentioned:
    yield "not", *atom
  for clause in known.typed(place):
    if len(clause.tokens) > 1 and clause.tokens[-2] == "in":
      yield clause.tokens
  if not isinstance(statement.node, ast.Expr):
    for clause in known.comparisons(place):
      yield clause.tokens
  for atom in atoms[:_MAX_NEAR]:
    yield atom
    yield "not", *atom


def _of_statement(outline, node) -> Iterator[parts.Tokens]:
  """Yields conditions that a statement itself suggests."""
  match node:
    case ast.Expr(value=ast.Call(
        func=ast.Attribute(value=container, attr=method),
        args=[*_, item], keywords=[])):
      pair = _short(outline, item), _short(outline, container)
      if all(pair) and method in _PUTTING:
        yield *pair[0], "not", "in", *pair[1]
      elif all(pair) and method in _TAKING:
        yield *pair[0], "in", *pair[1]
    case ast.Assign(targets=[ast.Subscript(value=container, slice=item)]):
      pair = _short(outline, item), _short(outline, container)
      if all(pair):
        yield *pair[0], "not", "in", *pair[1]
        yield *pair[0], "in", *pair[1]
    case ast.Assign(targets=[ast.Name() | ast.Attribute() as best],
                    value=value):
      pair = _short(outline, value), _short(outline, best)
      for operator in (">", "<") if all(pair) else ():
        yield *pair[0], operator, *pair[1]
      if pair[1]:
        yield *pair[1], "is", "None"
        yield "not", *pair[1]
        if pair[1][0] in {getattr(n, "id", "") for n in ast.walk(value)}:
          yield "isinstance", "(", *pair[1], ",", "str", ")"


@functools.lru_cache(maxsize=1)
def _unread(outline) -> set[parts.Tokens]:
  """Returns the variables that nothing reads: there for a condition, maybe."""
  read = {site.node.id for site in outline.of_type(ast.Name)
          if isinstance(site.node.ctx, ast.Load)}
  return {
      (name,) for _, scope in outline.parameters for name in scope.bound
      if name not in read}


def _short(outline, node) -> parts.Tokens:
  """Returns the tokens of a short operand of a comparison, else ()."""
  site = outline.site(node)
  if site is None or not isinstance(
      node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
    return ()
  text = outline.regular_text(site)
  return text if len(text) <= _MAX_TOKENS else ()


def _mentioned(outline, statement, atoms) -> list[parts.Tokens]:
  """Returns the variables that a statement reads, objects of methods last."""
  span = range(statement.start, statement.end)
  found = {}
  for site in outline.of_type(ast.Name, ast.Attribute):
    if site.start in span and parts.is_load(site):
      found.setdefault(
          outline.text(site), isinstance(site.parent, ast.Attribute))
  readable = set(atoms)
  return sorted((a for a in found if a in readable), key=found.get)
