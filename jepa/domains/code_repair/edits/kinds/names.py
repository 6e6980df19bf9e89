"""Names: variables, functions and attributes replaced by others in reach."""

import ast
import builtins
from collections.abc import Iterator

from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

_MAX_NAMES = 8
_MAX_POOLED = 6
_MAX_ATTRIBUTES = 6
_MAX_TARGETS = 4

_FUNCTION_FAMILIES = (
    ("any", "all"), ("min", "max", "sum"), ("sorted", "reversed"),
    ("list", "set", "tuple", "sorted", "dict", "frozenset"),
    ("int", "float", "str", "abs", "len", "sum", "round", "bool", "repr"),
    ("isinstance", "issubclass"), ("range", "len", "enumerate", "reversed"),
    ("zip", "enumerate", "map", "filter"), ("ord", "chr"),
    ("getattr", "hasattr"), ("floor", "ceil", "trunc", "round"),
)
_METHOD_FAMILIES = (
    ("append", "extend", "add", "insert", "update"),
    ("pop", "popleft", "remove", "discard"), ("append", "appendleft"),
    ("strip", "lstrip", "rstrip"), ("lower", "upper", "title", "capitalize"),
    ("find", "rfind", "index", "rindex", "count"), ("split", "rsplit"),
    ("startswith", "endswith"), ("keys", "values", "items"),
    ("isalpha", "isalnum", "isdigit"), ("isupper", "islower"),
    ("get", "pop", "setdefault"),
    ("union", "intersection", "difference", "update"), ("read", "readlines"),
    ("match", "search", "fullmatch", "findall"), ("floor", "ceil", "trunc"),
    ("encode", "decode"), ("ljust", "rjust"), ("removeprefix", "removesuffix"),
)


def _siblings(families) -> dict[str, tuple[str, ...]]:
  """Maps each name to the others of its families, in order."""
  result = {}
  for family in families:
    for name in family:
      others = (*result.get(name, ()), *family)
      result[name] = tuple(n for n in dict.fromkeys(others) if n != name)
  return result


_FUNCTIONS = _siblings(_FUNCTION_FAMILIES)
METHODS = _siblings(_METHOD_FAMILIES)


def var_replace(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another name that is in scope."""
  called = _called_names(outline)
  for site in outline.of_type(ast.Name):
    if not parts.is_load(site):
      continue
    old = outline.texts[site.start]
    if isinstance(site.parent, ast.Call) and site.field == "func":
      names = called
    elif isinstance(site.parent, ast.Raise):
      continue  # Exception classes are a kind of their own.
    else:
      names = outline.names(site.scope, site.line)[:_MAX_NAMES]
      names = [*names, *outline.pools.names[:_MAX_POOLED]]
    for name in names:
      if name != old:
        yield site.start, site.end, (name,)
  yield from _receiver_added_or_dropped(outline)


def _called_names(outline: outlines.Outline) -> list[str]:
  """Returns what may be called by name: what is called, and the pool."""
  found = {
      token.text: None for token in outline.tokens
      if token.syntax == "call_name" and not hasattr(builtins, token.text)
  }
  for _, scope in outline.parameters:
    found.update(dict.fromkeys(scope.callables))
  names = [*found][:_MAX_NAMES]
  return [*names, *outline.pools.names[:_MAX_POOLED]]


def _receiver_added_or_dropped(
    outline: outlines.Outline
) -> Iterator[parts.Span]:
  """`self.x` for `x` and `x` for `self.x`, where both exist."""
  for site in outline.of_type(ast.Name):
    atoms = outline.atoms(site.scope, site.line)
    receiver = site.scope.receiver
    name = outline.texts[site.start]
    if receiver and (receiver, ".", name) in atoms:
      yield site.start, site.start, (receiver, ".")
  for site in outline.of_type(ast.Attribute):
    value = outline.site(site.node.value)
    is_own = outline.text(value) == (site.scope.receiver,)
    name = outline.texts[site.end - 1]
    if is_own and name in outline.names(site.scope, site.line):
      yield site.start, site.end - 1, ()


def func_replace(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another built-in function of the same family."""
  for site in outline.of_type(ast.Name):
    if not parts.is_load(site):
      continue
    for name in _FUNCTIONS.get(outline.texts[site.start], ()):
      yield site.start, site.end, (name,)


def attr_replace(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another attribute, or another method of the same family."""
  seen = {True: {}, False: {}}  # By whether they are called.
  bases = {}
  for site in outline.of_type(ast.Attribute):
    name, is_called = outline.texts[site.end - 1], site.field == "func"
    seen[is_called].setdefault(name)
    bases.setdefault(outline.texts[site.start], {}).setdefault(name)
  for site in outline.of_type(ast.Attribute):
    name, is_called = outline.texts[site.end - 1], site.field == "func"
    near = {n: None for n in bases[outline.texts[site.start]]
            if n in seen[is_called]}
    found = {**near, **seen[is_called]}
    names = [*list(found)[:_MAX_ATTRIBUTES],
             *outline.pools.attributes[:_MAX_POOLED]]
    if is_called:
      names = [*METHODS.get(name, ()), *names]
    for other in dict.fromkeys(names):
      if other != name:
        yield site.end - 1, site.end, (other,)


def target_replace(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another target of an assignment."""
  stores = [s for s in outline.of_type(ast.Name, ast.Subscript, ast.Attribute)
            if not parts.is_load(s)]
  for site in stores:
    if not isinstance(site.parent, (ast.Assign, ast.AugAssign)):
      continue
    text = outline.text(site)
    found = dict.fromkeys(
        outline.atoms(site.scope, site.line)[:_MAX_TARGETS])
    if isinstance(site.node, ast.Subscript):
      found.update(dict.fromkeys(
          outline.text(s) for s in outline.of_type(ast.Subscript)))
    for tokens in list(found)[:2 * _MAX_TARGETS]:
      is_bound = len(tokens) == 1 and tokens[0] in outline.declared
      if tokens != text and not is_bound and text[0] not in outline.declared:
        yield site.start, site.end, tokens
