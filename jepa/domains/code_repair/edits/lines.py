"""Edits of whole lines: statements inserted, deleted, moved and indented."""

import dataclasses

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits import layout
from jepa.domains.code_repair.edits import records


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Line:
  """A logical line: its block depth, tokens, and bytes where it has some.

  head: blanks and comment lines before its indentation.
  body: everything after its indentation, the line break included.
  """
  depth: int
  texts: tuple[str, ...]
  head: bytes = b""
  body: bytes = b""


def render(function: source_lib.Function, edit: records.Edit) -> records.Splice:
  """Returns the splice of an edit that inserts or removes line starts.

  Raises:
    ValueError: the edit begins or ends in the middle of a line.
  """
  tokens = function.tokens
  if _is_reindentation(function, edit):
    token = tokens[edit.start]
    depth = tokens_lib.newline_depth(edit.insert[0])
    return records.Splice(
        offset=token.start, removed=function.source[token.start:token.end],
        inserted=_indentation(function, edit.start, depth),
    )
  _check_boundaries(function, edit)
  begin = _line_end(function, tokens[edit.start - 1].end)
  end = begin
  if edit.end > edit.start:
    begin = tokens[edit.start].start
    end = _line_end(function, tokens[edit.end - 1].end)
  inserted = _layout_lines(function, edit)
  if inserted and not function.source[:begin].endswith((b"\n", b"\r")):
    inserted = _line_break(function) + inserted.rstrip(b"\r\n")
  return records.Splice(
      offset=begin, removed=function.source[begin:end], inserted=inserted
  )


def _is_reindentation(function, edit) -> bool:
  return (
      edit.end == edit.start + 1 and len(edit.insert) == 1
      and tokens_lib.is_newline(edit.insert[0])
  )


def _check_boundaries(function, edit) -> None:
  tokens = function.tokens
  for index in (edit.start, edit.end):
    if index < len(tokens) and not tokens_lib.is_newline(tokens[index].text):
      raise ValueError(f"{edit} cuts the line of token {index} in two")
  if edit.insert and not tokens_lib.is_newline(edit.insert[0]):
    raise ValueError(f"{edit} inserts lines without the start of the first")


def _layout_lines(function, edit) -> bytes:
  """Returns the inserted lines as bytes; a line that only moves keeps its own.
  """
  kept = _removed_lines(function, edit)
  following = _of_next_line(function, edit.end)
  indentations = {}
  result = b""
  for depth, texts in _split(edit.insert):
    if depth not in indentations:
      indentations[depth] = following.get(depth) or (
          indentations[depth - 1] + _unit(function)
          if depth - 1 in indentations else _indentation(
              function, edit.start, depth, edit.end))
    old = next((line for line in kept if line.texts == texts), None)
    if old is None:
      body = layout.spaced(texts).encode() + _line_break(function)
      result += indentations[depth] + body
    else:
      kept.remove(old)
      result += old.head + indentations[depth] + old.body
  return result


def _of_next_line(function, end) -> dict[int, bytes]:
  """Maps the depth of the line after an edit to its indentation.

  What is inserted at that depth is in one block with it.
  """
  if end == len(function.tokens):
    return {}
  token = function.tokens[end]
  return {token.depth: _blanks(function, token)}


def _split(insert) -> list[tuple[int, tuple[str, ...]]]:
  """Splits tokens into lines: block depth and tokens of each."""
  result = []
  for text in insert:
    if tokens_lib.is_newline(text):
      result.append((tokens_lib.newline_depth(text), []))
    else:
      result[-1][1].append(text)
  return [(depth, tuple(texts)) for depth, texts in result]


def _removed_lines(function, edit) -> list[_Line]:
  tokens, source = function.tokens, function.source
  firsts = [
      i for i in range(edit.start, edit.end)
      if tokens_lib.is_newline(tokens[i].text)
  ]
  result = []
  begin = tokens[edit.start].start if firsts else 0
  for first, last in zip(firsts, [*firsts[1:], edit.end]):
    end = _line_end(function, tokens[last - 1].end)
    body = source[tokens[first].end:end]
    if not body.endswith((b"\n", b"\r")):
      body += _line_break(function)
    result.append(_Line(
        depth=tokens[first].depth,
        texts=tuple(t.text for t in tokens[first + 1:last]),
        head=source[begin:tokens[first].start],
        body=body,
    ))
    begin = end
  return result


def _indentation(function, index, depth, end=None) -> bytes:
  """Returns the indentation of a line of `depth` put before token `index`.

  That of a sibling: the line that follows, or the nearest one above.
  """
  tokens = function.tokens
  for i in (index, end):
    if i is not None and i < len(tokens) and (
        tokens[i].text == tokens_lib.newline(depth)):
      return _blanks(function, tokens[i])
  for token in reversed(tokens[:index]):
    if tokens_lib.is_newline(token.text):
      if token.depth == depth:
        return _blanks(function, token)
      if token.depth < depth:
        return _blanks(function, token) + _unit(function)
  raise ValueError(f"no line of depth {depth} can stand before token {index}")


def _blanks(function, token) -> bytes:
  # Past a form feed the column starts anew.
  text = function.source[token.start:token.end].rpartition(b"\f")[2]
  return text[:len(text) - len(text.lstrip())]


def _unit(function) -> bytes:
  """Returns one step of indentation, as the function's first block has it."""
  base = _blanks(function, function.tokens[0])
  for token in function.tokens:
    if token.text == tokens_lib.newline(1):
      return _blanks(function, token).removeprefix(base)
  return b"    "


def _line_end(function, offset) -> int:
  """Returns where the line after that of the token ending at `offset` starts.
  """
  source = function.source
  end = offset
  while end < len(source):
    begin = end
    while end < len(source) and source[end] not in b"\r\n":
      end += 1
    continued = source[begin:end].rstrip().endswith(b"\\") and (
        b"#" not in source[begin:end])
    end += 2 if source[end:end + 2] == b"\r\n" else 1
    if not continued:
      break
  return min(end, len(source))


def _line_break(function) -> bytes:
  """Returns how the function's first line ends."""
  line = function.source[function.start:function.end].splitlines(True)[0]
  return line[len(line.rstrip(b"\r\n")):] or b"\n"
