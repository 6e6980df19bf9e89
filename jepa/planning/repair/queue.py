"""Candidates in the order to try them, which every outcome changes."""

from collections.abc import Callable, Hashable
import functools
import heapq
import itertools
import math

from jepa.domains.code_repair import evidence as evidence_lib
from jepa.planning.repair import beliefs as beliefs_lib
from jepa.planning.repair import progress as progress_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import suspects as suspects_lib

# What a second edit costs after a first one that made so much progress, beside
# half of what the first one costs.
_SECOND_EDIT = {
    progress_lib.Progress.FIXED: 2.0,
    progress_lib.Progress.NEARER: 4.0,
    progress_lib.Progress.MOVED: 5.0,
}
MAX_FIRST_EDITS = 40  # That are tried in company.


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
    self._beliefs = beliefs_lib.Beliefs(ranker)
    self._num_first = 0
    self._log_sum = -math.inf
    # Of each suspect that was opened, by its key.
    self.num_candidates: dict[Hashable, int] = {}
    for suspect in suspects:
      self._push(ranker.bound(suspect), suspect)

  def pop(self) -> beliefs_lib.Proposal | None:
    """Returns the best candidate left, None where there is none."""
    self._look_again()
    while self._heap:
      key, _, item = heapq.heappop(self._heap)
      if isinstance(item, suspects_lib.Suspect):
        self._open(item)
      elif callable(item):
        if (suspect := item()) is not None:
          self._open(suspect, bound=-key)
      elif (now := self._beliefs.of(item)) < -key - 1e-9:
        self._push(now, item)  # It lost since it was pushed.
      else:
        return item
    return None

  def learn(
      self,
      proposal: beliefs_lib.Proposal,
      execution: evidence_lib.Execution,
      progress: progress_lib.Progress,
  ) -> None:
    """Takes the outcome of a candidate into account for all others."""
    if self._beliefs.learn(proposal, execution, progress):
      self._rebuild()

  def extend(
      self,
      proposal: beliefs_lib.Proposal,
      progress: progress_lib.Progress,
      observe: Callable[[beliefs_lib.Proposal], suspects_lib.Suspect | None],
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

  def shift(self, proposal: beliefs_lib.Proposal) -> float:
    """By how many nats outcomes have moved a candidate until now."""
    return self._beliefs.of(proposal) - proposal.score

  def probability(self, proposal: beliefs_lib.Proposal) -> float:
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
      proposal = beliefs_lib.Proposal(suspect=suspect, edit=edit, score=score)
      self._push(self._beliefs.of(proposal), proposal)
    self.num_candidates[suspect.key] = len(scores)
    if scores:
      self._log_sum = ranking.log_sum_exp(
          [self._log_sum, *scores]
      )

  def _look_again(self) -> None:
    """Scores anew what is left of suspects of which enough was tried."""
    for suspect in list(self._beliefs.due()):
      items = (item for _, _, item in self._heap)
      self._beliefs.look_again(suspect, [
          item for item in items
          if isinstance(item, beliefs_lib.Proposal) and item.suspect is suspect
      ])
      self._rebuild()

  def _push(self, key: float, item) -> None:
    heapq.heappush(self._heap, (-key, next(self._numbers), item))

  def _rebuild(self) -> None:
    """Sorts anew: some candidates are now better than their place says."""
    is_proposal = lambda item: isinstance(item, beliefs_lib.Proposal)
    self._heap = [
        (-self._beliefs.of(item) if is_proposal(item) else key, number, item)
        for key, number, item in self._heap
    ]
    heapq.heapify(self._heap)


def _is_first(item) -> bool:
  if isinstance(item, beliefs_lib.Proposal):
    return not item.suspect.first
  return not callable(item)
