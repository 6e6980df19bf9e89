"""Keys: two edits of a function have one key if they give one program.

A key is the edit itself in a canonical form: cut down to the tokens that
differ, and moved as far right as it goes. That tells programs apart as long as
one program has one spelling. Where a line may be spelt in several ways
(parentheses, a comma at the end, adjacent strings), the edited lines are
compared: by their tokens but those, and by their syntax trees if these agree.
"""

import ast
from collections.abc import Sequence
import functools

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

# Two kinds of keys: a canonical edit, or a line, its skeleton and a number.
Key = tuple[int, int, parts.Tokens] | tuple[int, str, int]

# How the headers of clauses are completed to be parsed on their own.
_CLAUSES = {
    "elif": "if {}",
    "else": "if _: pass\nelse {}",
    "except": "try: pass\nexcept {}",
    "finally": "try: pass\nfinally {}",
    "case": "match _:\n case {}",
}


class Keys:
  """Keys of the edits of one function, comparable with one another only."""

  def __init__(self, outline: outlines.Outline):
    self._texts = [_spelling(t) for t in outline.texts]
    self._line_of = outline.spans.line
    self._irregular = outline.irregular_lines
    self._respelt = self._texts != outline.texts
    # By line and skeleton, the tokens of different programs.
    self._seen: dict[tuple[int, str], list[parts.Tokens]] = {}

  def key(self, start: int, end: int, insert: Sequence[str]) -> Key | None:
    """Returns the key of an edit, None if it changes nothing."""
    if self._respelt or any(t[-1] in "\"'" for t in insert):
      insert = tuple(map(_spelling, insert))
    if self._irregular:
      # What is put before the start of a line is at the end of another.
      line = self._line_of(max(start - 1, 0))
      if line in self._irregular and self._is_inside(line, end, insert):
        return self._line_key(line, start, end, insert)
    return canonical(self._texts, start, end, insert)

  @functools.cached_property
  def _lines(self) -> dict[int, parts.Tokens]:
    """The tokens of each irregular line after its `\\n`."""
    result = {}
    for line in self._irregular:
      end = line + 1
      while end < len(self._texts) and (
          not tokens_lib.is_newline(self._texts[end])):
        end += 1
      result[line] = tuple(self._texts[line + 1:end])
      self._seen[line, _skeleton(result[line])] = [result[line]]
    return result

  def _is_inside(self, line, end, insert) -> bool:
    """Whether an edit that starts in a line stays within it."""
    return end <= line + 1 + len(self._lines[line]) and not any(
        map(tokens_lib.is_newline, insert))

  def _line_key(self, line, start, end, insert) -> Key | None:
    old = self._lines[line]
    edited = (*old[:start - line - 1], *insert, *old[end - line - 1:])
    skeleton = _skeleton(edited)
    seen = self._seen.setdefault((line, skeleton), [])
    for number, other in enumerate(seen):
      if edited == other or _tree(edited) == _tree(other):
        return None if other is old else (line, skeleton, number)
    seen.append(edited)
    return line, skeleton, len(seen) - 1


def canonical(
    texts: Sequence[str], start: int, end: int, insert: Sequence[str]
) -> tuple[int, int, parts.Tokens] | None:
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


def _skeleton(texts: parts.Tokens) -> str:
  """Returns what all spellings of a line have in common."""
  kept = "".join([t for t in texts if t not in ("(", ")", ",")])
  return kept.replace("'", "").replace('"', "")


@functools.lru_cache(maxsize=1 << 10)
def _tree(texts: parts.Tokens) -> str:
  """Returns the syntax tree of a line; its tokens if it does not parse."""
  line = " ".join(texts[1:] if texts[0] in _CLAUSES else texts)
  if texts[-1] == ":":
    line += " pass"
  try:
    return ast.dump(source_lib.parse(
        _CLAUSES.get(texts[0], "{}").format(line)))
  except source_lib.SourceError:
    return " ".join(texts)
