"""Whether a breaking edit may be undone by a fix of a certain kind.

Cheap tests of the tokens that an edit removes, so that few searches for a fix
are in vain. What they let pass is still to be found in the grammar.
"""

from collections.abc import Sequence
import keyword
import re

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import keys
from jepa.domains.code_repair.edits import records
from jepa.domains.code_repair.edits.kinds import names
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

# Shapes of what is removed, where @ is a name or an attribute.
_TEST = r"(not )?@|@ is (not )?None|@ (<|>|==|!=|<=) (@|0)"
_NUMBER = r"[0-9.]+"
_SIGN, _TERM = r"([-+%]|\*\*?|//?)", r"(@|len \( @ \)|@ \( @ \))"
_START = r"(None|True|False|(- )?\d+|''|\"\"|\[ \]|{ }|@ \( \))"
_SHAPES = {
    kind: re.compile(shape) for kind, shape in {
        "arith_extend": rf"(\( .* \) )?{_SIGN} ({_TERM}|{_NUMBER})|{_TERM} -",
        "call_arg": r"(, )?(@|- 1|0|1|2|None|'')( ,)?|@ .*",
        "cond_replace": _TEST,
        "default": r"(= )?(- )?(\d+|None|True|False|''|\"\"|\( \))",
        "guard": r"\\n if [^\\]* : \\n (return|raise|continue|break).*"
                 rf"|\\n if ({_TEST}|@ (not )?in @) : \\n [^\\]*",
        "import_name": r"\\n (import|from) .*",
        "insert_stmt": rf"\\n (@ [-+]?= @|@ [-+]= 1|@ = {_START}"
                       rf"|@ \+= {_TERM}|@ \. @ \( {_TERM} \)|break|continue"
                       r"|(@ \( \) \. |@ \. )?@ \( (@( , @)* )?\)"
                       r"|@ \[ @ \] (= @|\+= 1)|yield @"
                       rf"|if ({_TEST}) : \\n (yield @|@ \. @ \( {_TERM} \))"
                       r"|return (@|None|True|False))",
        "off_by_one": r"[-+] 1",
        "return_expr": r"(not )?@|@ == 0|\[ @ \]|None|True|False",
    }.items()
}
# Kinds that put back what the function has elsewhere.
_COPYING = frozenset((
    "cond_replace", "expr_copy", "insert_stmt", "target_replace", "var_replace",
    "attr_replace",
))
_COMMON_CALLS = frozenset((
    "len", "int", "str", "list", "set", "sorted", "abs", "tuple", "float",
    "sum", "reversed", "enumerate", "range", "round", "max", "min", "items",
    "keys", "values", "copy", "strip", "lower", "upper", "split", "bool",
))


def may_fix(outline: outlines.Outline, edit: records.Edit, kind: str) -> bool:
  """Whether to look for a fix of that kind at all."""
  if kind == "wrap_call":
    span = outline.texts[edit.start:edit.end]
    is_call_alone = len(edit.insert) == len(span) - 2
    if "get" in span or span[-2:] == ["(", ")"] and is_call_alone:
      return True
    return not _COMMON_CALLS.isdisjoint((span[0], span[-3]))
  is_around = edit.kind == "guard" and edit.start < edit.end
  if kind == "delete_stmt" and is_around:
    return False  # There is a header too many, not a statement.
  if kind == "indent":
    return is_around or edit.kind == "indent" and (
        len(edit.insert) == edit.end - edit.start)
  removed = _removed(outline, edit)
  if kind == "attr_replace" and removed and removed[-1] in names.METHODS:
    return True
  if kind in _COPYING and _occurs_elsewhere(outline.texts, removed):
    return True
  if kind not in _SHAPES:
    return kind not in _COPYING
  return not removed or bool(_SHAPES[kind].fullmatch(_shape(removed)))


def _removed(outline: outlines.Outline, edit: records.Edit) -> parts.Tokens:
  start, end, _ = keys.canonical(
      outline.texts, edit.start, edit.end, edit.insert)
  if edit.start < edit.end and tokens_lib.is_newline(
      outline.texts[edit.start]):
    start, end = edit.start, edit.end  # Lines stay whole.
  return tuple(outline.texts[start:end])


def _shape(tokens: parts.Tokens) -> str:
  words = []
  for token in tokens:
    if tokens_lib.is_newline(token):
      words.append("\\n")
    elif token.isidentifier() and not keyword.iskeyword(token):
      words.append("@")
    else:
      words.append(token)
  return re.sub(r"@ \. @(?! \()", "@", " ".join(words))


def _occurs_elsewhere(texts: Sequence[str], removed: parts.Tokens) -> bool:
  """Whether tokens, connectives apart, are in the function twice."""
  while removed and removed[0] in ("and", "or", "if") or (
      removed and tokens_lib.is_newline(removed[0])):
    removed = removed[1:]
  while removed and removed[-1] in ("and", "or"):
    removed = removed[:-1]
  count, first = len(removed), removed[:1]
  found = sum(
      texts[i:i + count] == list(removed)
      for i, text in enumerate(texts) if (text,) == first)
  return found > 1
