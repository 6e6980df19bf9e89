"""How a function uses its variables: what that says of their types."""

import ast
import functools

from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

_SIZED = frozenset((
    "len", "sorted", "reversed", "enumerate", "sum", "any", "all", "list",
    "set", "tuple", "zip"))
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_USUAL_TYPES = ("str", "int")

NUMBER, SIZED = "number", "sized"


@functools.lru_cache(maxsize=1)  # Several kinds need it, one after another.
def uses(outline: outlines.Outline) -> dict[parts.Tokens, str]:
  """Maps variables and attributes to `NUMBER` or `SIZED`, a guess.

  The first use counts. What is used in no such way is left out.
  """
  found = {}
  for site in outline.of_type(ast.Name, ast.Attribute):
    use = _use(site)
    if use:
      found.setdefault(outline.text(site), use)
  return found


def _use(site: parts.Site) -> str:
  """Returns what an expression must be to stand where it does, "" if any."""
  match site.parent:
    case ast.Subscript() if site.field == "value":
      return SIZED
    case ast.For() | ast.comprehension() if site.field == "iter":
      return SIZED
    case ast.Call(func=ast.Name(id=name)) if site.field == "args":
      return SIZED if name in _SIZED else NUMBER if name == "range" else ""
    case ast.Compare(ops=[ast.In() | ast.NotIn()]):
      return SIZED if site.field == "comparators" else ""
    case ast.Compare(ops=[operator, *_]) if isinstance(operator, _ORDER):
      return NUMBER
    case ast.Compare(comparators=[ast.Constant(value=int())]):
      return NUMBER
    case ast.BinOp(op=ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv()):
      return NUMBER
    case ast.BinOp(right=ast.Constant(value=int()) | ast.Name()):
      return NUMBER
    case ast.UnaryOp(op=ast.USub()):
      return NUMBER
    case _:
      return ""


def types(outline: outlines.Outline) -> list[parts.Tokens]:
  """Returns the classes that the function asks for, and the usual ones."""
  found = {}
  for site in outline.of_type(ast.Call):
    match site.node:
      case ast.Call(func=ast.Name(id="isinstance"), args=[_, kind]):
        found[outline.regular_text(outline.site(kind))] = None
  return [*found, *((name,) for name in _USUAL_TYPES if (name,) not in found)]


def literals(outline: outlines.Outline, max_length: int) -> list[str]:
  """Returns the short numbers and strings of a function and of its pool."""
  found = {}
  for site in outline.of_type(ast.Constant):
    is_number = type(site.node.value) in (int, float)
    if site.end == site.start + 1 and (
        is_number or isinstance(site.node.value, str)) and (
            not isinstance(site.parent, ast.Expr)):
      found[outline.texts[site.start]] = None
  found.update(dict.fromkeys(outline.pools.literals))
  return [text for text in found if len(text) <= max_length]
