"""Opening a function: the walk that finds its expressions and statements."""

import ast

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence
from jepa.domains.code_repair.edits.outline import scopes
from jepa.domains.code_repair.edits.outline import spans as spans_lib

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TRY_STAR = getattr(ast, "TryStar", ())


class Opening:
  """What one walk over a function finds.

  sites: every expression that edits may change, outer before inner.
  blocks: every list of statements.
  parameters: pairs of a (nested) function's node and its scope.
  declared: names of `global` and `nonlocal` statements.
  bare: ids of generators whose parentheses are their call's.
  loop_ends: for the start of each line in a loop, the index after the loop.
  """

  def __init__(self, function: source_lib.Function, spans: spans_lib.Spans):
    self.sites: list[parts.Site] = []
    self.blocks: list[parts.Block] = []
    self.parameters: list[tuple[ast.AST, scopes.Scope]] = []
    self.declared: set[str] = set()
    self.bare: set[int] = set()
    self.loop_ends: dict[int, int] = {}
    self._spans = spans
    self._tokens = function.tokens
    self._texts = [t.text for t in function.tokens]
    self._enter_function(function.tree, None)

  def _enter_function(self, node, parent):
    scope = scopes.function(node, parent)
    arguments = node.args
    for arg in (*arguments.posonlyargs, *arguments.args, arguments.vararg,
                *arguments.kwonlyargs, arguments.kwarg):
      if arg is not None:
        scope.bind(arg.arg, self._spans.begin(arg))
    self.parameters.append((node, scope))
    self._enter_block(node, "body", parts.Block(
        node, "body", (), node, scope, False, 0, True))

  def _enter_block(self, owner, field, block):
    """Records one list of statements and what is inside them.

    Args:
      block: the block of which all but owner, field and statements hold here.
    """
    statements = [self._statement(node) for node in getattr(owner, field)]
    for node, start, end, _ in statements:
      comes_round = block.loop_end or isinstance(node, ast.While) and end
      line = self._spans.line(start)
      self.loop_ends.setdefault(line, comes_round or 0)
    # Nothing can be put before an `elif`.
    first, *_ = statements
    can_grow = self._texts[first.start + first.whole] != "elif"
    self.blocks.append(block._replace(
        owner=owner, field=field, statements=tuple(statements),
        is_open=block.is_open and can_grow,
    ))
    for statement in statements:
      self._enter_statement(statement, block)

  def _statement(self, node) -> parts.Statement:
    decorators = getattr(node, "decorator_list", ())
    first = min(
        (node, *decorators), key=lambda n: (n.lineno, n.col_offset))
    start = self._spans.begin(first) - bool(decorators)  # With its "@".
    end = self._spans.end(node)
    whole = self._tokens[start - 1].syntax == "newline" and (
        end == len(self._tokens) or self._tokens[end].syntax == "newline")
    return parts.Statement(node, start - whole, end, whole)

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
        block.scope.bind(handler.name, self._spans.begin(handler))
      self._enter_places(handler, block.scope)
      self._enter_block(handler, "body", block)

  def _enter_cases(self, node, block):
    for case in getattr(node, "cases", ()):
      for pattern in ast.walk(case.pattern):
        name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
        if name:
          block.scope.bind(name, self._spans.begin(pattern))
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
            scope.bind(arg.arg, self._spans.begin(arg))
      places = sorted(places, key=lambda place: place[0] != "generators")
    for field, need in places:
      value = getattr(node, field)
      for child in value if isinstance(value, list) else (value,):
        if isinstance(child, ast.expr):
          self._enter_expression(child, node, field, need, scope)
        elif child is not None:
          self._enter_places(child, scope)

  def _enter_expression(self, node, parent, field, need, scope):
    start, end = self._spans.begin(node), self._spans.end(node)
    if isinstance(node, ast.GeneratorExp) and (
        self._spans.is_call_parenthesis(start)):
      self.bare.add(id(node))
      start, end = start + 1, end - 1
    outer_start, outer_end = self._spans.parentheses(start, end)
    if outer_start < start:
      need = precedence.NAMED
    site = parts.Site(
        node, parent, field, start, end, outer_start, outer_end, need, scope,
        self._spans.line(start),
    )
    self.sites.append(site)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
      scope.bind(self._texts[start], start)
    self._enter_places(node, scope)
