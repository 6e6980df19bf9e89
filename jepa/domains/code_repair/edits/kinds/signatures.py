"""Signatures: defaults changed, added and dropped; parameters named."""

import ast
from collections.abc import Iterator

from jepa.domains.code_repair.edits.kinds import literals
from jepa.domains.code_repair.edits.kinds import operators
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import scopes

_DEFAULTS = (("None",), ("0",), ("1",), ("True",), ("False",), ("''",),
             ("(", ")"))
_MAX_NAMES = 3


def default(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Another default of a parameter, one more or one less."""
  for function, _ in outline.parameters:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    optional = positional[len(positional) - len(arguments.defaults):]
    required = positional[:len(positional) - len(arguments.defaults)]
    for arg, value in zip(optional, arguments.defaults):
      yield from _changed(outline, value)
    if optional:
      yield _dropped(outline, optional[0], arguments.defaults[0])
    if required and required[-1].arg not in scopes.IGNORED:
      yield from _added(outline, required[-1])
    for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults):
      if value is None:
        yield from _added(outline, arg)
      else:
        yield from _changed(outline, value)
        yield _dropped(outline, arg, value)


def _span(outline, value) -> tuple[int, int]:
  """Returns the tokens of a default with the parentheses around it."""
  start, end = outline.spans.begin(value), outline.spans.end(value)
  while outline.texts[start - 1] == "(" and (
      outline.texts[end] == ")"
      and not outline.spans.is_call_parenthesis(start - 1)):
    start, end = start - 1, end + 1
  return start, end


def _changed(outline, value) -> Iterator[parts.Span]:
  start, end = _span(outline, value)
  number = literals.signed_value(value)
  if type(number) is int:
    for other in dict.fromkeys((number + 1, number - 1, 0, 1, -number)):
      if other != number:
        yield start, end, operators.int_tokens(other)
  is_constant = isinstance(value, (ast.Constant, ast.UnaryOp))
  is_empty = not getattr(value, "elts", 1) or not getattr(value, "keys", 1)
  for tokens in _DEFAULTS:
    if (is_constant or is_empty or tokens == ("None",)) and (
        tuple(outline.texts[start:end]) != tokens):
      yield start, end, tokens


def _dropped(outline, arg, value) -> parts.Span:
  return outline.spans.end(arg), _span(outline, value)[1], ()


def _added(outline, arg) -> Iterator[parts.Span]:
  end = outline.spans.end(arg)
  for tokens in _DEFAULTS:
    yield end, end, ("=", *tokens)


def parameter(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A parameter gets a name that is used but that nothing binds, or is added.

  Callers may have to follow: it is for the tests to say.
  """
  function, _ = outline.parameters[0]
  arguments = function.args
  positional = [*arguments.posonlyargs, *arguments.args]
  required = positional[:len(positional) - len(arguments.defaults)]
  opened = outline.texts.index("(", outline.spans.begin(function))
  for name in outline.unbound_names()[:_MAX_NAMES]:
    for arg in (*positional, *arguments.kwonlyargs):
      if arg.arg not in scopes.IGNORED and arg.arg not in outline.declared:
        start = outline.spans.begin(arg)
        yield start, start + 1, (name,)
    if required:
      last = outline.spans.end(required[-1])
      yield last, last, (",", name)
    elif outline.texts[opened + 1] == ")":
      yield opened + 1, opened + 1, (name,)


def last_required(outline: outlines.Outline) -> parts.Span | None:
  """Returns the edit that drops the last parameter without a default."""
  arguments = outline.parameters[0][0].args
  positional = [*arguments.posonlyargs, *arguments.args]
  required = positional[:len(positional) - len(arguments.defaults)]
  if len(required) < 2:
    return None
  return outline.spans.end(required[-2]), outline.spans.end(required[-1]), ()
