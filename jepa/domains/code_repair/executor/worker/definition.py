"""The text of one function: compiled in its place, and compared."""

import __future__

import ast
from collections.abc import Iterable, Iterator
import inspect
from types import CodeType


class CannotSwap(Exception):
  """The candidate is a program, but only a fresh import can run it."""


class Site:
  """Where in a file a function stands, and what surrounds it.

  Args:
    filename: as in the code objects of the live module.
    qualname, lineno: of the function, as in `evidence.Target`.
    text: the function's own lines.
    future: names that the file imports from `__future__`.

  Raises:
    CannotSwap: the text is not the function's.
  """

  def __init__(
      self,
      *,
      filename: str,
      qualname: str,
      lineno: int,
      text: str,
      future: Iterable[str],
  ):
    self.filename = filename
    self.qualname = qualname
    self.lineno = lineno
    self.lines = text.split("\n")
    self._classes = qualname.split(".")[:-1]
    self._future = 0
    for name in future:
      self._future |= getattr(__future__, name).compiler_flag
    self.node = self.parse(text)
    self.num_header = first_line(self.node.body[0]) - lineno
    self.code = self.compile(text)

  def skeleton(self, text: str) -> str:
    """`text` inside empty enclosing classes, on its own line of the file.

    The classes are what private names, `super()` and `__class__` refer to.
    """
    indent = text[:len(text) - len(text.lstrip())]
    openings = [f"class {name}:" for name in self._classes]
    if indent and not openings:
      openings = ["if True:"]
    blank = "\n" * (self.lineno - 1 - len(openings))
    head = "".join(
        f"{indent[:depth]}{opening}\n"
        for depth, opening in enumerate(openings)
    )
    return f"{blank}{head}{text}\n"

  def compile(self, text: str) -> CodeType:
    """Compiles the function's text, without running any of it.

    Raises:
      SyntaxError: (or ValueError) it is not Python.
      CannotSwap: it does not define the function.
    """
    module = compile(
        self.skeleton(text), self.filename, "exec", self._future, True
    )
    code = find_code(module, self.qualname, self.lineno)
    if code is None:
      raise CannotSwap(f"the text does not define {self.qualname}")
    return code

  def parse(self, text: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    return find(ast.parse(self.skeleton(text)), self.qualname, self.lineno)

  def evaluate(self, node: ast.expr, scope: dict, names: dict):
    """Evaluates an expression of the function's header."""
    code = compile(
        ast.Expression(node), self.filename, "eval", self._future, True
    )
    return eval(code, scope, names)


def find_code(
    code: CodeType, qualname: str, lineno: int
) -> CodeType | None:
  """Returns the code of a function defined in `code`, or in a class of it."""
  for constant in code.co_consts:
    if not isinstance(constant, CodeType):
      continue
    name = constant.co_qualname
    is_it = name == qualname and constant.co_firstlineno == lineno
    if is_it and constant.co_flags & inspect.CO_OPTIMIZED:
      return constant
    # A class around it, or the scope of its type parameters.
    if qualname.startswith(f"{name}.") or name.startswith("<generic"):
      found = find_code(constant, qualname, lineno)
      if found is not None:
        return found
  return None


def future_names(tree: ast.Module) -> list[str]:
  """Returns the names that a file imports from `__future__`."""
  return [
      alias.name
      for node in tree.body
      if isinstance(node, ast.ImportFrom) and node.module == "__future__"
      for alias in node.names
  ]


def first_line(node: ast.stmt) -> int:
  """Line of the statement's first decorator, or of itself."""
  decorators = getattr(node, "decorator_list", ())
  return min([node.lineno, *(d.lineno for d in decorators)])


def find(tree: ast.Module, qualname: str, lineno: int):
  """Finds the function by its names, wherever its classes are nested."""
  *classes, name = qualname.split(".")

  def search(body, classes):
    for node in _statements(body):
      if isinstance(node, ast.ClassDef):
        if classes and node.name == classes[0]:
          yield from search(node.body, classes[1:])
      elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if not classes and node.name == name:
          yield node

  for node in search(tree.body, classes):
    if first_line(node) == lineno:
      return node
  raise CannotSwap(f"no function {qualname} starts on line {lineno}")


def blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
  """Yields the blocks that a compound statement holds."""
  for field in ("body", "orelse", "finalbody"):
    if block := getattr(node, field, None):
      yield block
  for field in ("handlers", "cases"):
    for branch in getattr(node, field, ()):
      yield branch.body


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
  """Statements of a block and of the `if`s and `try`s in it, not deeper."""
  scopes = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
  for node in body:
    yield node
    if not isinstance(node, scopes):
      for block in blocks(node):
        yield from _statements(block)
