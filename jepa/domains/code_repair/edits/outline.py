"""A function laid open: its expressions and statements with their tokens.

Every kind of edit reads an `Outline` and yields spans of tokens; nothing here
rewrites a tree.
"""

import ast
import builtins
import collections
import functools
import itertools
from typing import NamedTuple

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits import precedence
from jepa.domains.code_repair.edits import scopes
from jepa.domains.code_repair.edits.edit import Pools

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_TRY_STAR = getattr(ast, "TryStar", ())
_VARIABLES = frozenset(("name_load", "name_store", "parameter", "call_name"))

Tokens = tuple[str, ...]


class Site(NamedTuple):
  """An expression and its place.

  start, end: half-open span of tokens, without parentheses put around it.
  outer_start, outer_end: the span with these parentheses.
  need: the least precedence of what may replace [start, end).
  line: index of the token that starts its line.
  """
  node: ast.expr
  parent: ast.AST
  field: str
  start: int
  end: int
  outer_start: int
  outer_end: int
  need: int
  scope: scopes.Scope
  line: int


class Statement(NamedTuple):
  """A statement; its span starts with its `\\n` token if it is whole.

  whole: whether it shares its lines with no other statement.
  """
  node: ast.stmt
  start: int
  end: int
  whole: bool


class Block(NamedTuple):
  """Statements in a row.

  owner: the node whose field they are.
  function: the innermost function around them.
  in_loop: whether `break` may stand here.
  loop_end: index after the outermost loop around them in their function, 0 if
    there is none.
  is_open: whether statements may be put in and taken out.
  """
  owner: ast.AST
  field: str
  statements: tuple[Statement, ...]
  function: ast.FunctionDef | ast.AsyncFunctionDef
  scope: scopes.Scope
  in_loop: bool
  loop_end: int
  is_open: bool


