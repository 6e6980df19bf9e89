"""Conditions: connectives, negations, clauses added, dropped or replaced."""

import ast
from collections.abc import Iterator
import itertools

from jepa.domains.code_repair.edits import outlines
from jepa.domains.code_repair.edits import parts
from jepa.domains.code_repair.edits import precedence

_MAX_ATOMS = 4
_MAX_COMPARED = 3
_MAX_COPIES = 3
_OPPOSITE = {"and": "or", "or": "and"}

# What follows an atom in a clause made of it, and what comes before.
_CLAUSES = (
    ((), ()), (("not",), ()), ((), ("is", "None")), ((), ("is", "not", "None")),
)


def bool_op(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`and` for `or`, `or` for `and`."""
  for site in outline.of_type(ast.BoolOp):
    operands = [outline.site(v) for v in site.node.values]
    symbol = _OPPOSITE[precedence.SYMBOLS[type(site.node.op)]]
    need, _ = precedence.operand_needs(symbol)
    binds_as_before = precedence.OPERATORS[symbol] >= site.need and all(
        o.outer_start < o.start or outline.precedence(o) >= need
        for o in operands
    )
    if binds_as_before:
      start, end = operands[0].outer_end, operands[-1].outer_start
      tokens = list(outline.texts[start:end])
      for operand in operands[:-1]:
        tokens[operand.outer_end - start] = symbol
      yield start, end, tuple(tokens)
    else:
      tokens = _join(symbol, (outline.fit(o, need) for o in operands))
      yield site.start, site.end, parts.parenthesised(
          tokens, precedence.OPERATORS[symbol], site.need)


def _join(symbol, operands) -> parts.Tokens:
  first, *rest = operands
  for operand in rest:
    first = (*first, symbol, *operand)
  return first


def negate(outline: outlines.Outline) -> Iterator[parts.Span]:
  """The opposite of a condition that is not a comparison."""
  for site in _conditions(outline):
    node = site.node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
      operand = outline.site(node.operand)
      yield site.start, site.end, outline.fit(operand, site.need)
    elif not isinstance(node, (ast.Compare, ast.Constant)):
      yield site.start, site.end, parts.parenthesised(
          ("not", *outline.fit(site, precedence.NOT)), precedence.NOT,
          site.need)


def _conditions(outline: outlines.Outline) -> Iterator[parts.Site]:
  """Yields expressions that are read as true or false."""
  for site in tests(outline):
    yield site
  for site in outline.sites:
    if isinstance(site.parent, ast.BoolOp):
      yield site
    elif isinstance(site.parent, ast.Return) and isinstance(
        site.node, (ast.Call, ast.BoolOp, ast.UnaryOp)):
      yield site


def tests(outline: outlines.Outline) -> Iterator[parts.Site]:
  """Yields the tests of statements, comprehensions and `x if test else y`."""
  for site in outline.sites:
    if site.field in ("test", "ifs", "guard"):
      yield site


def drop_clause(outline: outlines.Outline) -> Iterator[parts.Span]:
  """One clause less in a condition; a comprehension without its `if`."""
  for site in outline.of_type(ast.BoolOp):
    operands = [outline.site(v) for v in site.node.values]
    if len(operands) == 2:
      for kept in reversed(operands):
        yield site.start, site.end, outline.fit(kept, site.need)
      continue
    for left, right in zip(operands, operands[1:]):
      yield left.outer_start, right.outer_start, ()
    yield operands[-2].outer_end, operands[-1].outer_end, ()
  for site in outline.sites:
    if site.field == "ifs":
      yield site.outer_start - 1, site.outer_end, ()


def add_clause(outline: outlines.Outline) -> Iterator[parts.Span]:
  """One clause more in a condition."""
  for site in tests(outline):
    if isinstance(site.node, ast.Constant):
      continue
    text = outline.text(site)
    for clause, own, subject in _clauses(outline, site):
      guards = any(t in text for t in subject)
      for symbol in ("and", "or"):
        yield _extended(outline, site, symbol, clause, own, guards)
  yield from _filters(outline)


def _clauses(outline, site):
  """Yields clauses to add to a condition: tokens, precedence, subject."""
  text = outline.text(site)
  for atom in outline.atoms(site.scope, site.line)[:_MAX_ATOMS]:
    for before, after in _CLAUSES:
      own = precedence.NOT if before else (
          precedence.COMPARE if after else precedence.ATOM)
      tokens = (*before, *atom, *after)
      if tokens != text:
        yield tokens, own, atom
  for tokens in _comparisons(outline, site):
    yield tokens, precedence.COMPARE, ()
  for copy in _nearest_comparisons(outline, site):
    yield outline.text(copy), precedence.COMPARE, ()


def _comparisons(outline, site) -> Iterator[parts.Tokens]:
  """Yields comparisons between the names that are near, and with 0."""
  names = outline.names(site.scope, site.line)[:_MAX_COMPARED]
  for left, right in itertools.combinations(names, 2):
    for operator in ("<", ">", "==", "!="):
      yield left, operator, right
  for name in names:
    yield name, ">", "0"
    yield name, "==", "0"


def _nearest_comparisons(outline, site) -> list[parts.Site]:
  """Returns the comparisons nearest to a condition but not inside it."""
  found = {}
  for other in sorted(
      outline.of_type(ast.Compare), key=lambda s: abs(s.start - site.start)):
    if not site.start <= other.start < site.end:
      found.setdefault(outline.text(other), other)
  return list(found.values())[:_MAX_COPIES]


def _extended(outline, site, symbol, clause, own, is_first) -> parts.Span:
  """Returns the edit that joins a clause to a condition.

  Where the clause guards the condition it comes first.
  """
  need, _ = precedence.operand_needs(symbol)
  clause = parts.parenthesised(clause, own, need)
  level = precedence.OPERATORS[symbol]
  if level >= site.need and outline.precedence(site) >= need:
    if is_first:
      return site.start, site.start, (*clause, symbol)
    return site.end, site.end, (symbol, *clause)
  condition = outline.fit(site, need)
  pair = (clause, condition) if is_first else (condition, clause)
  return site.start, site.end, parts.parenthesised(
      _join(symbol, pair), level, site.need)


def _filters(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Comprehensions that have no `if` get one."""
  for site in outline.of_type(
      ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp):
    for generator in site.node.generators:
      if generator.ifs:
        continue
      items = outline.site(generator.iter)
      target = outline.site(generator.target)
      scope = target.scope
      atoms = [a for a in outline.atoms(scope, site.line) if (
          len(a) == 1 and a[0] in scope.bound)]
      for atom in atoms:
        for before, after in _CLAUSES:
          yield items.outer_end, items.outer_end, (
              "if", *before, *atom, *after)


def cond_replace(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A condition instead of a constant one."""
  for site in tests(outline):
    if not isinstance(site.node, ast.Constant):
      continue
    for clause, own, _ in _clauses(outline, site):
      yield site.start, site.end, parts.parenthesised(
          clause, own, site.need)
    names = outline.names(site.scope, site.line)[:_MAX_ATOMS]
    for left, right in itertools.permutations(names, 2):
      yield site.start, site.end, (left, "<=", right)
