"""Calls: arguments swapped, added and dropped."""

import ast
from collections.abc import Iterator
import itertools

from jepa.domains.code_repair.edits.kinds import wrappers
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import precedence

_MAX_SWAPPED = 4
_MAX_ATOMS = 2
_MAX_KEYWORDS = 3

# Arguments that calls of well-known functions often lack.
_KNOWN_KEYWORDS = {
    "sorted": (("reverse", ("True",)), ("key", ("len",)), ("key", ("str",))),
    "sort": (("reverse", ("True",)), ("key", ("len",))),
    "max": (("key", ("len",)), ("default", ("0",)), ("default", ("None",))),
    "min": (("key", ("len",)), ("default", ("0",)), ("default", ("None",))),
    "print": (("end", ("''",)), ("sep", ("''",))),
    "zip": (("strict", ("True",)),),
    "enumerate": (("start", ("1",)),),
    "split": (("maxsplit", ("1",)),),
    "open": (("encoding", ("'utf-8'",)),),
    "dumps": (("sort_keys", ("True",)),),
}
_KNOWN_ARGUMENTS = {
    "get": (("None",), ("0",), ("''",), ("False",)),
    "pop": (("0",), ("None",), ("-", "1")),
    "range": (("-", "1"), ("2",)),
    "getattr": (("None",),), "next": (("None",),), "round": (("2",),),
    "int": (("2",), ("16",)), "split": (("','",), ("' '",)),
    "insert": (("0",),), "sum": (("[", "]"),),
}

# What takes none of the keywords that a function of the file has.
_BUILTINS = frozenset((
    *wrappers.NAMES, "isinstance", "print", "zip", "map", "any", "all", "type",
    "dict", "iter", "next", "bool",
))


def swap_args(outline: outlines.Outline) -> Iterator[parts.Span]:
  """Two positional arguments the other way round."""
  for site in outline.of_type(ast.Call):
    arguments = [outline.site(a) for a in site.node.args][:_MAX_SWAPPED]
    for left, right in itertools.combinations(arguments, 2):
      yield exchanged(outline, left, right)


def exchanged(
    outline: outlines.Outline, left: parts.Site, right: parts.Site
) -> parts.Span:
  """Returns the edit that puts each of two expressions where the other was."""
  texts = outline.texts
  return left.outer_start, right.outer_end, (
      *texts[right.outer_start:right.outer_end],
      *texts[left.outer_end:right.outer_start],
      *texts[left.outer_start:left.outer_end],
  )


def call_arg(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A positional argument more or less."""
  for site in _plain_calls(outline):
    spans = argument_spans(outline, site)
    count = len(site.node.args)
    for k in range(count):
      yield parts.dropped(outline.texts, spans, k)
    if _is_generator_alone(site.node):
      continue
    for tokens in _arguments(outline, site):
      yield added(outline, site, spans, count, tokens)
    if count and parts.function_name(site.node) == "range":
      for tokens in (("1",), ("0",)):
        yield added(outline, site, spans, 0, tokens)


def keyword_arg(outline: outlines.Outline) -> Iterator[parts.Span]:
  """A keyword argument more, less, or by another name."""
  known = dict.fromkeys(
      t.text for t in outline.tokens if t.syntax == "keyword_arg")
  for site in _plain_calls(outline):
    node = site.node
    spans = argument_spans(outline, site)
    taken = [k.arg for k in node.keywords]
    for k, keyword in enumerate(node.keywords):
      yield parts.dropped(outline.texts, spans, len(node.args) + k)
      if keyword.arg:
        start = outline.spans.begin(keyword)
        for name in [n for n in known if n not in taken][:_MAX_KEYWORDS]:
          yield start, start + 1, (name,)
    if not _is_generator_alone(node):
      for name, value in _keywords(outline, site):
        if name not in taken:
          yield added(
              outline, site, spans, len(spans), (name, "=", *value))


def _plain_calls(outline: outlines.Outline) -> Iterator[parts.Site]:
  """Yields the calls with no positional argument after a keyword."""
  for site in outline.of_type(ast.Call):
    begins = list(map(
        outline.spans.begin, (*site.node.args, *site.node.keywords)))
    if begins == sorted(begins):
      yield site


def argument_spans(
    outline: outlines.Outline, site: parts.Site
) -> list[tuple[int, int]]:
  """Returns the spans of a call's arguments, in order."""
  arguments = map(outline.site, site.node.args)
  spans = [(s.outer_start, s.outer_end) for s in arguments]
  for keyword in site.node.keywords:
    value = outline.site(keyword.value)
    spans.append((outline.spans.begin(keyword), value.outer_end))
  return spans


def added(outline, site, spans, k, tokens) -> parts.Span:
  """Returns the edit that adds an argument before argument `k` of a call."""
  if k < len(spans):
    return spans[k][0], spans[k][0], (*tokens, ",")
  if spans:
    return spans[-1][1], spans[-1][1], (",", *tokens)
  start = outline.site(site.node.func).outer_end + 1
  return start, start, tokens


def _is_generator_alone(call) -> bool:
  return len(call.args) == 1 and isinstance(call.args[0], ast.GeneratorExp)


def _arguments(outline, site) -> list[parts.Tokens]:
  """Returns what may be added to the positional arguments of a call."""
  node = site.node
  present = {outline.text(outline.site(a)) for a in node.args}
  atoms = outline.atoms(site.scope, site.line)
  near = [a for a in atoms if a not in present][:_MAX_ATOMS]
  return [*_KNOWN_ARGUMENTS.get(parts.function_name(node), ()), *near]


def _keywords(outline, site):
  """Yields the name and value of keywords that a call may lack."""
  yield from _KNOWN_KEYWORDS.get(parts.function_name(site.node), ())
  func = outline.text(outline.site(site.node.func))
  for other in outline.of_type(ast.Call):
    if other is not site and (
        outline.text(outline.site(other.node.func)) == func):
      for keyword in other.node.keywords:
        if keyword.arg:
          yield keyword.arg, outline.fit(
              outline.site(keyword.value), precedence.TEST)
  passed = {outline.text(outline.site(a)) for a in site.node.args}
  function, scope = outline.parameters[0]
  for arg in function.args.kwonlyargs + function.args.args[::-1]:
    if (arg.arg,) not in passed and arg.arg in scope.bound:
      if not _is_builtin_call(site.node):
        yield arg.arg, (arg.arg,)
        break


def _is_builtin_call(call) -> bool:
  return isinstance(call.func, ast.Name) and call.func.id in _BUILTINS
