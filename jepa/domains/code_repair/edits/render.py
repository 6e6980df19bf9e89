"""From an edit to bytes, and from bytes to the edited function.

An edit inside a line replaces the bytes of its tokens. Where it only inserts
or only deletes, the blanks next to it are arranged as a reader expects; no
comment and no line break outside the span is touched. An edit of lines works
on whole lines: a comment at the end of a deleted line goes with it, comments
on lines of their own above it stay.
"""

import re

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import layout
from jepa.domains.code_repair.edits import lines as lines_lib
from jepa.domains.code_repair.edits import records

# The kind that undoes a kind; every other kind undoes itself.
_INVERSE_KINDS = {
    "insert_stmt": "delete_stmt",
    "guard": "delete_stmt",
    "import_name": "delete_stmt",
    "delete_stmt": "insert_stmt",
    "add_clause": "drop_clause",
    "drop_clause": "add_clause",
    "wrap_call": "unwrap_call",
    "unwrap_call": "wrap_call",
    "arith_extend": "drop_operand",
    "off_by_one": "drop_operand",
    "drop_operand": "arith_extend",
}

_BLANKS = re.compile(rb"[ \t\f]*")


def render(function: source_lib.Function, edit: records.Edit) -> records.Splice:
  """Returns the bytes that `edit` changes in the file of `function`.

  Raises:
    ValueError: the edit is not of this function: its span is not inside the
      tokens, or it cuts a line in two.
  """
  tokens = function.tokens
  if not 0 < edit.start <= edit.end <= len(tokens):
    raise ValueError(
        f"{edit} is not inside the {len(tokens)} tokens of {function.qualname}"
    )
  span = tokens[edit.start:edit.end]
  texts = (*edit.insert, *(t.text for t in span))
  if any(map(tokens_lib.is_newline, texts)):
    return lines_lib.render(function, edit)
  if not span:
    return _insertion(function, edit)
  return _replacement(function, edit) if edit.insert else _deletion(
      function, edit)


def apply_edit(function: source_lib.Function, edit: records.Edit
               ) -> source_lib.Function:
  """Returns the edited function, read anew from the edited file.

  Raises:
    ValueError: as `render`; SourceError if the result does not parse.
  """
  source = render(function, edit).apply(function.source)
  return source_lib.replace_source(function, source)


def invert(function: source_lib.Function, edit: records.Edit) -> records.Edit:
  """Returns the edit of `apply_edit(function, edit)` that restores the tokens.

  Its kind is the one that undoes `edit.kind`. Comments that went with deleted
  lines come back only through `Splice.inverse`.
  """
  return records.Edit(
      kind=_inverse_kind(edit),
      start=edit.start,
      end=edit.start + len(edit.insert),
      insert=tuple(t.text for t in function.tokens[edit.start:edit.end]),
  )


def _inverse_kind(edit: records.Edit) -> str:
  if edit.kind == "guard" and edit.start < edit.end:
    return "indent"  # It was put around a statement.
  if edit.kind == "indent" and len(edit.insert) < edit.end - edit.start:
    return "guard"
  return _INVERSE_KINDS.get(edit.kind, edit.kind)


def describe(function: source_lib.Function, edit: records.Edit) -> str:
  """Returns one line for a person: "line 12: cmp_op: `<` -> `<=`"."""
  splice = render(function, edit)
  at = min(edit.start, len(function.tokens) - 1)
  if edit.start == edit.end:
    at = edit.start - 1  # It comes after that token.
  removed, inserted = (
      " ".join(text.decode().split())
      for text in (splice.removed, splice.inserted)
  )
  change = (
      f"`{removed}` -> `{inserted}`" if removed and inserted
      else f"insert `{inserted}`" if inserted else f"delete `{removed}`"
  )
  return f"line {function.tokens[at].line}: {edit.kind}: {change}"


