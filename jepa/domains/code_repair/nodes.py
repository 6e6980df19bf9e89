"""Nodes of an observation: what is known, and the features that say it."""

from collections.abc import Sequence
import dataclasses

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair import tries
from jepa.domains.code_repair import values as values_lib

ROLES = (
    "padding", "function", "count", "exception", "message", "expected",
    "observed", "traceback", "test", "difference", "tried", "variable",
    "value", "other",
)
_ROLE = {name: i for i, name in enumerate(ROLES)}
_SYNTAX = {name: i for i, name in enumerate(("none", *tokens_lib.SYNTAX))}
_MAX_DEPTH = 7
_MAX_LINE = 63
# Bounds between the buckets of a feature.
COVERED = (0.0, 0.34, 0.99)  # Fraction of the tests.
OCHIAI = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
TRIES = (0, 1, 3)
VALUE = {name: i for i, name in enumerate(values_lib.CLASSES)}
OUTCOME = {name: i for i, name in enumerate(tries.OUTCOMES)}
KIND = {name: i for i, name in enumerate(edits_lib.KINDS)}

# depth: block depth. line: lines below the first of its part. failing,
# passing: 0 if no such test reached the line, up to nearly all of them.
# blamed: bucket of the line's Ochiai score. mark: 1 if the line is on the
# traceback, 2 if the exception was raised there, 3 if the function returned
# from there; of a test's line, 1 if it is the one that failed. value: class of
# what a variable held when the function left. kind: of a tried edit, from 1.
# outcome: of a tried edit, or the best of those that touched the token. tries:
# roughly how many did.
NODE_FEATURES = (
    ("role", len(ROLES)),
    ("syntax", len(_SYNTAX)),
    ("depth", _MAX_DEPTH + 1),
    ("line", _MAX_LINE + 1),
    ("failing", len(COVERED) + 1),
    ("passing", len(COVERED) + 1),
    ("blamed", len(OCHIAI) + 1),
    ("mark", 4),
    ("value", len(VALUE)),
    ("kind", len(KIND) + 1),
    ("outcome", len(OUTCOME)),
    ("tries", len(TRIES) + 1),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class State:
  """What is known of a program.

  function: the one under repair.
  spectrum: which of its lines the tests reached.
  failure: the test that is shown; None if none fails.
  tried: edits of the function that did not repair it, the first one first.
  """
  function: source.Function
  spectrum: localization.Spectrum
  failure: failure_lib.Failure | None
  tried: tuple[tries.Try, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Node:
  """A node whose symbol has no number yet; features as `NODE_FEATURES`."""
  text: str
  role: str
  syntax: str = "none"
  depth: int = 0
  line: int = 0
  failing: int = 0
  passing: int = 0
  blamed: int = 0
  mark: int = 0
  value: int = 0
  kind: int = 0
  outcome: int = 0
  tries: int = 0

  def row(self, symbol: int) -> tuple[int, ...]:
    return (
        symbol, _ROLE[self.role], _SYNTAX[self.syntax],
        min(self.depth, _MAX_DEPTH), min(max(self.line, 0), _MAX_LINE),
        self.failing, self.passing, self.blamed, self.mark,
        self.value, self.kind, self.outcome, self.tries,
    )


def bucket(value: float, bounds: Sequence[float]) -> int:
  """Returns how many of the ascending `bounds` lie below `value`."""
  return sum(value > bound for bound in bounds)
