"""Terms: what is added to, taken from or multiplied with a value."""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair.edits.kinds import operators
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence
from jepa.domains.code_repair.edits.outline import usage

_MAX_ATOMS = 4  # Of which the length is a term.
_MAX_FACTORS = 2
_MAX_SIZES = 1
_MAX_MINUENDS = 2
_MAX_WRAPPED = 4  # Tokens of what an index starts anew in.

# What joins the nearest variable, the second nearest and so on to a value, by
# how the value is used; and what joins 2.
_OF_ATOMS = {
    usage.NUMBER: (("-", "+", "*", "//", "%", "/"), ("-", "+", "*", "//"),
                   ("-", "+"), ("-", "+")),
    usage.SIZED: (("+", "-"), ("+", "-"), ("+",)),
    None: (("-", "+", "*", "%"), ("-", "+", "*"), ("-", "+"), ("-", "+")),
}
_OF_TWO = {
    usage.NUMBER: ("*", "//", "**", "%", "/"), usage.SIZED: ("*",),
    None: ("*", "//", "**", "/"),
}

# What joins the constants that the function or its test has, and common ones.
_MAX_CONSTANT_FACTORS = 1
_MAX_LENGTH = 6  # Characters of a constant.
_OF_CONSTANTS = {
    usage.NUMBER: (("*", "/", "+", "-", "//", "%"), ("*", "/", "+", "-")),
    usage.SIZED: (), None: (("*", "/", "+", "-"), ("*", "-")),
}
_OF_COMMON = (("100", "/"), ("100", "*"), ("10", "//"), ("10", "%"),
              ("10", "*"), ("3", "*"))
_TRIVIAL = ("0", "1", "2", "0.0", "1.0")
_CALCULATIONS = frozenset(
    ("abs", "float", "int", "len", "max", "min", "pow", "round", "sum"))
_HOLDERS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.keyword,
            ast.Yield)


def arith_extend(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A further term or factor: a variable, a length, a small constant."""
  uses = usage.uses(outline)
  constants = [t for t in usage.literals(outline, _MAX_LENGTH)
               if t[0].isdigit() and t not in _TRIVIAL]
  yield from _wrapped_round(outline, uses)
  for site in operators.number_sites(outline):
    text = outline.text(site)
    near = [a for a in outline.atoms(site.scope, site.line) if a != text]
    if isinstance(site.parent, ast.BinOp):
      # A sum of more, or a product of more, is extended as a whole.
      yield from _extended_operand(outline, site, near, constants)
      continue
    use = uses.get(text)
    for symbols, atom in zip(_OF_ATOMS[use], near):
      for symbol in symbols:
        yield operators.extension(outline, site, symbol, atom)
    for symbol in _OF_TWO[use]:
      yield operators.extension(outline, site, symbol, ("2",))
    if use == usage.SIZED:
      continue
    if site.field == "args" or isinstance(site.parent, _HOLDERS):
      yield from _with_constants(outline, site, use, constants)
    sizes = [("len", "(", *atom, ")") for atom in near[:_MAX_ATOMS]
             if uses.get(atom) == usage.SIZED and site.field != "iter"]
    for size in sizes[:_MAX_SIZES]:
      for symbol in ("-", "+"):
        yield operators.extension(outline, site, symbol, size)
    for term in (*near[:_MAX_MINUENDS], *sizes[:_MAX_SIZES]):
      yield _difference(outline, site, term)


def _wrapped_round(outline, uses) -> Iterator[parts.Span]:
  """An index that starts anew at the end: `a[i % len(a)]`."""
  for site in outline.of_type(ast.Name, ast.BinOp, ast.Attribute):
    if site.field == "slice" and parts.is_load(site):
      value = outline.text(outline.site(site.parent.value))
      is_number = isinstance(site.node, ast.BinOp) or (
          uses.get(outline.text(site)) == usage.NUMBER)
      if len(value) <= _MAX_WRAPPED and (is_number or len(value) == 1):
        yield operators.extension(
            outline, site, "%", ("len", "(", *value, ")"))


def _with_constants(outline, site, use, constants) -> Iterator[parts.Span]:
  """A term or factor that is a constant, of what is passed on."""
  node = site.node
  is_number = use == usage.NUMBER or isinstance(node, ast.BinOp) or (
      isinstance(site.parent, ast.AugAssign)) or (
          isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
          and node.func.id in _CALCULATIONS)
  use = usage.NUMBER if is_number else use
  for symbols, constant in zip(_OF_CONSTANTS[use], constants):
    for symbol in symbols:
      yield operators.extension(outline, site, symbol, (constant,))
  for constant, symbol in _OF_COMMON if is_number else ():
    yield operators.extension(outline, site, symbol, (constant,))


def _extended_operand(
    outline, site, near, constants
) -> Iterator[parts.Span]:
  """Makes a product of a term, or a sum of a factor."""
  is_term = isinstance(site.parent.op, (ast.Add, ast.Sub))
  for atom in near[:_MAX_FACTORS]:
    for symbol in ("*",) if is_term else ("-", "+"):
      yield operators.extension(outline, site, symbol, atom)
  for symbol in ("*", "//", "%", "**") if is_term else ():
    yield operators.extension(outline, site, symbol, ("2",))
  for constant in constants[:_MAX_CONSTANT_FACTORS] if is_term else ():
    for symbol in ("*", "/"):
      yield operators.extension(outline, site, symbol, (constant,))


def _difference(outline, site, minuend) -> parts.Span:
  """Returns the edit that makes `site` into `minuend - site`."""
  need = precedence.operand_needs("-")[1]
  return site.start, site.end, parts.parenthesised(
      (*minuend, "-", *outline.fit(site, need)), precedence.ARITHMETIC,
      site.need)
