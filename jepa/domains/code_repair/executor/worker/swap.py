"""Putting a candidate's code into the functions that live, and back."""

import ast
from collections.abc import Iterator
import dataclasses
import sys
from types import CodeType
from types import FunctionType

from . import definition
from . import live


class Swap:
  """Code and defaults for some functions; a context manager.

  Modules are left alone, so every `from module import function` that ran
  before sees the candidate.
  """

  def __init__(self):
    self._code: list[tuple[FunctionType, CodeType, CodeType]] = []
    self._defaults: list[tuple[FunctionType, tuple, tuple]] = []

  def code(self, function: FunctionType, code: CodeType) -> None:
    """Plans to run `code` in `function`.

    Raises:
      CannotSwap: the code closes over other variables.
    """
    old = function.__code__
    if old.co_freevars != code.co_freevars:
      raise definition.CannotSwap(
          f"{old.co_qualname} closes over {old.co_freevars}, the candidate "
          f"over {code.co_freevars}"
      )
    self._code.append((function, old, code))

  def defaults(
      self, function: FunctionType, positional: tuple, keyword: dict
  ) -> None:
    old = (function.__defaults__, function.__kwdefaults__)
    new = (positional or None, keyword or None)
    self._defaults.append((function, old, new))

  def __enter__(self) -> None:
    for function, _, code in self._code:
      function.__code__ = code
    for function, _, new in self._defaults:
      function.__defaults__, function.__kwdefaults__ = new

  def __exit__(self, *unused_exc_info) -> None:
    for function, code, _ in self._code:
      function.__code__ = code
    for function, old, _ in self._defaults:
      function.__defaults__, function.__kwdefaults__ = old


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
  """A function's text and the live objects that run it.

  inner: for functions defined inside it that already live (made when a
    decorator ran at import, say), their position among the inner code.
  """
  site: definition.Site
  functions: tuple[FunctionType, ...]
  inner: tuple[tuple[tuple[str, int], tuple[FunctionType, ...]], ...]

  def replace(self, text: str, lines: list[str], code: CodeType) -> Swap:
    """Plans to replace the function by a candidate.

    Args:
      text, lines, code: of the candidate, the same thing three times.

    Raises:
      CannotSwap: only a fresh import can run the candidate.
    """
    swap = Swap()
    for function in self.functions:
      swap.code(function, code)
    header = self.site.num_header
    if lines[:header] != self.site.lines[:header] or not header:
      self._replace_header(swap, text)
    if self.inner:
      self._replace_inner(swap, code)
    return swap

  def _replace_inner(self, swap: Swap, code: CodeType) -> None:
    replaced = dict(inner_code(code))
    for position, functions in self.inner:
      if position not in replaced:
        raise definition.CannotSwap(
            f"the inner function {position[0]} lives since import, and the "
            "candidate does not have it"
        )
      for function in functions:
        swap.code(function, replaced[position])

  def _replace_header(self, swap: Swap, text: str) -> None:
    old, new = self.site.node, self.site.parse(text)
    for part in _IMPORT_TIME:
      if part(old) != part(new):
        raise definition.CannotSwap(
            f"{part.__name__.strip('_')} of {self.site.qualname} change, "
            "and those run at import"
        )
    if list(map(ast.dump, _defaults(old).values())) == list(
        map(ast.dump, _defaults(new).values())
    ) and list(_defaults(old)) == list(_defaults(new)):
      return
    for function in self.functions:
      swap.defaults(function, *_evaluate(self.site, function, old, new))


def place(functions: live.LiveFunctions, site: definition.Site) -> Place:
  """Finds the live objects of a function.

  Raises:
    CannotSwap: there are none.
  """
  found = functions.named(site.filename, site.qualname, site.lineno)
  if not found:
    raise definition.CannotSwap(
        f"no live function {site.qualname} comes from line {site.lineno} of "
        f"{site.filename}"
    )
  inner = tuple(
      (position, tuple(functions.of(code)))
      for position, code in inner_code(found[0].__code__)
      if functions.of(code)
  )
  return Place(site=site, functions=tuple(found), inner=inner)


def inner_code(
    code: CodeType,
) -> Iterator[tuple[tuple[str, int], CodeType]]:
  """Yields code defined inside `code`, with its name and ordinal."""
  seen: dict[str, int] = {}

  def walk(code):
    for constant in code.co_consts:
      if isinstance(constant, CodeType):
        name = constant.co_qualname
        seen[name] = seen.get(name, -1) + 1
        yield (name, seen[name]), constant
        yield from walk(constant)

  return walk(code)


def _decorators(node) -> list[str]:
  return [ast.dump(decorator) for decorator in node.decorator_list]


def _annotations(node) -> list[str]:
  args = node.args
  every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
  every += [a for a in (args.vararg, args.kwarg) if a is not None]
  found = [f"{a.arg}: {ast.dump(a.annotation)}" for a in every if a.annotation]
  return found + [ast.dump(node.returns) if node.returns else ""]


def _type_parameters(node) -> list[str]:
  return [ast.dump(p) for p in getattr(node, "type_params", ())]


# What a new `__code__` does not carry.
_IMPORT_TIME = (_decorators, _annotations, _type_parameters)


def _positional(args: ast.arguments) -> dict[str, ast.expr]:
  names = [a.arg for a in (*args.posonlyargs, *args.args)]
  with_default = names[len(names) - len(args.defaults):]
  return dict(zip(with_default, args.defaults, strict=True))


def _keyword(args: ast.arguments) -> dict[str, ast.expr]:
  pairs = zip(args.kwonlyargs, args.kw_defaults, strict=True)
  return {a.arg: default for a, default in pairs if default is not None}


def _defaults(node) -> dict[str, ast.expr]:
  return {**_positional(node.args), **_keyword(node.args)}


def _evaluate(site, function, old, new) -> tuple[tuple, dict]:
  """Values of the new defaults; those not edited stay the same objects."""
  kept = dict(zip(_positional(old.args), function.__defaults__ or ()))
  kept.update(function.__kwdefaults__ or {})
  dumps = {name: ast.dump(node) for name, node in _defaults(old).items()}
  module = function.__globals__
  names = _class_names(site, module)

  def value(name, node):
    if name in kept and dumps.get(name) == ast.dump(node):
      return kept[name]
    try:
      return site.evaluate(node, module, names)
    except Exception as error:
      raise definition.CannotSwap(
          f"the default of {name} raises {type(error).__name__}: {error}"
      ) from error

  positional = tuple(value(*p) for p in _positional(new.args).items())
  keyword = {n: value(n, d) for n, d in _keyword(new.args).items()}
  return positional, keyword


def _class_names(site, module: dict) -> dict:
  """Names that the class body, where defaults are evaluated, provides."""
  thing = sys.modules.get(module.get("__name__"))
  *classes, _ = site.qualname.split(".")
  for name in classes:
    thing = getattr(thing, name, None)
  return dict(vars(thing)) if classes and isinstance(thing, type) else {}
