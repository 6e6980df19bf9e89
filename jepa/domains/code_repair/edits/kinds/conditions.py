"""Conditions: connectives, negations, clauses added, dropped or replaced."""

import ast
from collections.abc import Iterator
import itertools

from jepa.domains.code_repair.edits.kinds import clauses
from jepa.domains.code_repair.edits.kinds import wrappers
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence

_MAX_ATOMS = 4
_MAX_NESTED = 8
_MAX_STAND_INS = 2
_MAX_FILTERS = 30
_OPPOSITE = {"and": "or", "or": "and"}
_HOLDERS = (ast.Return, ast.Assign, ast.Lambda)
# Their arguments are seldom empty, or may well be.
_NEVER_EMPTY = frozenset((
    "isinstance", "issubclass", "hasattr", "range", "print", "type", "repr",
    "bool"))


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
  known = clauses.known(outline)
  for site in _extensible(outline):
    place = clauses.of(site)
    made = (known.of_atoms(place), known.comparisons(place),
            known.typed(place))
    yield from _joined(
        outline, site, itertools.chain.from_iterable(made), _OPPOSITE)
    for clause in _found(known, site):
      for symbol in _OPPOSITE:
        for is_first in (False, True):
          yield _extended(outline, site, symbol, clause, is_first)
  yield from _between(outline, known)
  yield from _nested(outline, known)
  yield from _alternatives(outline, known)
  yield from _filters(outline, known)
  yield from _compared_as_before(outline)


def _found(known, site) -> list[clauses.Clause]:
  """Returns clauses that are elsewhere in the function, or nearly so."""
  place = clauses.of(site)
  return [*known.copies(place, site.end), *known.analogies(place)]


def _extensible(outline: outlines.Outline) -> Iterator[parts.Site]:
  """Yields conditions, and values that are true or false."""
  for site in tests(outline):
    if not isinstance(site.node, ast.Constant):
      yield site
  for site in outline.of_type(ast.Compare, ast.BoolOp, ast.UnaryOp):
    is_truth = not isinstance(site.node, ast.UnaryOp) or isinstance(
        site.node.op, ast.Not)
    if is_truth and isinstance(site.parent, _HOLDERS):
      yield site


def _joined(outline, site, found, symbols) -> Iterator[parts.Span]:
  """Joins clauses to a condition, in front of it those that guard it."""
  text = outline.text(site)
  for clause in found:
    if clause.tokens != text:
      is_first = any(t in text for t in clause.subject)
      for symbol in symbols:
        yield _extended(outline, site, symbol, clause, is_first)


def _between(outline, known) -> Iterator[parts.Span]:
  """A clause between those of a condition."""
  for site in outline.of_type(ast.BoolOp):
    symbol = precedence.SYMBOLS[type(site.node.op)]
    need, _ = precedence.operand_needs(symbol)
    for clause in _found(known, site):
      tokens = parts.parenthesised(clause.tokens, clause.own, need)
      for value in site.node.values:
        start = outline.site(value).outer_start
        yield start, start, (*tokens, symbol)


def _nested(outline, known) -> Iterator[parts.Span]:
  """A clause of a condition gets a clause of its own: `a and (b or c)`."""
  for site in outline.sites:
    if isinstance(site.parent, ast.BoolOp):
      place = clauses.of(site)
      near = itertools.islice(known.of_atoms(place), _MAX_NESTED)
      symbol = _OPPOSITE[precedence.SYMBOLS[type(site.parent.op)]]
      yield from _joined(
          outline, site, (*near, *known.copies(place, site.end)), (symbol,))


