"""Functions and edits of them, as tests want them."""

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import source


def parse(text: str) -> source.Function:
  """Returns the only function of a file."""
  (found,) = source.functions(text.encode(), "shop.py")
  return found


def edit(broken: source.Function, old: str, new: str) -> edits_lib.Edit:
  """Returns the edit that puts one token for the first one of some text."""
  place = [t.text for t in broken.tokens].index(old)
  return next(
      e for e in edits_lib.enumerate_edits(broken)
      if (e.start, e.end, e.insert) == (place, place + 1, (new,))
  )
