"""Puts the compiler's codes where they belong in a program."""

from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from jepa.domains.orb import verdict as verdict_lib

Path = program_lib.Path

# Elements that codes can be attached to: those that begin with a node.
_ANCHORS = frozenset(schema.ROLES) - {"machine", "config"}


def place_codes(
    program: program_lib.Program, verdict: verdict_lib.Verdict
) -> dict[Path, list[tuple[str, str]]]:
  """Maps each element to what the compiler finds wrong there, once each."""
  by_name = program_lib.traits_by_name(program)
  placed: dict[Path, list[tuple[str, str]]] = {}
  for severity, issues in (
      ("error", verdict.errors),
      ("warning", verdict.warnings),
  ):
    for issue in issues:
      parts = issue.parts
      if parts[:1] == ("traits",) and len(parts) > 1:
        parts = by_name.get(parts[1], ())
      codes = placed.setdefault(_anchor(program, parts), [])
      if (severity, issue.code) not in codes:
        codes.append((severity, issue.code))
  return placed


def _anchor(program: program_lib.Program, parts: Path) -> Path:
  """Returns the innermost element of the program that `parts` leads into."""
  for end in range(len(parts), 0, -1):
    path = parts[:end]
    if schema.role(path) in _ANCHORS:
      if isinstance(program_lib.find(program, path), dict | list | str):
        return path
  return ()