def _neighbours(function, edit):
  """Returns the tokens left and right of the span; None past the end."""
  tokens = function.tokens
  right = tokens[edit.end] if edit.end < len(tokens) else None
  if right is not None and tokens_lib.is_newline(right.text):
    right = None
  return tokens[edit.start - 1], right


def _open_brackets(function, index) -> list[str]:
  """Returns the brackets that are open before token `index` in its line."""
  stack = []
  for token in function.tokens[:index]:
    if tokens_lib.is_newline(token.text):
      stack = []
    elif token.text in ("(", "[", "{"):
      stack.append(token.text)
    elif token.text in (")", "]", "}"):
      stack.pop()
  return stack


def _ends_sign(function, index) -> bool:
  """Whether the token before `index` is a sign, which takes no space."""
  before = [t.text for t in function.tokens[max(index - 2, 0):index]]
  return len(before) == 2 and before[1] in ("-", "+", "~", "*", "**") and (
      before[0] in tokens_lib.KEYWORDS or not
      (before[0][-1].isalnum() or before[0][-1] in "_)]}\"'"))


def _insertion(function, edit) -> records.Splice:
  left, right = _neighbours(function, edit)
  brackets = _open_brackets(function, edit.start)
  previous = "" if tokens_lib.is_newline(left.text) else left.text
  if _ends_sign(function, edit.start):
    previous = ""
  text = layout.spaced(edit.insert, previous=previous, brackets=brackets)
  offset = left.end
  if right is not None:
    is_sign = edit.insert in (("-",), ("+",), ("~",))
    wanted = layout.wants_space(
        edit.insert[-1], right.text, brackets, is_sign)
    if left.end == right.start:
      text += " " * wanted
    elif text.startswith(" ") and not wanted:
      offset, text = right.start, text[1:]  # The gap that is there serves.
  return records.Splice(offset=offset, removed=b"", inserted=text.encode())


def _deletion(function, edit) -> records.Splice:
  span = function.tokens[edit.start:edit.end]
  left, right = _neighbours(function, edit)
  begin, end = span[0].start, span[-1].end
  if tokens_lib.is_newline(left.text):
    return _cut(function, begin, right.start if right else end)
  if right is None:
    return _cut(function, left.end, end)
  wanted = layout.wants_space(
      left.text, right.text, _open_brackets(function, edit.start),
      _ends_sign(function, edit.start),
  )
  before = function.source[left.end:begin]
  after = function.source[end:right.start]
  if _BLANKS.fullmatch(before + after):
    return _cut(function, left.end, right.start, b" " * wanted)
  if _BLANKS.fullmatch(before):  # The line break after it parts them.
    begin = left.end
  elif _BLANKS.fullmatch(after):
    end = right.start
  return _cut(function, begin, end)


def _cut(function, begin, end, inserted=b"") -> records.Splice:
  return records.Splice(
      offset=begin, removed=function.source[begin:end], inserted=inserted
  )


def _replacement(function, edit) -> records.Splice:
  span = function.tokens[edit.start:edit.end]
  left, right = _neighbours(function, edit)
  texts = _keep_formatting(function, span, edit.insert)
  text = layout.spaced(
      texts, brackets=_open_brackets(function, edit.start))
  if left.end == span[0].start and not tokens_lib.is_newline(left.text) and (
      layout.fuses(left.text, text)):
    text = " " + text
  if right and span[-1].end == right.start and layout.fuses(text, right.text):
    text += " "
  return _cut(function, span[0].start, span[-1].end, text.encode())


def _keep_formatting(function, span, insert) -> list[str]:
  """Returns `insert` with the span's own text where it holds the span.

  So that wrapping an expression keeps the blanks and comments inside it.
  """
  old = tuple(t.text for t in span)
  for k in range(len(insert) - len(old) + 1):
    if insert[k:k + len(old)] == old:
      text = function.source[span[0].start:span[-1].end].decode()
      return [*insert[:k], text, *insert[k + len(old):]]
  return list(insert)
