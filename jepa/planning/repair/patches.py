"""Patches: verified edits as diffs, alone or one after another."""

from collections.abc import Iterable, Sequence
import dataclasses
import itertools
import math
from typing import Any

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import pools
from jepa.planning.repair import beliefs as beliefs_lib
from jepa.planning.repair import diff as diff_lib
from jepa.planning.repair import findings
from jepa.planning.repair import plausibility
from jepa.planning.repair import search as search_lib
from jepa.planning.repair import suspects as suspects_lib

_DELETING = ("delete", "drop")
# What passes by luck is mostly larger than the repair, or takes something away:
# so much likelier must it be to be preferred.
_NATS_PER_TOKEN = 1.5
_LOSS, _LOSS_OF_INPUT = 4.0, 2.0  # In tokens.
_COMMON = frozenset(("0", "1", "2", "None", "True", "False", "''", '""'))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
  """An edit as its user sees it.

  diff: unified, as bytes of the files' own encoding.
  before, after: contents of each changed file, by path.
  description: for people, "file.py line 12: cmp_op: `<` -> `<=`".
  kind: of the edit; of several, joined by "+".
  path, line: what it changes first.
  probability: what the ranker believed before anything was executed.
  functions: path and qualified name of each function that it changes.
  num_lost: parameters of these that are no longer read.
  distance: tokens taken out and put in.
  is_judge: whether it changes how objects compare, by which tests judge.
  echoes: texts put in that the function did not have, but the failing test.
  """
  diff: bytes
  before: dict[str, bytes]
  after: dict[str, bytes]
  description: str
  kind: str
  path: str
  line: int
  probability: float
  functions: frozenset[tuple[str, str]] = frozenset()
  num_lost: int = 0
  distance: int = 0
  is_judge: bool = False
  echoes: frozenset[str] = frozenset()

  @property
  def is_deleting(self) -> bool:
    """Whether code is gone, and none stands in its place."""
    return any(kind.startswith(_DELETING) for kind in self.kind.split("+"))

  @property
  def is_lossy(self) -> bool:
    """Whether it takes something away: what is left may pass by luck."""
    return self.is_deleting or self.is_judge or self.num_lost > 0

  @property
  def cost(self) -> float:
    """Tokens that it changes, and what it loses and how unlikely it is, too."""
    loss = _LOSS * self.is_lossy + _LOSS_OF_INPUT * self.num_lost
    return loss + _cost(self.distance, self.probability)

  @property
  def plainness(self) -> tuple:
    """Sorts what is likely, small and loses nothing before the rest."""
    return self.is_judge, self.cost, diff_lib.num_changed_lines(self.diff)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Patch(Candidate):
  """A verified patch.

  rank: executions until it was found.
  fixed, remaining: tests that failed before, by whether they pass now.
  """
  rank: int
  fixed: tuple[str, ...]
  remaining: tuple[str, ...]

  @property
  def doubts(self) -> tuple[str, ...]:
    """Reasons in words to think that it passes by luck."""
    num_edits = self.kind.count("+") + 1
    echoes = ", ".join(sorted(self.echoes))
    return tuple(text for is_so, text in (
        (self.is_judge, "changes how objects compare, by which tests judge"),
        (self.is_deleting, "takes code away"),
        (self.num_lost, "leaves a parameter unread"),
        (echoes, f"says {echoes}, as the failing test does"),
        (
            num_edits > max(1, len(self.fixed)),
            f"makes {num_edits} edits for "
            + findings.count(self.fixed, "failing test"),
        ),
    ) if is_so)

  @property
  def preference(self) -> tuple:
    """Sorts by what is fixed, by plainness, and by what was found first."""
    return len(self.remaining), *self.plainness, self.rank

  def to_json(self) -> dict[str, Any]:
    return {
        "diff": self.diff.decode("utf-8", "surrogateescape"),
        "kind": self.kind,
        "rank": self.rank,
        "probability": self.probability,
        "path": self.path,
        "line": self.line,
        "description": self.description,
        "fixed": list(self.fixed),
        "remaining": list(self.remaining),
        "doubts": list(self.doubts),
    }


