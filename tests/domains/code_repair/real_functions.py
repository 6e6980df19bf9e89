"""Real functions for tests: those of packages that this project installs."""

import functools
import importlib.util
import pathlib

from jepa.domains.code_repair import source

_MODULES = (
    "absl.flags._argument_parser", "absl.flags._validators", "attr._make",
    "attr.validators", "etils.epath.gpath", "immutabledict",
    "ml_collections.config_dict.config_dict", "toolz.dicttoolz",
    "toolz.functoolz", "toolz.itertoolz",
)


@functools.cache
def functions(max_lines: int = 25) -> tuple[source.Function, ...]:
  """Returns the functions of 3 to `max_lines` lines, in a fixed order."""
  found = []
  for name in _MODULES:
    path = pathlib.Path(importlib.util.find_spec(name).origin)
    for function in source.functions(path.read_bytes(), name):
      if 3 <= len({token.line for token in function.tokens}) <= max_lines:
        found.append(function)
  return tuple(found)


def sample(count: int) -> tuple[source.Function, ...]:
  """Returns `count` of them, spread evenly."""
  found = functions()
  return tuple(found[i * len(found) // count] for i in range(count))
