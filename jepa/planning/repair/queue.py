"""Candidates in the order to try them, which every outcome changes."""

import collections
from collections.abc import Callable, Hashable
import dataclasses
import functools
import heapq
import itertools
import math

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.planning.repair import progress as progress_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import suspects as suspects_lib

# What repeats of something tried in vain cost, in nats per doubling.
_TRIED_SPAN = 0.5
_TRIED_LINE = 0.25
_TRIED_KIND = 0.25
# What an edit gains on a line where another made progress.
_PROMISING_LINE = {
    progress_lib.Progress.FIXED: 2.0,
    progress_lib.Progress.NEARER: 1.0,
    progress_lib.Progress.MOVED: 0.5,
}
# What a second edit costs after a first one that made so much progress, beside
# half of what the first one costs.
_SECOND_EDIT = {
    progress_lib.Progress.FIXED: 2.0,
    progress_lib.Progress.NEARER: 4.0,
    progress_lib.Progress.MOVED: 5.0,
}
MAX_FIRST_EDITS = 40  # That are tried in company.


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
    self._promising: dict[Hashable, float] = {}
    self._num_first = 0
    self._log_sum = -math.inf
    # Of each suspect that was opened, by its key.
    self.num_candidates: dict[Hashable, int] = {}
    for suspect in suspects:
      self._push(ranker.bound(suspect), suspect)

  def pop(self) -> Proposal | None:
    """Returns the best candidate left, None where there is none."""
    while self._heap:
      key, _, item = heapq.heappop(self._heap)
      if isinstance(item, suspects_lib.Suspect):
        self._open(item)
      elif callable(item):
        if (suspect := item()) is not None:
          self._open(suspect, bound=-key)
      elif (now := self._belief(item)) < -key - 1e-9:
        self._push(now, item)  # It lost since it was pushed.
      else:
        return item
    return None

  def learn(
      self,
      proposal: Proposal,
      execution: evidence_lib.Execution,
      progress: progress_lib.Progress,
  ) -> None:
    """Takes the outcome of a candidate into account for all others."""
    if execution.status == "invalid":
      return
    if not progress:
      for key, _ in _tried_keys(proposal):
        self._tried[key] += 1
      return
    line, gain = _line_key(proposal), _PROMISING_LINE[progress]
    if gain > self._promising.get(line, 0.0):
      self._promising[line] = gain
      self._rebuild()

  def extend(
      self,
      proposal: Proposal,
      progress: progress_lib.Progress,
      observe: Callable[[Proposal], suspects_lib.Suspect | None],
  ) -> None:
    """Adds the edits that may follow one that made progress.

    Args:
      proposal: that edit.
      progress: what it made.
      observe: returns the suspect with the edit made; called if and when no
        other candidate is likelier.
    """
    suspect = proposal.suspect
    if suspect.first or suspect.statement:
      return
    if self._num_first == MAX_FIRST_EDITS:
      return
    self._num_first += 1
    bound = self._ranker.bound(suspect)
    cost = (bound - proposal.score) / 2 + _SECOND_EDIT[progress]
    self._push(bound - cost, functools.partial(observe, proposal))

  def forget_second_edits(self) -> None:
    """Leaves out what takes two edits, now that one is enough."""
    self._num_first = MAX_FIRST_EDITS
    self._heap = [entry for entry in self._heap if _is_first(entry[-1])]
    heapq.heapify(self._heap)

  def shift(self, proposal: Proposal) -> float:
    """By how many nats outcomes have moved a candidate until now."""
    return self._belief(proposal) - proposal.score

  def probability(self, proposal: Proposal) -> float:
    """What the ranker believed at first, among all candidates opened."""
    return math.exp(proposal.score - self._log_sum)

  def _open(
      self, suspect: suspects_lib.Suspect, bound: float | None = None
  ) -> None:
    """Adds all edits of a suspect, none of them scored above `bound`."""
    scores = self._ranker.score(suspect)
    if bound is not None:
      shift = bound - self._ranker.bound(suspect)
      scores = [x + shift for x in scores]
    for edit, score in zip(suspect.edits, scores, strict=True):
      proposal = Proposal(suspect=suspect, edit=edit, score=score)
      self._push(self._belief(proposal), proposal)
    self.num_candidates[suspect.key] = len(scores)
    if scores:
      self._log_sum = ranking.log_sum_exp(
          [self._log_sum, *scores]
      )

  def _belief(self, proposal: Proposal) -> float:
    cost = sum(
        weight * math.log2(1 + self._tried[key])
        for key, weight in _tried_keys(proposal)
    )
    gain = self._promising.get(_line_key(proposal), 0.0)
    return proposal.score - cost + gain

  def _push(self, key: float, item) -> None:
    heapq.heappush(self._heap, (-key, next(self._numbers), item))

  def _rebuild(self) -> None:
    """Sorts anew: some candidates are now better than their place says."""
    self._heap = [
        (-self._belief(item) if isinstance(item, Proposal) else key,
         number, item)
        for key, number, item in self._heap
    ]
    heapq.heapify(self._heap)


def _is_first(item) -> bool:
  if isinstance(item, Proposal):
    return not item.suspect.first
  return not callable(item)


def _line_key(proposal: Proposal):
  return "line", proposal.suspect.key, proposal.line


def _tried_keys(proposal: Proposal):
  edit = proposal.edit
  place = proposal.suspect.key
  return (
      (("span", place, edit.start, edit.end), _TRIED_SPAN),
      (_line_key(proposal), _TRIED_LINE),
      (("kind", place, edit.kind), _TRIED_KIND),
  )

