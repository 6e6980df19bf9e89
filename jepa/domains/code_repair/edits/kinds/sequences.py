"""Sequences: slices, indices, and elements in another order."""

import ast
from collections.abc import Iterator
import itertools

from jepa.domains.code_repair.edits.kinds import calls
from jepa.domains.code_repair.edits.kinds import wrappers
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence

_MAX_ATOMS = 2
_MAX_ELEMENTS = 6

# Between the brackets that are put after an expression.
_SUBSCRIPTS = (
    ("1", ":"), (":", "-", "1"), (":", ":", "-", "1"), (":",), ("0",),
    ("-", "1"),
)


def slice_(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A slice or an index more, less, or the other way round."""
  for site in outline.of_type(ast.Subscript):
    if parts.is_load(site):
      value = outline.site(site.node.value)
      yield site.start, site.end, outline.fit(value, site.need)
  for site in outline.of_type(ast.Slice):
    lower, upper = site.node.lower, site.node.upper
    if (lower is None) != (upper is None) and site.node.step is None:
      bound = outline.fit(outline.site(lower or upper), precedence.TEST)
      turned = (":", *bound) if lower else (*bound, ":")
      yield site.start, site.end, turned
  for site in wrappers.value_sites(outline):
    if isinstance(site.node, (ast.BinOp, ast.ListComp)) or (
        wrappers.is_count(site.node)):
      continue
    if site.field == "slice":
      continue
    for subscript in [*_SUBSCRIPTS, *_atom_subscripts(outline, site)]:
      yield site.end, site.end, ("[", *subscript, "]")


def _atom_subscripts(outline, site) -> Iterator[parts.Tokens]:
  atoms = outline.atoms(site.scope, site.line)
  text = outline.text(site)
  for atom in [a for a in atoms if a != text][:_MAX_ATOMS]:
    yield *atom, ":"
    yield ":", *atom
    yield atom


def swap_elts(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Neighbours in a tuple, list or conditional expression swapped."""
  for site in outline.of_type(ast.Tuple, ast.List):
    elements = [outline.site(e) for e in site.node.elts][:_MAX_ELEMENTS]
    for left, right in itertools.pairwise(elements):
      yield calls.exchanged(outline, left, right)
  for site in outline.of_type(ast.IfExp):
    body = outline.site(site.node.body)
    orelse = outline.site(site.node.orelse)
    yield site.start, site.end, (
        *outline.fit(orelse, precedence.OR),
        *outline.texts[body.outer_end:orelse.outer_start],
        *outline.fit(body, precedence.TEST),
    )
