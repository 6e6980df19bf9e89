"""Clauses: conditions that may be missing somewhere, the likely ones first.

Made of a variable that is near, copied from elsewhere in the function, or
copied with one name or literal changed: `y > 1` where there is `x > 1`.
"""

import ast
from collections.abc import Iterator
import functools
import itertools
from typing import NamedTuple

from jepa.domains.code_repair.edits.kinds import names as names_lib
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence
from jepa.domains.code_repair.edits.outline import scopes
from jepa.domains.code_repair.edits.outline import usage

_MAX_ATOMS = 4
_MAX_COMPARED = 3
_MAX_CONTAINERS = 2
_MAX_CONTAINED = 2
_MAX_TYPED = 2
_MAX_TYPES = 2
_MAX_COPIES = 5
_MAX_ANALOGIES = 12
_MAX_NAMES = 3  # That stand in for another, in an analogy.
_MAX_TOKENS = 14  # Of a clause that is copied.
_MAX_LENGTH = 12  # Characters of a literal that is compared with.
_MAX_LITERALS = 3
_MAX_DEFAULTS = 2
_TRUTHS = (ast.Compare, ast.UnaryOp, ast.Call, ast.Name, ast.Attribute,
           ast.Subscript)
# Copied elsewhere these would not compile, or bind names, or have more than
# one spelling.
_NEVER_COPIED = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr,
                 ast.Lambda, ast.JoinedStr, ast.Starred, ast.BoolOp)

# What comes before an atom in a clause made of it, and what follows.
SHAPES = (
    ((), ()), (("not",), ()), ((), ("is", "None")), ((), ("is", "not", "None")),
)
_EMPTY = (("[", "]"), ("(", ")"))
_OF_NUMBERS = (("%", "2", "==", "0"), ("<", "0"), ("==", "1"))
_OF_SIZES = ((">", "0"), (">", "1"), ("==", "1"))
# What stands in for a value that is empty, by how that is used.
_STAND_INS = (("None",), ("[", "]"), ("0",), ("''",), ("{", "}"))
_STAND_INS_OF_USE = {
    usage.NUMBER: (("0",), ("1",)), usage.SIZED: (("[", "]"), ("''",)),
    None: (("''",), ("[", "]"), ("None",)),
}
_EMPTY_LITERALS = ("0", "1", "''", '""')


class Clause(NamedTuple):
  """A condition to be joined to another, or to stand by itself.

  own: precedence of its loosest operator.
  subject: the variable that it is about, () if about more than one.
  """
  tokens: parts.Tokens
  own: int
  subject: parts.Tokens


class Place(NamedTuple):
  """Where a clause is wanted.

  index: the nearest token.
  line: index of the token that starts the line.
  loop_end: `Block.loop_end`, for a line that is not there yet.
  """
  scope: scopes.Scope
  index: int
  line: int
  loop_end: int = 0


