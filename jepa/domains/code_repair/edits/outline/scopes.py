"""Scopes: which names an expression may mention, the nearest ones first."""

import ast
import bisect
from collections.abc import Iterator
import dataclasses

# Receivers and throw-aways never stand for another variable.
IGNORED = frozenset(("self", "cls", "mcs", "_", "__"))


@dataclasses.dataclass(slots=True, eq=False)
class Scope:
  """The names that a function, a lambda or a comprehension binds.

  parent: the scope around it, None for the outermost function.
  ordered: whether names are usable only after the line that binds them.
  bound: each variable's first binding token.
  callables: nested functions, classes and imports.
  receiver: "self" or "cls", "" if there is none.
  """
  parent: "Scope | None"
  ordered: bool
  bound: dict[str, int] = dataclasses.field(default_factory=dict)
  callables: list[str] = dataclasses.field(default_factory=list)
  receiver: str = ""

  def bind(self, name: str, index: int) -> None:
    if name not in IGNORED:
      self.bound.setdefault(name, index)

  def binds(self, name: str) -> bool:
    """Whether the function itself binds a name, not what is around it."""
    for scope in self.chain():
      if name in scope.bound:
        return True
      if scope.ordered:
        break
    return False

  def chain(self) -> Iterator["Scope"]:
    """Yields this scope and those around it, innermost first."""
    scope = self
    while scope is not None:
      yield scope
      scope = scope.parent

  def visible(self, horizon: int) -> list[str]:
    """Returns the variables usable in a line, innermost scopes first.

    A name that its own function binds only further down is not usable, unless
    a loop may come round to the line.

    Args:
      horizon: index of the token that starts the line, or that follows the
        outermost loop of its function around it.
    """
    names = {}
    own_function = True
    for scope in self.chain():
      for name, index in scope.bound.items():
        if index < horizon or not (scope.ordered and own_function):
          names.setdefault(name)
      own_function = own_function and not scope.ordered
    return list(names)


def comprehension(parent: Scope) -> Scope:
  """Returns the scope of a comprehension or a lambda."""
  return Scope(parent=parent, ordered=False, receiver=parent.receiver)


def function(
    node: ast.FunctionDef | ast.AsyncFunctionDef, parent: Scope | None
) -> Scope:
  """Returns the scope of a function, its parameters not yet bound."""
  receiver = parent.receiver if parent else ""
  arguments = (*node.args.posonlyargs, *node.args.args)
  if arguments and arguments[0].arg in ("self", "cls"):
    receiver = arguments[0].arg
  return Scope(parent=parent, ordered=True, receiver=receiver)


def nearest(
    occurrences: dict[tuple[str, ...], list[int]],
    atoms: list[tuple[str, ...]],
    line: int,
) -> list[tuple[str, ...]]:
  """Sorts atoms by the distance of their nearest mention to a line.

  Args:
    occurrences: ascending token indices of each atom.
    atoms: names, or attributes of the receiver, as tokens.
    line: index of the token that starts the line.
  """

  def distance(atom):
    found = occurrences.get(atom, ())
    k = bisect.bisect(found, line)
    return min((abs(i - line) for i in found[max(k - 1, 0):k + 1]),
               default=1 << 30)

  return sorted(atoms, key=distance)
