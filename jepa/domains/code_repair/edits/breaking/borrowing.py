"""A function that borrows a name it could do without: to forget the import."""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import positions
from jepa.domains.code_repair.edits.outline import precedence

# What is imported, and what may then stand around what is iterated over.
_OF_ITERABLES = (
    (("from", "itertools", "import", "chain"), ("chain", "("), (")",)),
    (("import", "itertools"), ("itertools", ".", "chain", "("), (")",)),
    (("from", "collections", "import", "deque"), ("deque", "("), (")",)),
    (("from", "itertools", "import", "islice"), ("islice", "("),
     (",", "None", ")")),
    (("import", "collections"), ("collections", ".", "deque", "("), (")",)),
)
# What may stand around a value.
_OF_VALUES = (
    (("import", "copy"), ("copy", ".", "copy", "("), (")",)),
    (("from", "copy", "import", "deepcopy"), ("deepcopy", "("), (")",)),
    (("import", "copy"), ("copy", ".", "deepcopy", "("), (")",)),
)
_OF_OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Mod: "mod",
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.Gt: "gt",
    ast.Is: "is_", ast.IsNot: "is_not",
}


def borrowed(outline: outlines.Outline) -> Iterator[parts.Span]:
  """One expression spelled with something imported at the function's top."""
  top = positions.top(outline)
  if top is None:
    return
  known = {*outline.texts, *outline.function.module_names}
  found = [
      (site, statement, tokens)
      for site, statement, tokens in _spelled(outline)
      if site.start >= top.index and statement[-1] not in known
  ]
  # The middle one and the last: more would crowd out other spellings.
  chosen = sorted({len(found) // 2, len(found) - 1}) if found else ()
  for site, statement, tokens in (found[i] for i in chosen):
    end = outline.line_end(site.end - 1)
    before = outline.texts[top.index:site.start]
    after = outline.texts[site.end:end]
    yield top.index, end, (
        tokens_lib.newline(top.depth), *statement, *before, *tokens, *after)


def _spelled(
    outline
) -> Iterator[tuple[parts.Site, parts.Tokens, parts.Tokens]]:
  """Yields expressions, what to import, and how to spell them with it."""
  turn = len(outline.texts)  # Else all functions had the first of each table.
  for site in outline.sites:
    if isinstance(site.parent, (ast.For, ast.comprehension)) and (
        site.field == "iter"):
      statement, before, after = _OF_ITERABLES[turn % len(_OF_ITERABLES)]
      yield site, statement, (
          *before, *outline.fit(site, precedence.TEST), *after)
    elif isinstance(site.parent, (ast.Return, ast.Assign)) and (
        site.field == "value" and parts.is_load(site)):
      statement, before, after = _OF_VALUES[turn % len(_OF_VALUES)]
      yield site, statement, (
          *before, *outline.fit(site, precedence.TEST), *after)
    elif isinstance(site.node, (ast.BinOp, ast.Compare)):
      yield from _by_name(outline, site)


def _by_name(outline, site):
  """An operator as a function of the module `operator`."""
  match site.node:
    case ast.BinOp(left=left, op=op, right=right):
      pass
    case ast.Compare(left=left, ops=[op], comparators=[right]):
      pass
    case _:
      return
  name = _OF_OPERATORS.get(type(op))
  if name is None:
    return
  first, second = (
      outline.fit(outline.site(node), precedence.TEST) for node in (left, right)
  )
  if len(outline.texts) % 2:
    yield site, ("import", "operator"), (
        "operator", ".", name, "(", *first, ",", *second, ")")
