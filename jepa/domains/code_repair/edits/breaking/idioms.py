"""Idioms: choices spelled with `max`, `min`, `get`, `or` or `try`.

Other spellings of a function, whose calls and clauses can then be missing.
"""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence

# The function that takes the left side where a comparison holds, and the one
# that takes the right side.
_CHOICES = {
    ast.Lt: ("min", "max"), ast.LtE: ("min", "max"), ast.Gt: ("max", "min"),
    ast.GtE: ("max", "min"),
}
# What is done instead in a handler that the grammar may put back.
_DEFAULTS = (("None",), ("False",), ("0",))


def limited(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`a if a < b else b` as `min(b, a)`; `if a < b: a = b` as a `max`."""
  for site in outline.of_type(ast.IfExp):
    node = site.node
    tokens = _choice(outline, node.test, node.body, node.orelse)
    if tokens:
      yield site.start, site.end, tokens
  for block in outline.blocks:
    for statement in block.statements if block.is_open else ():
      match statement.node:
        case ast.If(test=test, body=[ast.Assign(
            targets=[ast.Name() as target], value=value)], orelse=[]):
          tokens = _choice(outline, test, value, target)
          if tokens and statement.whole:
            depth = outline.tokens[statement.start].depth
            yield statement.start, statement.end, (
                tokens_lib.newline(depth), target.id, "=", *tokens)


def _choice(outline, test, body, orelse) -> parts.Tokens:
  """Returns `body if test else orelse` as a call, () if it is none."""
  if not isinstance(test, ast.Compare) or len(test.ops) > 1 or (
      type(test.ops[0]) not in _CHOICES):
    return ()
  sides = [outline.text(outline.site(n))
           for n in (test.left, test.comparators[0])]
  chosen = [outline.text(outline.site(n)) for n in (body, orelse)]
  if sorted(chosen) != sorted(sides) or chosen[0] == chosen[1]:
    return ()
  name = _CHOICES[type(test.ops[0])][sides.index(chosen[0])]
  return name, "(", *chosen[1], ",", *chosen[0], ")"


def looked_up(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`a[b] if b in a else c` as `a.get(b, c)`."""
  for site in outline.of_type(ast.IfExp):
    match site.node:
      case ast.IfExp(test=ast.Compare(
          left=key, ops=[ast.In()], comparators=[mapping]),
                     body=ast.Subscript() as item, orelse=other):
        pass
      case ast.IfExp(test=ast.Compare(
          left=key, ops=[ast.NotIn()], comparators=[mapping]),
                     body=other, orelse=ast.Subscript() as item):
        pass
      case _:
        continue
    key, mapping, item, other = map(
        outline.site, (key, mapping, item, other))
    text = outline.text(mapping)
    if outline.text(item) == (*text, "[", *outline.text(key), "]"):
      yield site.start, site.end, (
          *text, ".", "get", "(", *outline.text(key), ",",
          *outline.fit(other, precedence.TEST), ")")


def stood_in(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`a if a else b` as `a or b`."""
  for site in outline.of_type(ast.IfExp):
    test, body, rest = map(
        outline.site, (site.node.test, site.node.body, site.node.orelse))
    if outline.text(test) == outline.text(body):
      need, _ = precedence.operand_needs("or")
      yield site.start, site.end, parts.parenthesised(
          (*outline.fit(body, need), "or", *outline.fit(rest, need)),
          precedence.OR, site.need)


def caught(outline: outlines.Outline) -> Iterator[parts.Span]:
  """`a = b.get(c)` as a `try` round `a = b[c]`, where other calls ask, too."""
  for block in outline.blocks:
    for statement in block.statements if block.is_open else ():
      match statement.node:
        case ast.Return(value=ast.Call() as value):
          leave = ("return",)
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as value):
          leave = (name, "=")
        case _:
          continue
      error, tokens, default = _asked(outline, value)
      if not tokens or default not in _DEFAULTS or not statement.whole:
        continue
      depth = outline.tokens[statement.start].depth
      outer, inner = tokens_lib.newline(depth), tokens_lib.newline(depth + 1)
      yield statement.start, statement.end, (
          outer, "try", ":", inner, *leave, *tokens,
          outer, "except", error, ":", inner, *leave, *default)


def _asked(outline, call) -> tuple[str, parts.Tokens, parts.Tokens]:
  """Returns what raises what in place of a default, and the default."""
  text = lambda node: outline.text(outline.site(node))
  match call:
    case ast.Call(func=ast.Attribute(value=mapping, attr="get"),
                  args=[key, *rest], keywords=[]):
      default = text(rest[0]) if rest else ("None",)
      return "KeyError", (*text(mapping), "[", *text(key), "]"), default
    case ast.Call(func=ast.Attribute(attr="pop"), args=[key, default],
                  keywords=[]):
      return "KeyError", (
          *text(call.func), "(", *text(key), ")"), text(default)
    case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, default]):
      return "AttributeError", (
          "getattr", "(", *text(owner), ",", *text(name), ")"), text(default)
    case ast.Call(func=ast.Name(id="next"), args=[items, default]):
      return "StopIteration", ("next", "(", *text(items), ")"), text(default)
  return "", (), ()
