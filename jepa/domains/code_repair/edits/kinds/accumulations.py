"""Accumulations: what a statement may add to a total, a list or a table."""

import ast
import bisect
from collections.abc import Iterator
import functools
import itertools

from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import positions

_MAX_VALUES = 2
_MAX_TARGETS = 2
_MAX_TABLES = 2
_MAX_STORED = 2
_MAX_TOKENS = 10  # Of a value.
_MAX_SEEN = 12  # Values that are looked at for one place.
_VALUES = (ast.Call, ast.BinOp, ast.Attribute, ast.Subscript)
_NEVER = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.Lambda,
          ast.JoinedStr, ast.Starred, ast.comprehension)
_PUTTING = frozenset(("append", "add", "extend", "update", "insert"))


def accumulated(
    outline: outlines.Outline, position: positions.Position,
    counters: dict[parts.Tokens, None],
    containers: dict[tuple[parts.Tokens, str], None],
) -> Iterator[parts.Tokens]:
  """Yields statements that add a value that the function has elsewhere.

  Args:
    counters: what is increased or decreased.
    containers: pairs of what is put into, and the method that does it.
  """
  block = position.block
  atoms = outline.atoms(block.scope, position.index, block.loop_end)
  usable = frozenset(atoms)
  values = list(itertools.islice(
      _near_values(outline, position, usable), _MAX_VALUES))
  targets = [a for a in atoms if a in counters][:_MAX_TARGETS]
  for target, value in itertools.product(targets, values):
    if value[:len(target)] != target:
      yield *target, "+=", *value
  pairs = [pair for pair in containers if pair[0] in usable][:_MAX_TARGETS]
  for (target, method), value in itertools.product(pairs, values):
    if value[:len(target)] != target:
      yield *target, ".", method, "(", *value, ")"
  for target, method in pairs:
    if method == "append":
      for value in [a for a in atoms if a != target][:_MAX_STORED]:
        yield *target, ".", "extend", "(", *value, ")"
  yield from _stored(outline, position, atoms)
  yield from _of_receiver(block.scope, atoms)


def _stored(outline, position, atoms) -> Iterator[parts.Tokens]:
  """Yields `d[k] = v` and `d[k] += 1`, for `d[k]` that the function has."""
  usable = frozenset(atoms)
  found = [
      (abs(start - position.index), table, key)
      for (table, key), start in _cells(outline).items()
      if table in usable and key in usable
  ]
  for _, table, key in sorted(found)[:_MAX_TABLES]:
    cell = *table, "[", *key, "]"
    for value in [a for a in atoms if a not in (table, key)][:_MAX_STORED]:
      yield *cell, "=", *value
    yield *cell, "+=", "1"


def _of_receiver(scope, atoms) -> Iterator[parts.Tokens]:
  """Yields `self.x = x` where both are there."""
  for atom in atoms:
    if len(atom) == 3 and (atom[2].lstrip("_"),) in atoms:
      yield *atom, "=", atom[2].lstrip("_")


@functools.lru_cache(maxsize=1)
def _cells(
    outline: outlines.Outline
) -> dict[tuple[parts.Tokens, parts.Tokens], int]:
  """Maps pairs of a table and a key of it to where they are."""
  found = {}
  for site in outline.of_type(ast.Subscript):
    if isinstance(site.node.slice, (ast.Name, ast.Attribute)):
      table, key = map(outline.site, (site.node.value, site.node.slice))
      pair = outline.text(table), outline.text(key)
      found.setdefault(pair, site.start)
  return found


@functools.lru_cache(maxsize=1)
def _values(
    outline: outlines.Outline
) -> list[tuple[int, parts.Tokens, frozenset[parts.Tokens]]]:
  """Returns starts, tokens and variables of short values, in source order."""
  found = []
  for site in outline.of_type(*_VALUES):
    if site.end - site.start <= _MAX_TOKENS and _is_value(site):
      names = frozenset(
          (node.id,) for node in ast.walk(site.node)
          if isinstance(node, ast.Name))
      found.append((site.start, outline.regular_text(site), names))
  return sorted(found, key=lambda value: value[0])


def _is_value(site: parts.Site) -> bool:
  """Whether an expression is read, and more than part of a call."""
  if not parts.is_load(site) or site.field == "func" or isinstance(
      site.parent, (ast.Attribute, ast.Expr)):
    return False
  match site.node:
    case ast.Call(func=ast.Attribute(attr=name)) if name in _PUTTING:
      return False  # It returns nothing.
    case ast.Call(args=[], keywords=[], func=ast.Name()):
      return False
  return not any(isinstance(n, _NEVER) for n in ast.walk(site.node))


def _near_values(outline, position, usable) -> Iterator[parts.Tokens]:
  """Yields the values whose variables are usable, the nearest ones first."""
  values = _values(outline)
  k = bisect.bisect(values, position.index, key=lambda value: value[0])
  near = sorted(values[max(k - _MAX_SEEN, 0):k + _MAX_SEEN],
                key=lambda value: abs(value[0] - position.index))
  bound = set().union(*(s.bound for s in position.block.scope.chain()))
  seen = set()
  for _, tokens, names in near:
    if tokens not in seen and all(
        name in usable or name[0] not in bound for name in names):
      seen.add(tokens)
      yield tokens
