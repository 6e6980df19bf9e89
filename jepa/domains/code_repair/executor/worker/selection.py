"""Which lines an edit touches, hence which tests can tell the difference."""

import ast
from types import CodeType

from . import definition
from . import swap


class Statements:
  """What part of a function a change of some of its lines can concern."""

  def __init__(self, site: definition.Site):
    self._lines = site.lines
    self._lineno = site.lineno
    self._num_header = site.num_header
    self.all = frozenset(range(site.lineno, site.node.end_lineno + 1))
    self._spans = {line: self.all for line in self.all}
    for node in site.node.body:
      self._fill(node)

  def _fill(self, node: ast.stmt) -> None:
    """Maps each line to the lines of the smallest statement around it.

    Of a compound statement that is its header; its `else` and the like have
    no code of their own and stand for the whole.
    """
    first = definition.first_line(node)
    inner = list(definition.blocks(node))
    self._map(first, node.end_lineno)
    if inner:
      self._map(first, definition.first_line(inner[0][0]) - 1)
    for block in inner:
      for child in block:
        self._fill(child)

  def _map(self, first: int, last: int) -> None:
    span = frozenset(range(first, last + 1))
    self._spans.update(dict.fromkeys(span, span))

  def touched(self, lines: list[str]) -> frozenset[int]:
    """Lines of the file that a function text of those lines replaces.

    Where lines are only inserted, the neighbours: whatever reaches the new
    line has run the one before it, or was about to run the one after.
    """
    first, last = _difference(self._lines, lines)
    if not any(map(_is_code, self._lines[first:last])):
      first, last = self._neighbours(first, last)
    if first < self._num_header:
      return self.all
    spans = (
        self._spans[self._lineno + i]
        for i in range(first, last)
        if _is_code(self._lines[i])
    )
    return frozenset().union(*spans)


  def _neighbours(self, first: int, last: int) -> tuple[int, int]:
    """Widens a range by the nearest lines that hold code."""
    while first > 0:
      first -= 1
      if _is_code(self._lines[first]):
        break
    while last < len(self._lines):
      last += 1
      if _is_code(self._lines[last - 1]):
        break
    return first, last


def _is_code(line: str) -> bool:
  line = line.strip()
  return bool(line) and not line.startswith("#")


def _difference(old: list[str], new: list[str]) -> tuple[int, int]:
  """Half-open range of `old` that differs from `new`."""
  shorter = min(len(old), len(new))
  head = 0
  while head < shorter and old[head] == new[head]:
    head += 1
  tail = 0
  while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
    tail += 1
  return head, len(old) - tail


def rebinds(old: CodeType, new: CodeType) -> bool:
  """Whether lines that were not edited may mean something else.

  So it is when a name turns from global to local, say, or when a `yield`
  turns the function into a generator.
  """
  if (
      old.co_flags == new.co_flags
      and set(old.co_varnames) == set(new.co_varnames)
      and old.co_cellvars == new.co_cellvars
      and old.co_freevars == new.co_freevars
      and not any(isinstance(c, CodeType) for c in old.co_consts)
  ):
    return False
  before, after = _scopes(old), _scopes(new)
  return any(after.get(key, kind) != kind for key, kind in before.items())


def _scopes(code: CodeType) -> dict[tuple[str, str], object]:
  """What each name of `code` and of the code inside it refers to."""
  found: dict[tuple[str, str], object] = {}
  for name, each in [(code.co_name, code), *_named_inner(code)]:
    found[name, ""] = each.co_flags
    for kind in ("co_names", "co_varnames", "co_cellvars", "co_freevars"):
      for variable in getattr(each, kind):
        found[name, variable] = kind
  return found


def _named_inner(code: CodeType):
  for (name, ordinal), inner in swap.inner_code(code):
    yield f"{name} {ordinal}", inner
