"""Keys: two edits of a function have one key if they give one program.

A key is the edit itself in a canonical form: cut down to the tokens that
differ, and moved as far right as it goes. That tells programs apart as long as
one program has one spelling; where a line's spelling is not the only one
(parentheses, a comma at the end, adjacent strings), the key is the line's
syntax tree.
"""

import ast
from collections.abc import Sequence
import functools
from typing import Any

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits.outline import Outline

# How the headers of clauses are completed to be parsed on their own.
_CLAUSES = {
    "elif": "if {}",
    "else": "if _: pass\nelse {}",
    "except": "try: pass\nexcept {}",
    "finally": "try: pass\nfinally {}",
    "case": "match _:\n case {}",
}


Key = tuple[int, Any] | tuple[int, int, tuple[str, ...]]


class Keys:
  """Keys of edits of one function.

  Raises nothing: an edit that does not parse has the key of its tokens.
  """

  def __init__(self, outline: Outline):
    self._texts = [_spelling(t) for t in outline.texts]
    self._line_of = outline.line
    self._irregular = outline.irregular_lines
    self._respelt = self._texts != outline.texts
    self._originals: dict[int, tuple[list[str], str]] = {}

  def key(
      self, start: int, end: int, insert: Sequence[str]
  ) -> Key | None:
    """Returns the key of an edit, None if it changes nothing."""
    texts = self._texts
    if self._respelt or any(t[-1] in "\"'" for t in insert):
      insert = tuple(map(_spelling, insert))
    if self._irregular:
      # What is put before the start of a line is at the end of another.
      line = self._line_of(max(start - 1, 0))
      if line in self._irregular and self._is_inside(line, end, insert):
        return self._tree_key(line, start, end, insert)
    return canonical(texts, start, end, insert)

  def _is_inside(self, line, end, insert) -> bool:
    """Whether an edit that starts in a line stays within it."""
    texts, _ = self._original(line)
    return end <= line + len(texts) and not any(
        map(source_lib.is_newline, insert))

  def _original(self, line) -> tuple[list[str], str]:
    """Returns the tokens of a line and its tree."""
    if line not in self._originals:
      end = line + 1
      while end < len(self._texts) and (
          not source_lib.is_newline(self._texts[end])):
        end += 1
      texts = self._texts[line:end]
      self._originals[line] = texts, _tree(texts[1:])
    return self._originals[line]

  def _tree_key(self, line, start, end, insert):
    texts, original = self._original(line)
    edited = (*texts[1:start - line], *insert, *texts[end - line:])
    tree = _tree(edited)
    return None if tree and tree == original else (line, tree or edited)


def canonical(
    texts: Sequence[str], start: int, end: int, insert: Sequence[str]
) -> tuple[int, int, tuple[str, ...]] | None:
  """Returns the least edit of `texts` that does the same, the rightmost one.

  None if it changes nothing.
  """
  insert = tuple(insert)
  if start < end and insert and (
      texts[start] != insert[0] and texts[end - 1] != insert[-1]):
    return start, end, insert
  k = 0
  while start < end and k < len(insert) and texts[start] == insert[k]:
    start, k = start + 1, k + 1
  m = len(insert)
  while start < end and k < m and texts[end - 1] == insert[m - 1]:
    end, m = end - 1, m - 1
  insert = insert[k:m]
  if start == end and not insert:
    return None
  if not insert:
    while end < len(texts) and texts[start] == texts[end]:
      start, end = start + 1, end + 1
  elif start == end:
    while start < len(texts) and texts[start] == insert[0]:
      insert = (*insert[1:], insert[0])
      start = end = start + 1
  return start, end, insert


@functools.lru_cache(maxsize=1 << 14)
def _spelling(text: str) -> str:
  """Returns the one spelling that stands for all of a literal's."""
  if text[0] in "0123456789" or text[-1] in "\"'":
    try:
      return repr(ast.literal_eval(text))
    except (SyntaxError, ValueError):
      pass  # An f-string.
  return text


def _tree(texts: Sequence[str]) -> str:
  """Returns the syntax tree of a line, "" if it does not parse."""
  first, *rest = texts
  line = " ".join(rest if first in _CLAUSES else texts)
  if texts[-1] == ":":
    line += " pass"
  try:
    return ast.dump(source_lib.parse(_CLAUSES.get(first, "{}").format(line)))
  except source_lib.SourceError:
    return ""
