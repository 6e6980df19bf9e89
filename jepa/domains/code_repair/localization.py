"""Which lines the failing tests blame: spectrum-based fault localization."""

from collections.abc import Mapping, Sequence
import dataclasses
import math
from typing import Any

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tokens as tokens_lib


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spectrum:
  """How many tests of each verdict reached each line of the target.

  num_failing, num_passing: tests that ran.
  failing, passing: tests that executed a line, by line; 0 where none did.
  """
  num_failing: int
  num_passing: int
  failing: Mapping[int, int]
  passing: Mapping[int, int]

  def to_json(self) -> dict[str, Any]:
    return {
        "num_failing": self.num_failing,
        "num_passing": self.num_passing,
        "failing": sorted(self.failing.items()),
        "passing": sorted(self.passing.items()),
    }

  @classmethod
  def from_json(cls, x: Mapping[str, Any]) -> "Spectrum":
    return cls(
        num_failing=x["num_failing"],
        num_passing=x["num_passing"],
        failing=dict(x["failing"]),
        passing=dict(x["passing"]),
    )


def make_spectrum(evidence: evidence_lib.Evidence) -> Spectrum:
  return Spectrum(
      num_failing=len(evidence.failing),
      num_passing=len(evidence.passing),
      failing=_count_lines(evidence.failing),
      passing=_count_lines(evidence.passing),
  )


def _count_lines(tests) -> dict[int, int]:
  counts: dict[int, int] = {}
  for test in tests:
    for line in test.lines:
      counts[line] = counts.get(line, 0) + 1
  return counts


def ochiai(spectrum: Spectrum) -> dict[int, float]:
  """Returns the suspiciousness of each line that any failing test reached.

  f / sqrt(F (f + p)) for f of F failing and p passing tests that reach the
  line (Ochiai 1957; Abreu et al. 2006). In (0, 1]; 1 is the most suspicious.
  """
  scores = {}
  for line, failing in spectrum.failing.items():
    reached = failing + spectrum.passing.get(line, 0)
    scores[line] = failing / math.sqrt(spectrum.num_failing * reached)
  return scores


def traced_lines(
    function: source.Function, spectrum: Spectrum
) -> tuple[int, ...]:
  """Returns the line that stands for each token in `spectrum`.

  A token's own line if any test reached it, else the first line of its
  statement: tracing never sees most continuation lines.
  """
  seen = spectrum.failing.keys() | spectrum.passing.keys()
  lines = []
  first = function.lineno
  for token in function.tokens:
    if token.syntax == "newline":
      first = token.line
    lines.append(token.line if token.line in seen else first)
  return tuple(lines)


def token_scores(
    function: source.Function, spectrum: Spectrum
) -> tuple[float, ...]:
  """Returns the Ochiai score of each token's line; 0 where none failed."""
  scores = ochiai(spectrum)
  return tuple(
      scores.get(line, 0.0) for line in traced_lines(function, spectrum)
  )


def touched_tokens(function: source.Function, edit: edits_lib.Edit) -> range:
  """Returns the tokens that an edit touches: at least one.

  Where it only inserts, the token it follows, which may end a line; inserted
  lines touch the line that they come to stand before.
  """
  first = first_touched(function, edit)
  return range(first, max(edit.end, first + 1))


def first_touched(function: source.Function, edit: edits_lib.Edit) -> int:
  """Returns the first of the tokens that an edit touches."""
  start, insert = edit.start, edit.insert
  if edit.end > start:
    return start
  is_line = bool(insert) and tokens_lib.is_newline(insert[0])
  return start if is_line and start < len(function.tokens) else start - 1


def edit_scores(
    function: source.Function,
    spectrum: Spectrum,
    edits: Sequence[edits_lib.Edit],
) -> list[float]:
  """Returns the highest Ochiai score of the lines that each edit touches."""
  scores = token_scores(function, spectrum)
  return [max(scores[i] for i in touched_tokens(function, e)) for e in edits]
