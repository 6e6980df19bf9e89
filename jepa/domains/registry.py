"""The worlds that ship with the package. Adding one is adding a line here."""

import importlib

from jepa.domains import base

WORLDS = ("code_repair", "orb")


def vocabulary(world: str) -> base.Vocabulary:
  """Returns the vocabulary of `world`.

  Raises:
    ValueError: no world has that name.
  """
  if world not in WORLDS:
    raise ValueError(f"No world {world!r}; there are {', '.join(WORLDS)}.")
  return importlib.import_module(f"jepa.domains.{world}.vocabulary").VOCABULARY
