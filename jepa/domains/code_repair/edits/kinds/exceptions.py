"""Exceptions: other classes raised or caught, statements guarded by `try`."""

import ast
import builtins
from collections.abc import Iterator
import itertools

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

_MAX_CLASSES = 6
# Classes that are caught round a statement, and what is done then: the i-th
# with the j-th if i * j is no more than the last of these.
_MAX_RAISED = 3
_MAX_PRODUCT = 6

# Classes that are mistaken for one another; each family holds its base.
_FAMILIES = (
    ("KeyError", "IndexError", "LookupError", "AttributeError"),
    ("ValueError", "TypeError", "KeyError", "AttributeError"),
    ("ZeroDivisionError", "ArithmeticError", "OverflowError", "ValueError"),
    ("FileNotFoundError", "OSError", "PermissionError", "IsADirectoryError"),
    ("ImportError", "ModuleNotFoundError"),
    ("UnicodeDecodeError", "UnicodeError", "ValueError"),
    ("NotImplementedError", "RuntimeError", "RecursionError"),
    ("StopIteration", "GeneratorExit", "StopAsyncIteration"),
    ("Exception", "ValueError", "TypeError", "KeyError"),
)
_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)


def exception(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another exception class, one more or one less."""
  used = [
      name for name in dict.fromkeys(outline.texts) if _is_exception(name)
  ]
  for site in outline.of_type(ast.Name):
    name = outline.texts[site.start]
    is_raised = isinstance(site.parent, ast.Raise) or (
        isinstance(site.parent, ast.Call) and site.field == "func"
        and isinstance(outline.site(site.parent).parent, ast.Raise))
    is_caught = isinstance(site.parent, ast.ExceptHandler) or (
        isinstance(site.parent, ast.Tuple)
        and isinstance(outline.site(site.parent).parent, ast.ExceptHandler))
    if not (is_raised or is_caught):
      continue
    for other in _relatives(name, used):
      yield site.start, site.end, (other,)
      if isinstance(site.parent, ast.ExceptHandler):
        yield site.start, site.end, ("(", name, ",", other, ")")
  yield from _narrowed(outline)


def _is_exception(name: str) -> bool:
  found = getattr(builtins, name, None)
  return isinstance(found, type) and issubclass(found, BaseException)


def _relatives(name: str, used: list[str]) -> list[str]:
  """Returns the classes that may be meant instead of `name`."""
  found = [n for family in _FAMILIES if name in family for n in family]
  others = dict.fromkeys((*used, *found, "Exception"))
  others.pop(name, None)
  return list(others)[:_MAX_CLASSES]


def _narrowed(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Tuples of caught classes with one class less."""
  for site in outline.of_type(ast.Tuple):
    elements = [outline.site(e) for e in site.node.elts]
    if not isinstance(site.parent, ast.ExceptHandler) or len(elements) < 2:
      continue
    for k, element in enumerate(elements):
      if len(elements) == 2:
        kept = elements[1 - k]
        yield site.start, site.end, outline.text(kept)
      elif k:
        yield elements[k - 1].outer_end, element.outer_end, ()
      else:
        yield element.outer_start, elements[1].outer_start, ()


def try_except(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A `try` round a statement, or a statement without its `try`."""
  for block in outline.blocks:
    if not block.is_open:
      continue
    for statement in block.statements:
      if not statement.whole:
        continue
      if isinstance(statement.node, ast.Try):
        yield from _without_try(outline, statement)
      elif isinstance(statement.node, _SIMPLE) and not (
          statements.is_docstring(outline, block, statement)):
        yield from _within_try(outline, block, statement)


def _without_try(outline, statement) -> Iterator[parts.Span]:
  node = statement.node
  if len(node.body) > 1 or node.orelse or node.finalbody or not isinstance(
      node.body[0], _SIMPLE):
    return
  start = outline.spans.begin(node.body[0])
  end = outline.spans.end(node.body[0])
  depth = outline.tokens[statement.start].depth
  yield statement.start, statement.end, (
      tokens_lib.newline(depth), *outline.texts[start:end])


def _within_try(outline, block, statement) -> Iterator[parts.Span]:
  depth = outline.tokens[statement.start].depth
  outer, inner = tokens_lib.newline(depth), tokens_lib.newline(depth + 1)
  handlers = _handlers(outline, block, statement)
  for i, name in enumerate(_raised(statement.node), 1):
    for handler in handlers[:_MAX_PRODUCT // i]:
      yield statement.start, statement.end, (
          outer, "try", ":",
          inner, *outline.texts[statement.start + 1:statement.end],
          outer, "except", name, ":", inner, *handler)


def _handlers(outline, block, statement) -> list[parts.Tokens]:
  """Returns what may be done instead, the likely first."""
  found = [("continue",)] if block.in_loop else []
  values = [("None",), ("False",), ("0",)]
  match statement.node:
    case ast.Assign(targets=[ast.Name() as target]):
      atoms = outline.atoms(block.scope, statement.start, block.loop_end)
      others = [atom for atom in atoms if atom != (target.id,)]
      found += [
          (target.id, "=", *value) for value in (*values, *others[:1])]
  returns = []
  if not outline.is_generator(block.function):
    returns = [("return", *value) for value in (*values, ("True",))]
  # In turns, since only the first few are tried.
  pairs = itertools.zip_longest(found, returns)
  return [("pass",), *(h for h in itertools.chain(*pairs) if h)]


def _raised(node: ast.stmt) -> list[str]:
  """Returns the classes that a statement is likely to raise."""
  found = {}
  for child in ast.walk(node):
    match child:
      case ast.Subscript(ctx=ast.Load()):
        found.update(dict.fromkeys(("KeyError", "IndexError", "TypeError")))
      case ast.Call(func=ast.Name(id="int" | "float")):
        found.update(dict.fromkeys(("ValueError", "TypeError")))
      case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod()):
        found["ZeroDivisionError"] = None
      case ast.Call(func=ast.Attribute(attr="index" | "remove" | "decode")):
        found["ValueError"] = None
      case ast.Call(func=ast.Name(id="next")):
        found["StopIteration"] = None
      case ast.Call(func=ast.Attribute(attr="pop" | "popitem")):
        found.update(dict.fromkeys(("KeyError", "IndexError")))
      case ast.Call(func=ast.Name(id="getattr")):
        found["AttributeError"] = None
      case ast.Compare(ops=[ast.In() | ast.NotIn()]) | ast.Call(
          func=ast.Name(id="len" | "iter" | "hash" | "sorted")):
        found["TypeError"] = None
  return list(found)[:_MAX_RAISED]
