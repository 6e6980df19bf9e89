"""A function laid open: its expressions and statements with their tokens.

Every kind of edit reads an `Outline` and yields spans of tokens; nothing here
rewrites a tree.
"""

import ast
import builtins
import collections
import functools
import itertools

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import records
from jepa.domains.code_repair.edits.outline import opening as opening_lib
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence
from jepa.domains.code_repair.edits.outline import scopes
from jepa.domains.code_repair.edits.outline import spans as spans_lib

_VARIABLES = frozenset(("name_load", "name_store", "parameter", "call_name"))

class Outline:
  """What the kinds of edits need to know of one function.

  texts: text of each token.
  spans: finds tokens of nodes.
  sites, blocks, parameters, declared: as in `Opening`.
  """

  def __init__(self, function: source_lib.Function, pools: records.Pools):
    self.function = function
    self.pools = pools
    self.tokens = function.tokens
    self.texts = [t.text for t in function.tokens]
    self.spans = spans_lib.Spans(function)
    opening = opening_lib.Opening(function, self.spans)
    self.sites = opening.sites
    self.blocks = opening.blocks
    self.parameters = opening.parameters
    self.declared = opening.declared
    self._bare = opening.bare
    self._loop_ends = opening.loop_ends
    self._of_node = {id(site.node): site for site in self.sites}
    self._by_type = collections.defaultdict(list)
    for site in self.sites:
      self._by_type[type(site.node)].append(site)
    self._near = {}
    self._generators: dict[int, bool] = {}
    self._occurrences = self._index_occurrences()

  # Looking up.

  def of_type(self, *types: type) -> list[parts.Site]:
    """Returns the sites whose node is exactly of one of `types`."""
    if len(types) == 1:
      return self._by_type[types[0]]
    wanted = frozenset(types)
    return [site for site in self.sites if type(site.node) in wanted]

  def site(self, node: ast.AST) -> parts.Site | None:
    return self._of_node.get(id(node))

  def line_end(self, index: int) -> int:
    """Returns the index after the line of a token: of the next line's start."""
    following = range(index + 1, len(self.texts))
    starts = (i for i in following if tokens_lib.is_newline(self.texts[i]))
    return next(starts, len(self.texts))

  # Building replacements.

  def precedence(self, site: parts.Site) -> int:
    if isinstance(site.node, ast.Tuple):
      return precedence.ATOM if self._is_closed(site) else precedence.TUPLE
    if id(site.node) in self._bare:
      return precedence.NAMED
    return precedence.of_node(site.node)

  def text(self, site: parts.Site) -> parts.Tokens:
    """Returns the tokens of an expression, without parentheses around it."""
    return tuple(self.texts[site.start:site.end])

  def regular_text(self, site: parts.Site) -> parts.Tokens:
    """Returns `text` as an expression with one spelling has it."""
    if site.line not in self.irregular_lines:
      return self.text(site)
    return tokens_lib.split(ast.unparse(site.node))

  @functools.cached_property
  def irregular_lines(self) -> frozenset[int]:
    """The lines that a program may spell in more than one way.

    Those with parentheses of their own, a comma at the end, adjacent strings,
    or a tuple.
    """
    found = {site.line for site in self.of_type(ast.Tuple)}
    for i, (token, following) in enumerate(itertools.pairwise(self.tokens)):
      match token.text:
        case "(":
          irregular = not self.spans.is_call_parenthesis(i)
        case ",":
          irregular = following.text in (")", "]", "}")
        case _:
          irregular = token.syntax == following.syntax == "string"
      if irregular:
        found.add(self.spans.line(i))
    return frozenset(found)

  def fit(self, site: parts.Site, need: int) -> parts.Tokens:
    """Returns the tokens of an expression for a place of that need."""
    return parts.parenthesised(self.text(site), self.precedence(site), need)

  def binary(
      self, left: parts.Site, symbol: str, right: parts.Site, need: int
  ) -> parts.Tokens:
    """Returns the tokens of `left symbol right` for a place of that need."""
    left_need, right_need = precedence.operand_needs(symbol)
    tokens = (
        *self.fit(left, left_need), symbol, *self.fit(right, right_need)
    )
    return parts.parenthesised(tokens, precedence.OPERATORS[symbol], need)

  # Names.

  def atoms(
      self, scope: scopes.Scope, line: int, loop_end: int = 0
  ) -> list[parts.Tokens]:
    """Returns the variables and receiver's attributes usable in a line.

    Those mentioned nearest to the line come first.

    Args:
      line: index of the token that starts the line, or would start it.
      loop_end: `Block.loop_end`, for a line that is not there yet.
    """
    key = id(scope), line, loop_end
    if key not in self._near:
      names = scope.visible(max(line, loop_end, self._loop_ends.get(line, 0)))
      found = [(name,) for name in names]
      if scope.receiver:
        found += [
            atom for atom in self._occurrences
            if len(atom) == 3 and atom[0] == scope.receiver
        ]
      self._near[key] = scopes.nearest(self._occurrences, found, line)
    return self._near[key]

  def names(self, scope: scopes.Scope, line: int) -> list[str]:
    """Returns the variables alone, as `atoms` orders them."""
    return [a[0] for a in self.atoms(scope, line) if len(a) == 1]

  def unbound_names(self) -> list[str]:
    """Returns the names that are read but that nothing in the file binds."""
    bound = {*self.function.module_names, *self.pools.names, *self.declared}
    for _, scope in self.parameters:
      bound.update(scope.bound, scope.callables)
    for site in self.of_type(ast.Name):
      bound.update(site.scope.bound)
    return list(dict.fromkeys(
        token.text for token in self.tokens
        if token.syntax in ("name_load", "call_name")
        and token.text not in bound and token.text not in scopes.IGNORED
        and not hasattr(builtins, token.text)
    ))

  def holds_value(self, site: parts.Site) -> bool:
    """Whether an expression is data, not a function, class or module.

    A guess: names of the module and built-in ones are data if upper-case.
    """
    if isinstance(site.node, (ast.Name, ast.Attribute)):
      name = self.texts[site.start]
      if not name.isupper() and all(
          name not in scope.bound for scope in site.scope.chain()):
        return name not in self._known_names
    return True

  @functools.cached_property
  def _known_names(self) -> frozenset[str]:
    """Names that the module or Python itself binds."""
    return frozenset(self.function.module_names).union(dir(builtins))

  def is_generator(self, function: ast.AST) -> bool:
    """Whether a function, or one inside it, yields."""
    if id(function) not in self._generators:
      self._generators[id(function)] = any(
          isinstance(node, (ast.Yield, ast.YieldFrom))
          for node in ast.walk(function))
    return self._generators[id(function)]

  def may_return_value(self, function: ast.AST) -> bool:
    """Whether `return x` compiles in a function: not where `await` yields."""
    return not (isinstance(function, ast.AsyncFunctionDef)
                and self.is_generator(function))

  def _index_occurrences(self) -> dict[parts.Tokens, list[int]]:
    result = collections.defaultdict(list)
    for i, token in enumerate(self.tokens):
      if token.syntax in _VARIABLES:
        result[token.text,].append(i)
      elif token.syntax == "attribute" and (
          self.texts[i - 2] in ("self", "cls")):
        result[self.texts[i - 2], ".", token.text].append(i)
    return result

  def _is_closed(self, site: parts.Site) -> bool:
    """Whether a tuple has parentheses of its own."""
    if self.texts[site.start] != "(":
      return False
    elements = site.node.elts
    return not elements or self.site(elements[0]).outer_start > site.start
