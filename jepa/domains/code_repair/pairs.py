"""Pairs of edits of one function, neither of which is in the other's way."""

import dataclasses

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import source


def both(
    function: source.Function, first: edits_lib.Edit, second: edits_lib.Edit
) -> str | None:
  """Returns the lines with both edits, None where one is in the other's way."""
  splices = [edits_lib.render(function, e) for e in (first, second)]
  splices.sort(key=lambda splice: splice.offset)
  before, after = splices
  if before.offset + len(before.removed) >= after.offset:
    return None
  content = function.source
  for splice in (after, before):  # Offsets before it stay what they are.
    content = splice.apply(content)
  end = function.end + len(content) - len(function.source)
  return content[function.start : end].decode()


def moved(
    edit: edits_lib.Edit, after: edits_lib.Edit
) -> edits_lib.Edit | None:
  """Returns `edit` where another one has moved it; None if they overlap."""
  if edit.end < after.start:
    return edit
  if edit.start <= after.end:
    return None
  shift = len(after.insert) - (after.end - after.start)
  return dataclasses.replace(
      edit, start=edit.start + shift, end=edit.end + shift
  )