class Clauses:
  """The clauses that one function has, or makes likely."""

  def __init__(self, outline: outlines.Outline):
    self._outline = outline
    self._uses = usage.uses(outline)
    self._types = usage.types(outline)[:_MAX_TYPES]
    self._literals = usage.literals(outline, _MAX_LENGTH)
    self._attributes = list(dict.fromkeys(
        t.text for t in outline.tokens if t.syntax == "attribute"))
    self._truths = [
        (site, Clause(outline.regular_text(site), outline.precedence(site), ()))
        for site in _truths(outline)]

  def of_atoms(self, place: Place) -> Iterator[Clause]:
    """Yields what may be said of one variable by itself."""
    for atom in self.atoms(place)[:_MAX_ATOMS]:
      for before, after in SHAPES:
        own = precedence.NOT if before else (
            precedence.COMPARE if after else precedence.ATOM)
        yield Clause((*before, *atom, *after), own, atom)

  def atoms(self, place: Place) -> list[parts.Tokens]:
    return self._outline.atoms(place.scope, place.line, place.loop_end)

  def comparisons(self, place: Place) -> Iterator[Clause]:
    """Yields comparisons between the names that are near, and with 0."""
    names = [a[0] for a in self.atoms(place) if len(a) == 1][:_MAX_COMPARED]
    for left, right in itertools.combinations(names, 2):
      for operator in ("<", ">", "==", "!="):
        yield Clause((left, operator, right), precedence.COMPARE, ())
    for name in names:
      yield Clause((name, ">", "0"), precedence.COMPARE, ())
      yield Clause((name, "==", "0"), precedence.COMPARE, ())

  def typed(self, place: Place) -> Iterator[Clause]:
    """Yields what may be said of variables because of how they are used."""
    atoms = self.atoms(place)
    for atom in atoms[:_MAX_ATOMS]:
      use = self._uses.get(atom)
      for after in _OF_NUMBERS if use == usage.NUMBER else ():
        yield Clause((*atom, *after), precedence.COMPARE, ())
      for after in _OF_SIZES if use == usage.SIZED else ():
        yield Clause(
            ("len", "(", *atom, ")", *after), precedence.COMPARE, atom)
    yield from self._memberships(atoms)
    for atom in [a for a in atoms if a not in self._uses][:_MAX_TYPED]:
      for name in self._types:
        yield Clause(("isinstance", "(", *atom, ",", *name, ")"),
                     precedence.ATOM, atom)
    for atom in atoms[:1]:
      for literal in self._literals[:_MAX_LITERALS]:
        for operator in ("==", "!="):
          yield Clause((*atom, operator, literal), precedence.COMPARE, ())

  def defaults(
      self, text: parts.Tokens, is_held: bool
  ) -> list[parts.Tokens]:
    """Returns constants that may stand in for a value that is empty.

    Args:
      is_held: whether the value is assigned or returned, not passed on.
    """
    use = self._uses.get(text)
    empty = _STAND_INS if is_held else _STAND_INS_OF_USE[use]
    wanted = [t for t in self._literals if t not in _EMPTY_LITERALS and (
        use is None or (t[0].isdigit() == (use == usage.NUMBER)))]
    return [*empty, *((t,) for t in wanted[:_MAX_DEFAULTS])]

  def _memberships(self, atoms) -> Iterator[Clause]:
    sized = [a for a in atoms if self._uses.get(a) == usage.SIZED]
    for container in sized[:_MAX_CONTAINERS]:
      for atom in [a for a in atoms if a != container][:_MAX_CONTAINED]:
        for operator in (("in",), ("not", "in")):
          yield Clause(
              (*atom, *operator, *container), precedence.COMPARE, ())

  def copies(self, place: Place, end: int = 0) -> list[Clause]:
    """Returns the nearest conditions, but for those in [place.index, end)."""
    around = set(map(id, place.scope.chain()))
    near = sorted(
        (abs(site.start - place.index), i)
        for i, (site, _) in enumerate(self._truths)
        if id(site.scope) in around and (
            not place.index <= site.start < end))
    found = dict.fromkeys(self._truths[i][1] for _, i in near)
    return list(found)[:_MAX_COPIES]

  def analogies(self, place: Place) -> Iterator[Clause]:
    """Yields the nearest conditions with one thing in them changed."""
    names = [a[0] for a in self.atoms(place) if len(a) == 1]
    found = itertools.chain.from_iterable(
        self._changed(clause, names) for clause in self.copies(place))
    return itertools.islice(found, _MAX_ANALOGIES)

  def _changed(self, clause, names) -> Iterator[Clause]:
    tokens = clause.tokens
    for empty in _EMPTY:
      if tokens[-3:] in (("==", *empty), ("!=", *empty)):
        for other in _EMPTY:
          if other != empty:
            yield Clause((*tokens[:-2], *other), clause.own, ())
    for i, token in enumerate(tokens):
      is_attribute = tokens[i - 1:i] == (".",)
      is_called = tokens[i + 1:i + 2] == ("(",)
      if is_attribute and is_called:
        others = names_lib.METHODS.get(token, ())[:_MAX_NAMES]
      elif is_attribute:
        others = [a for a in self._attributes if a != token][:_MAX_NAMES]
      elif token in names and not is_called:
        others = [n for n in names if n not in tokens][:_MAX_NAMES]
      else:
        others = self._literals_like(token)
      for other in others:
        # An attribute is asked of all objects alike: `a.x == b.x`.
        changed = tuple(
            other if k == i or is_attribute and old == token else old
            for k, old in enumerate(tokens))
        yield Clause(changed, clause.own, ())

  def _literals_like(self, token) -> list[str]:
    is_text = token[-1] in "\"'"
    if not (is_text or token[0].isdigit()):
      return []
    near = [str(int(token) + d) for d in (1, -1)] if token.isdecimal() else []
    same = [t for t in self._literals if (t[-1] in "\"'") == is_text]
    found = dict.fromkeys((*same[:_MAX_LITERALS], *near))
    return [t for t in found if t not in (token, "-1")]


@functools.lru_cache(maxsize=1)  # Several kinds need it, one after another.
def known(outline: outlines.Outline) -> Clauses:
  """Returns the clauses of a function."""
  return Clauses(outline)


def _truths(outline: outlines.Outline) -> Iterator[parts.Site]:
  """Yields short expressions that are read as true or false."""
  for site in outline.of_type(*_TRUTHS):
    is_truth = isinstance(site.node, ast.Compare) or isinstance(
        site.parent, ast.BoolOp) or site.field in ("test", "ifs", "guard")
    if is_truth and site.end - site.start <= _MAX_TOKENS and not any(
        isinstance(n, _NEVER_COPIED) for n in ast.walk(site.node)):
      yield site


def of(site: parts.Site) -> Place:
  return Place(site.scope, site.start, site.line)