class Outline:
  """What the kinds of edits need to know of one function.

  texts: text of each token.
  sites: every expression that edits may change, outer before inner.
  blocks: every list of statements.
  parameters: pairs of a (nested) function's node and its scope.
  declared: names of `global` and `nonlocal` statements.
  """

  def __init__(self, function: source_lib.Function, pools: Pools):
    self.function = function
    self.pools = pools
    self.tokens = function.tokens
    self.texts = [t.text for t in function.tokens]
    self.sites: list[Site] = []
    self.blocks: list[Block] = []
    self.parameters = []
    self.declared: set[str] = set()
    self._begins = {t.start: i for i, t in enumerate(self.tokens)
                    if t.syntax != "newline"}
    self._ends = {t.end: i + 1 for i, t in enumerate(self.tokens)
                  if t.syntax != "newline"}
    self._line_of = self._index_lines()
    self._loop_ends: dict[int, int] = {}
    self._of_node: dict[int, Site] = {}
    self._by_type = collections.defaultdict(list)
    self._bare = set()  # Generators whose parentheses are their call's.
    self._near = {}
    self._generators: dict[int, bool] = {}
    self._enter_function(function.tree, None)
    self._occurrences = self._index_occurrences()

  # Looking up.

  def of_type(self, *types: type) -> list[Site]:
    """Returns the sites whose node is exactly of one of `types`."""
    if len(types) == 1:
      return self._by_type[types[0]]
    wanted = frozenset(types)
    return [site for site in self.sites if type(site.node) in wanted]

  def site(self, node: ast.AST) -> Site | None:
    return self._of_node.get(id(node))

  def begin(self, node: ast.AST) -> int:
    """Returns the index of a node's first token."""
    return self._begins[
        self.function.offset(node.lineno, node.col_offset)]

  def end(self, node: ast.AST) -> int:
    """Returns the index after a node's last token."""
    return self._ends[
        self.function.offset(node.end_lineno, node.end_col_offset)]

  def line(self, index: int) -> int:
    """Returns the index of the token that starts the line of a token."""
    return self._line_of[index]

  def is_call_parenthesis(self, index: int) -> bool:
    """Whether the "(" at `index` belongs to what is left of it."""
    before = self.tokens[index - 1]
    if before.syntax in ("newline", "keyword", "operator"):
      return before.text in ("None", "True", "False")
    return before.syntax != "delimiter" or before.text in (")", "]", "}")

  # Building replacements.

  def precedence(self, site: Site) -> int:
    if isinstance(site.node, ast.Tuple):
      return precedence.ATOM if self._is_closed(site) else precedence.TUPLE
    if id(site.node) in self._bare:
      return precedence.NAMED
    return precedence.of_node(site.node)

  def text(self, site: Site) -> Tokens:
    """Returns the tokens of an expression, without parentheses around it."""
    return tuple(self.texts[site.start:site.end])

  def regular_text(self, site: Site) -> Tokens:
    """Returns `text` as an expression with one spelling has it."""
    if site.line not in self.irregular_lines:
      return self.text(site)
    return source_lib.split(ast.unparse(site.node))

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
          irregular = not self.is_call_parenthesis(i)
        case ",":
          irregular = following.text in (")", "]", "}")
        case _:
          irregular = token.syntax == following.syntax == "string"
      if irregular:
        found.add(self._line_of[i])
    return frozenset(found)

  def fit(self, site: Site, need: int) -> Tokens:
    """Returns the tokens of an expression for a place of that need."""
    return parenthesised(self.text(site), self.precedence(site), need)

  def binary(self, left: Site, symbol: str, right: Site, need: int) -> Tokens:
    """Returns the tokens of `left symbol right` for a place of that need."""
    left_need, right_need = precedence.operand_needs(symbol)
    tokens = (
        *self.fit(left, left_need), symbol, *self.fit(right, right_need)
    )
    return parenthesised(tokens, precedence.OPERATORS[symbol], need)

  # Names.

  def atoms(
      self, scope: scopes.Scope, line: int, loop_end: int = 0
  ) -> list[Tokens]:
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

  def holds_value(self, site: Site) -> bool:
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

  # Opening the function.

  def _index_lines(self) -> list[int]:
    result = []
    for i, token in enumerate(self.tokens):
      result.append(i if token.syntax == "newline" else result[-1])
    return result

  def _index_occurrences(self) -> dict[Tokens, list[int]]:
    result = collections.defaultdict(list)
    for i, token in enumerate(self.tokens):
      if token.syntax in _VARIABLES:
        result[token.text,].append(i)
      elif token.syntax == "attribute" and (
          self.texts[i - 2] in ("self", "cls")):
        result[self.texts[i - 2], ".", token.text].append(i)
    return result

  def _is_closed(self, site: Site) -> bool:
    """Whether a tuple has parentheses of its own."""
    if self.texts[site.start] != "(":
      return False
    elements = site.node.elts
    return not elements or self.site(elements[0]).outer_start > site.start

  def _enter_function(self, node, parent):
    scope = scopes.function(node, parent)
    arguments = node.args
    for arg in (*arguments.posonlyargs, *arguments.args, arguments.vararg,
                *arguments.kwonlyargs, arguments.kwarg):
      if arg is not None:
        scope.bind(arg.arg, self.begin(arg))
    self.parameters.append((node, scope))
    self._enter_block(node, "body", Block(
        node, "body", (), node, scope, False, 0, True))

  def _enter_block(self, owner, field, block):
    """Records one list of statements and what is inside them.

    Args:
      block: the block of which all but owner, field and statements hold here.
    """
    statements = []
    for node in getattr(owner, field):
      first = node
      for decorator in getattr(node, "decorator_list", ()):
        first = min(first, decorator, key=lambda n: (n.lineno, n.col_offset))
      start = self.begin(first) - (first is not node)  # The "@" before it.
      end = self.end(node)
      comes_round = block.loop_end or isinstance(node, ast.While) and end
      self._loop_ends.setdefault(self._line_of[start], comes_round or 0)
      whole = self.tokens[start - 1].syntax == "newline" and (
          end == len(self.tokens) or self.tokens[end].syntax == "newline")
      statements.append(Statement(node, start - whole, end, whole))
    # Nothing can be put before an `elif`.
    first, *_ = statements
    can_grow = self.texts[first.start + first.whole] != "elif"
    self.blocks.append(block._replace(
        owner=owner, field=field, statements=tuple(statements),
        is_open=block.is_open and can_grow,
    ))
    for statement in statements:
      self._enter_statement(statement, block)

  def _enter_statement(self, statement, block):
    node, scope = statement.node, block.scope
    match node:
      case ast.FunctionDef() | ast.AsyncFunctionDef():
        scope.callables.append(node.name)
        self._enter_function(node, scope)
        return
      case ast.ClassDef():
        scope.callables.append(node.name)
        block = block._replace(is_open=False)  # Nothing returns from there.
      case ast.Import() | ast.ImportFrom():
        scope.callables += [
            (a.asname or a.name).split(".")[0] for a in node.names]
      case ast.Global() | ast.Nonlocal():
        self.declared.update(node.names)
    self._enter_places(node, scope)
    for field in ("body", "orelse", "finalbody"):
      if getattr(node, field, None):
        inner = block
        if isinstance(node, _LOOPS) and field == "body":
          inner = block._replace(
              in_loop=True, loop_end=block.loop_end or statement.end)
        self._enter_block(node, field, inner)
    self._enter_handlers(node, block)
    self._enter_cases(node, block)

  def _enter_handlers(self, node, block):
    # No return, break or continue may leave an `except*`.
    if isinstance(node, _TRY_STAR):
      block = block._replace(is_open=False)
    for handler in getattr(node, "handlers", ()):
      if handler.name:
        block.scope.bind(handler.name, self.begin(handler))
      self._enter_places(handler, block.scope)
      self._enter_block(handler, "body", block)

  def _enter_cases(self, node, block):
    for case in getattr(node, "cases", ()):
      for pattern in ast.walk(case.pattern):
        name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
        if name:
          block.scope.bind(name, self.begin(pattern))
      self._enter_places(case, block.scope)
      self._enter_block(case, "body", block)

  def _enter_places(self, node, scope):
    """Records the expressions below a node, comprehensions' targets first."""
    places = precedence.places(node)
    if isinstance(node, (*_COMPREHENSIONS, ast.Lambda)):
      scope = scopes.comprehension(scope)
      if isinstance(node, ast.Lambda):
        for arg in ast.walk(node.args):
          if isinstance(arg, ast.arg):
            scope.bind(arg.arg, self.begin(arg))
      places = sorted(places, key=lambda place: place[0] != "generators")
    for field, need in places:
      value = getattr(node, field)
      for child in value if isinstance(value, list) else (value,):
        if isinstance(child, ast.expr):
          self._enter_expression(child, node, field, need, scope)
        elif child is not None:
          self._enter_places(child, scope)

  def _enter_expression(self, node, parent, field, need, scope):
    start, end = self.begin(node), self.end(node)
    if isinstance(node, ast.GeneratorExp) and self.is_call_parenthesis(start):
      self._bare.add(id(node))
      start, end = start + 1, end - 1
    outer_start, outer_end = start, end
    texts = self.texts
    while (outer_end < len(texts) and texts[outer_start - 1] == "("
           and texts[outer_end] == ")"
           and not self.is_call_parenthesis(outer_start - 1)):
      outer_start, outer_end = outer_start - 1, outer_end + 1
    if outer_start < start:
      need = precedence.NAMED
    site = Site(
        node, parent, field, start, end, outer_start, outer_end, need, scope,
        self._line_of[start],
    )
    self.sites.append(site)
    self._of_node[id(node)] = site
    self._by_type[type(node)].append(site)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
      scope.bind(self.texts[start], start)
    self._enter_places(node, scope)


def parenthesised(tokens: Tokens, own: int, need: int) -> Tokens:
  """Returns `tokens` of precedence `own` for a place of that need."""
  return tokens if own >= need else ("(", *tokens, ")")


def is_load(site: Site) -> bool:
  """Whether an expression is read, not assigned or deleted."""
  return isinstance(getattr(site.node, "ctx", None), (ast.Load, type(None)))
