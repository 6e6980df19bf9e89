"""Which edits the grammar lacks: how wrong functions differ from right ones.

  python -m tests.benchmarks.grammar_gaps --data_dir=data

A wrong function is laid beside every right one that a student handed in, names
of variables aside. Where the nearest of these differs in one place only, that
difference is an edit that somebody needed: either it is one of the grammar's
or it is printed. Nothing is executed, so this says less than
`students_reach`: another edit may repair the function as well.

Printed on 2026-11-26: 166 of 227 differences are edits of the grammar, 116 of
them before it was widened with these in sight.
"""

import ast
import builtins
import collections
from collections.abc import Iterable, Iterator
import difflib
import keyword
import pathlib
from typing import NamedTuple
import zipfile

from absl import app
from absl import flags
from jepa.domains.code_repair import bugs
from jepa.domains.code_repair import corpus
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import packages
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import students

_DATA_DIR = flags.DEFINE_string("data_dir", "data", "As given to prepare.")
_LONGEST = flags.DEFINE_integer("longest", 12, "Tokens of a difference.")
_MAX_TOKENS = settings_lib.Settings().max_tokens
_CONTEXT = 6  # Tokens that are printed before and after a difference.

# Tokens with variables numbered, in the order in which they are named.
_Shape = tuple[str, ...]


class _Gap(NamedTuple):
  """The one place in which a wrong function differs from a right one."""
  start: int
  end: int
  right: _Shape
  insert: _Shape


def _shape(function: source.Function) -> _Shape:
  names: dict[str, str] = {}
  found = []
  for token in function.tokens:
    text = token.text
    is_variable = text.isidentifier() and not keyword.iskeyword(text) and (
        not hasattr(builtins, text)
        and token.syntax not in ("attribute", "keyword_arg"))
    if is_variable:
      text = names.setdefault(text, f"v{len(names)}")
    elif text[0] in "\"'":
      text = repr(ast.literal_eval(text))
    found.append(text)
  return tuple(found)


def _solutions(
    question: students.Question, wheel: pathlib.Path
) -> dict[str, set[_Shape]]:
  """Returns the shapes of right functions, by their names."""
  place = f"debugging_benchmark/refactory/{question.folder}/code"
  found = collections.defaultdict(set)
  with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
      if name.startswith((f"{place}/correct/", f"{place}/reference/")):
        try:
          functions = source.functions(archive.read(name).expandtabs())
        except source.SourceError:
          continue
        for function in functions:
          found[function.qualname].add(_shape(function))
  return found


def _gap(wrong: _Shape, solutions: Iterable[_Shape]) -> _Gap | None:
  """Returns the least single difference from a solution, if there is one."""
  found = []
  counts = collections.Counter(wrong)
  for right in solutions:
    other = collections.Counter(right)
    if ((counts - other) + (other - counts)).total() > 2 * _LONGEST.value:
      continue
    matcher = difflib.SequenceMatcher(None, wrong, right, autojunk=False)
    changed = [c for c in matcher.get_opcodes() if c[0] != "equal"]
    if len(changed) == 1:
      (_, start, end, first, last), = changed
      found.append(_Gap(start, end, right, right[first:last]))
  size = lambda gap: max(gap.end - gap.start, len(gap.insert))
  best = min(found, key=size, default=None)
  return best if best and size(best) <= _LONGEST.value else None


def _gaps(
    question: students.Question, root: pathlib.Path, wheel: pathlib.Path
) -> Iterator[tuple[source.Function, _Shape, _Gap]]:
  solutions = _solutions(question, wheel)
  for bug in bugs.read(root / question.folder / students.BUGS):
    function, *_ = source.functions(bug["text"].encode())
    shape = _shape(function)
    right = solutions[bug["qualname"]]
    if len(shape) <= _MAX_TOKENS and shape not in right:
      gap = _gap(shape, right)
      if gap:
        yield function, shape, gap


def _kind(function: source.Function, gap: _Gap) -> str | None:
  """Returns the kind of the edit that closes a gap."""
  for edit in edits.enumerate_edits(function):
    if _shape(edits.apply_edit(function, edit)) == gap.right:
      return edit.kind
  return None


def main(argv):
  del argv
  cache = pathlib.Path(_DATA_DIR.value, "cache")
  root = corpus.fetch([packages.STUDENTS], cache)[packages.STUDENTS.name]
  wheel, = cache.rglob(packages.STUDENTS.wheel)
  kinds = collections.Counter()
  for question in students.QUESTIONS:
    for function, shape, gap in _gaps(question, root, wheel):
      kind = _kind(function, gap)
      kinds[kind] += 1
      if kind is None:
        parts = (shape[max(0, gap.start - _CONTEXT):gap.start], ("[[",),
                 shape[gap.start:gap.end], ("->",), gap.insert, ("]]",),
                 shape[gap.end:gap.end + _CONTEXT])
        text = " ".join(token for part in parts for token in part)
        print(f"{function.qualname}: {text.replace(chr(10), '/')}")
  total = kinds.total()
  found = total - kinds[None]
  print(f"{found} of {total} differences are edits of the grammar")
  for kind, count in kinds.most_common():
    print(f"{count:4d}  {kind or '(none)'}")


if __name__ == "__main__":
  app.run(main)
