"""Exceptions: other classes raised or caught, statements guarded by `try`."""

import ast
import builtins
from collections.abc import Iterator

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import outlines
from jepa.domains.code_repair.edits import parts
from jepa.domains.code_repair.edits import statements

_MAX_CLASSES = 6

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
  last = ("continue",) if block.in_loop else ("return", "None")
  handlers = [("pass",)]
  if block.in_loop or not outline.is_generator(block.function):
    handlers.append(last)
  for name in _raised(statement.node):
    for handler in handlers:
      yield statement.start, statement.end, (
          outer, "try", ":",
          inner, *outline.texts[statement.start + 1:statement.end],
          outer, "except", name, ":", inner, *handler)


def _raised(node: ast.stmt) -> list[str]:
  """Returns the classes that a statement is likely to raise, at most two."""
  found = {}
  for child in ast.walk(node):
    match child:
      case ast.Subscript(ctx=ast.Load()):
        found.update({"KeyError": None, "IndexError": None})
      case ast.Call(func=ast.Name(id="int" | "float")):
        found["ValueError"] = None
      case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod()):
        found["ZeroDivisionError"] = None
      case ast.Call(func=ast.Attribute(attr="index" | "remove" | "decode")):
        found["ValueError"] = None
      case ast.Call(func=ast.Name(id="next")):
        found["StopIteration"] = None
  return list(found)[:2]