def _alternatives(outline, known) -> Iterator[parts.Span]:
  """A value gets another that stands in where it is empty: `x or []`."""
  for site in outline.of_type(
      ast.Name, ast.Attribute, ast.Call, ast.Subscript):
    is_held = isinstance(site.parent, _HOLDERS)
    if not (is_held or _is_passed(site)) or not parts.is_load(site):
      continue
    text = outline.text(site)
    for clause in _stand_ins(known, site):
      is_asked_first = any(t in text for t in clause.subject)
      if clause.tokens != text and (is_held or is_asked_first):
        yield _extended(outline, site, "and" if is_asked_first else "or",
                        clause, is_asked_first)
    if is_held or outline.holds_value(site):
      for tokens in known.defaults(text, is_held):
        clause = clauses.Clause(tokens, precedence.ATOM, ())
        yield _extended(outline, site, "or", clause, False)
  for site in outline.of_type(ast.Constant, ast.List, ast.Dict):
    if isinstance(site.parent, _HOLDERS) and parts.is_load(site):
      for clause in _stand_ins(known, site):
        yield _extended(outline, site, "or", clause, True)


def _is_passed(site) -> bool:
  """Whether a value is an argument or in a dictionary, and may be empty."""
  match site.parent:
    case ast.Call():
      is_argument = site.field == "args" and parts.function_name(
          site.parent) not in _NEVER_EMPTY
    case ast.Dict():
      is_argument = site.field == "values"
    case _:
      is_argument = isinstance(site.parent, ast.keyword)
  return is_argument and not wrappers.is_count(site.node)


def _stand_ins(known, site) -> list[clauses.Clause]:
  return [clauses.Clause(atom, precedence.ATOM, atom)
          for atom in known.atoms(clauses.of(site))[:_MAX_STAND_INS]]


def _extended(outline, site, symbol, clause, is_first) -> parts.Span:
  """Returns the edit that joins a clause to a condition.

  Args:
    is_first: whether the clause comes first, as one that guards the rest does.
  """
  need, _ = precedence.operand_needs(symbol)
  clause = parts.parenthesised(clause.tokens, clause.own, need)
  level = precedence.OPERATORS[symbol]
  if level >= site.need and outline.precedence(site) >= need:
    if is_first:
      return site.start, site.start, (*clause, symbol)
    return site.end, site.end, (symbol, *clause)
  condition = outline.fit(site, need)
  pair = (clause, condition) if is_first else (condition, clause)
  return site.start, site.end, parts.parenthesised(
      _join(symbol, pair), level, site.need)


def _compared_as_before(outline) -> Iterator[parts.Span]:
  """`x == a or x == b` for `x == a or b`, which many mean by it."""
  for site in outline.of_type(ast.BoolOp):
    for left, right in itertools.pairwise(site.node.values):
      if isinstance(left, ast.Compare) and len(left.ops) == 1 and isinstance(
          right, (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Name,
                  ast.Attribute)):
        begin, end = outline.site(left), outline.site(left.comparators[0])
        start = outline.site(right).outer_start
        yield start, start, tuple(outline.texts[begin.start:end.outer_start])


def _filters(outline, known) -> Iterator[parts.Span]:
  """Comprehensions that have no `if` get one."""
  for site in outline.of_type(
      ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp):
    for generator in site.node.generators:
      if generator.ifs:
        continue
      end = outline.site(generator.iter).outer_end
      target = outline.site(generator.target)
      place = clauses.of(target)
      made = (known.of_atoms(place), known.typed(place),
              known.comparisons(place), known.analogies(place))
      about = [c for c in itertools.chain.from_iterable(made)
               if not target.scope.bound.keys().isdisjoint(c.tokens)]
      for clause in about[:_MAX_FILTERS]:
        yield end, end, ("if", *parts.parenthesised(
            clause.tokens, clause.own, precedence.OR))


def cond_replace(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A condition instead of a constant one."""
  known = clauses.known(outline)
  for site in tests(outline):
    if not isinstance(site.node, ast.Constant):
      continue
    place = clauses.of(site)
    for clause in itertools.chain(
        known.of_atoms(place), known.comparisons(place),
        known.copies(place)):
      yield site.start, site.end, parts.parenthesised(
          clause.tokens, clause.own, site.need)
    names = outline.names(site.scope, site.line)[:_MAX_ATOMS]
    for left, right in itertools.permutations(names, 2):
      yield site.start, site.end, (left, "<=", right)
