"""Candidates in the order to try them, which every outcome changes."""

import collections
import dataclasses
import heapq
import itertools
import math

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import suspects as suspects_lib

# What repeats of something tried in vain cost, in nats per doubling.
_TRIED_SPAN = 0.5
_TRIED_LINE = 0.25
_TRIED_KIND = 0.25
# What an edit gains on a line where another turned a failing test green.
_PROMISING_LINE = 2.0


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
  """A candidate that is in the queue.

  score: what the ranker gave it, in nats, before anything was tried.
  """
  suspect: suspects_lib.Suspect
  edit: edits_lib.Edit
  score: float

  @property
  def line(self) -> int:
    """The line of the file that it changes."""
    return self.suspect.line(self.edit)


class Queue:
  """Pops the best candidate; suspects are opened only when it is their turn.

  Args:
    suspects: where to look.
    ranker: scores their edits.
  """

  def __init__(
      self, suspects: list[suspects_lib.Suspect], ranker: ranking.Ranker
  ):
    self._ranker = ranker
    self._numbers = itertools.count()
    self._heap = []
    self._tried = collections.Counter()
    self._promising = collections.Counter()
    self._log_sum = -math.inf
    # Of each suspect that was opened.
    self.num_candidates: dict[evidence_lib.Target, int] = {}
    for suspect in suspects:
      self._push(ranker.bound(suspect), suspect)

  def pop(self) -> Proposal | None:
    """Returns the best candidate left, None where there is none."""
    while self._heap:
      key, _, item = heapq.heappop(self._heap)
      if isinstance(item, suspects_lib.Suspect):
        self._open(item)
      elif (now := self._belief(item)) < -key - 1e-9:
        self._push(now, item)  # It lost since it was pushed.
      else:
        return item
    return None

  def learn(
      self, proposal: Proposal, execution: evidence_lib.Execution
  ) -> None:
    """Takes the outcome of a candidate into account for all others."""
    if execution.status == "invalid":
      return
    if execution.num_fixed:
      self._promising[_line_key(proposal)] += 1
      self._rebuild()
    else:
      for key, _ in _tried_keys(proposal):
        self._tried[key] += 1

  def probability(self, proposal: Proposal) -> float:
    """What the ranker believed at first, among all candidates opened."""
    return math.exp(proposal.score - self._log_sum)

  def _open(self, suspect: suspects_lib.Suspect) -> None:
    scores = self._ranker.score(suspect)
    for edit, score in zip(suspect.edits, scores, strict=True):
      proposal = Proposal(suspect=suspect, edit=edit, score=score)
      self._push(self._belief(proposal), proposal)
    self.num_candidates[suspect.target] = len(scores)
    if scores:
      self._log_sum = ranking.log_sum_exp(
          [self._log_sum, *scores]
      )

  def _belief(self, proposal: Proposal) -> float:
    cost = sum(
        weight * math.log2(1 + self._tried[key])
        for key, weight in _tried_keys(proposal)
    )
    gain = _PROMISING_LINE * (_line_key(proposal) in self._promising)
    return proposal.score - cost + gain

  def _push(self, key: float, item) -> None:
    heapq.heappush(self._heap, (-key, next(self._numbers), item))

  def _rebuild(self) -> None:
    """Sorts anew: some candidates are now better than their place says."""
    self._heap = [
        (key if isinstance(item, suspects_lib.Suspect)
         else -self._belief(item), number, item)
        for key, number, item in self._heap
    ]
    heapq.heapify(self._heap)


def _line_key(proposal: Proposal):
  return "line", proposal.suspect.function.path, proposal.line


def _tried_keys(proposal: Proposal):
  edit = proposal.edit
  place = proposal.suspect.target
  return (
      (("span", place, edit.start, edit.end), _TRIED_SPAN),
      (_line_key(proposal), _TRIED_LINE),
      (("kind", place, edit.kind), _TRIED_KIND),
  )