def make_candidate(
    proposal: beliefs_lib.Proposal, probability: float
) -> Candidate:
  path = proposal.suspect.function.path
  steps = [(suspect.function, edit) for suspect, edit in _steps(proposal)]
  before = {path: proposal.suspect.file}
  after = {path: proposal.suspect.edited(proposal.edit)}
  return Candidate(
      diff=diff_lib.make_diff(before, after),
      before=before,
      after=after,
      description=f"{path} {describe(proposal)}",
      kind="+".join(edit.kind for _, edit in _steps(proposal)),
      path=path,
      line=_steps(proposal)[0][0].line(_steps(proposal)[0][1]),
      probability=probability,
      functions=frozenset(
          (path, suspect.function.qualname)
          for suspect, _ in _steps(proposal)
          if not suspect.statement
      ),
      num_lost=sum(itertools.starmap(plausibility.num_lost_inputs, steps)),
      distance=sum(itertools.starmap(plausibility.distance, steps)),
      is_judge=proposal.suspect.is_comparison,
      echoes=frozenset().union(*itertools.starmap(_echoes, _steps(proposal))),
  )


def rival_cost(
    best: Candidate, proposal: beliefs_lib.Proposal, probability: float
) -> float | None:
  """Returns what a single edit costs that would be preferable to `best`.

  None where it would not be, even if it passed. What it loses is not looked
  at: that would take longer than to execute it.
  """
  suspect, edit = proposal.suspect, proposal.edit
  if suspect.statement or suspect.first or suspect.is_comparison:
    return None
  if edit.kind.startswith(_DELETING):
    return None
  cost = _cost(plausibility.distance(suspect.function, edit), probability)
  return cost if best.is_judge or cost < best.cost else None


def _cost(distance: int, probability: float) -> float:
  return distance - math.log(max(probability, 1e-99)) / _NATS_PER_TOKEN


def make_patch(verified: search_lib.Verified) -> Patch:
  trial = verified.trial
  candidate = make_candidate(trial.proposal, trial.probability)
  return Patch(
      **vars(candidate),
      rank=trial.number,
      fixed=verified.fixed,
      remaining=verified.remaining,
  )


def combine(
    first: Candidate, then: Patch, failing: Sequence[str]
) -> Patch:
  """Returns the patch of two edits, `then` having been made after `first`.

  Args:
    first: verified or not.
    then: verified.
    failing: node ids of the tests that failed before both.
  """
  before = then.before | first.before
  after = first.after | then.after
  return Patch(
      diff=diff_lib.make_diff(before, after),
      before=before,
      after=after,
      description=f"{first.description}; {then.description}",
      kind=f"{first.kind}+{then.kind}",
      path=first.path,
      line=first.line,
      rank=then.rank,
      probability=first.probability * then.probability,
      fixed=tuple(t for t in failing if t not in then.remaining),
      remaining=then.remaining,
      functions=first.functions | then.functions,
      num_lost=first.num_lost + then.num_lost,
      distance=first.distance + then.distance,
      is_judge=first.is_judge or then.is_judge,
      echoes=first.echoes | then.echoes,
  )


def best(patches: Iterable[Patch]) -> list[Patch]:
  """Returns patches, the preferable first, each program once."""
  unique = {patch.diff: patch for patch in patches}
  return sorted(unique.values(), key=lambda patch: patch.preference)


def describe(proposal: beliefs_lib.Proposal) -> str:
  """Returns "line 12: cmp_op: `<` -> `<=`", of two edits both."""
  return "; ".join(
      f"line {suspect.line(edit)}: "
      + edits_lib.describe(suspect.function, edit).partition(": ")[2]
      for suspect, edit in _steps(proposal)
  )


def _echoes(
    suspect: suspects_lib.Suspect, edit: edits_lib.Edit
) -> frozenset[str]:
  """Returns what an edit says after the failing test."""
  known = {token.text for token in suspect.function.tokens}
  told = pools.make_pools(suspect.state.failure).literals
  return frozenset(edit.insert).intersection(told) - known - _COMMON


def _steps(
    proposal: beliefs_lib.Proposal,
) -> list[tuple[suspects_lib.Suspect, edits_lib.Edit]]:
  """Returns its edits in order, each with what it is made in."""
  suspect = proposal.suspect
  last = [(suspect, proposal.edit)]
  return [(suspect.origin, suspect.first), *last] if suspect.origin else last
