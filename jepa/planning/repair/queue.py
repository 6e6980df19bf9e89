"""Candidates in the order to try them, which every outcome changes."""

import collections
from collections.abc import Callable, Hashable, Iterable, Sequence
import functools
import heapq
import itertools
import math

from jepa.domains.code_repair import edits as edits_lib
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
    progress_lib.Progress.TRADED: 5.0,
}
MAX_FIRST_EDITS = 40  # That are tried in company.
_MAX_SECOND_EDITS = 512  # Of each, by the static prior.
# A model takes about as long to score a function as so many executions.
_TRIES_PER_FIRST_EDIT = 100


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
    # Of a candidate there may be several entries, of which the first counts.
    self._heap = []
    self._left: dict[Hashable, dict[beliefs_lib.Proposal, None]] = {}
    self._waiting = collections.deque()
    self._beliefs = beliefs_lib.Beliefs(ranker)
    self._num_popped = 0
    self._num_first = 0
    self._num_followed = 0
    self._log_sum = -math.inf
    # Of each suspect that was opened, by its key.
    self.num_candidates: dict[Hashable, int] = {}
    for suspect in suspects:
      self._push(ranker.bound(suspect) - suspect.doubt, suspect)

  def pop(self) -> beliefs_lib.Proposal | None:
    """Returns the best candidate left, None where there is none."""
    self._look_again()
    if self._waiting and self._may_follow():
      self._push(*self._waiting.popleft())
    while self._heap or self._waiting:
      if not self._heap:
        self._follow(*self._waiting.popleft())
        continue
      key, _, item = heapq.heappop(self._heap)
      if isinstance(item, suspects_lib.Suspect):
        self._open(item, item.edits, -item.doubt)
      elif callable(item):
        if self._may_follow():
          self._follow(-key, item)
        else:
          self._waiting.append((-key, item))
      elif self._is_left(item):
        if (now := self._beliefs.of(item)) < -key - 1e-9:
          self._push(now, item)  # It lost since it was pushed.
        else:
          return self._take(item)
    return None

  def take_cheapest(
      self, count: int, cost: Callable[[beliefs_lib.Proposal], float | None]
  ) -> list[beliefs_lib.Proposal]:
    """Pops what costs least, out of turn; None is of what is not wanted.

    Only suspects whose turn has come are looked at.
    """
    costs = {
        proposal: price
        for left in self._left.values()
        for proposal in left
        if (price := cost(proposal)) is not None
    }
    cheapest = heapq.nsmallest(count, costs, key=costs.get)
    return [self._take(proposal) for proposal in cheapest]

  def learn(
      self,
      proposal: beliefs_lib.Proposal,
      execution: evidence_lib.Execution,
      progress: progress_lib.Progress,
  ) -> None:
    """Takes the outcome of a candidate into account for all others."""
    if self._beliefs.learn(proposal, execution, progress):
      self._push_anew([
          item for item in self._left[proposal.suspect.key]
          if item.line == proposal.line
      ])

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
    self._waiting.clear()
    self._heap = [entry for entry in self._heap if _is_first(entry[-1])]
    heapq.heapify(self._heap)

  def shift(self, proposal: beliefs_lib.Proposal) -> float:
    """By how many nats outcomes have moved a candidate until now."""
    return self._beliefs.of(proposal) - proposal.score

  def probability(self, proposal: beliefs_lib.Proposal) -> float:
    """What the ranker believed at first, among all candidates opened."""
    return math.exp(proposal.score - self._log_sum)

  def _may_follow(self) -> bool:
    """Whether to look for second edits: a model that scores them takes time."""
    allowed = 1 + self._num_popped // _TRIES_PER_FIRST_EDIT
    return not self._ranker.sees_tries or self._num_followed < allowed

  def _follow(self, bound: float, observe) -> None:
    """Adds the edits that may follow one that made progress."""
    self._num_followed += 1
    suspect = observe()
    if suspect is not None and suspect.edits:
      shift = bound - self._ranker.bound(suspect)
      priors = ranking.static().score(suspect)
      best = heapq.nlargest(
          _MAX_SECOND_EDITS, zip(priors, suspect.edits), key=lambda x: x[0]
      )
      self._open(suspect, [edit for _, edit in best], shift)

  def _open(
      self,
      suspect: suspects_lib.Suspect,
      edits: Sequence[edits_lib.Edit],
      shift: float = 0.0,
  ) -> None:
    """Adds edits of a suspect, scored by so much more than they are."""
    scores = self._ranker.score_edits(suspect, edits)
    proposals = [
        beliefs_lib.Proposal(suspect=suspect, edit=edit, score=score + shift)
        for edit, score in zip(edits, scores, strict=True)
    ]
    self._left[suspect.key] = dict.fromkeys(proposals)
    self._push_anew(proposals)
    self.num_candidates[suspect.key] = len(scores)
    if scores:
      self._log_sum = ranking.log_sum_exp(
          [self._log_sum, *(p.score for p in proposals)]
      )

  def _look_again(self) -> None:
    """Scores anew what is left of suspects of which enough was tried."""
    for suspect in list(self._beliefs.due()):
      left = list(self._left[suspect.key])
      self._push_anew(self._beliefs.look_again(suspect, left))

  def _is_left(self, proposal: beliefs_lib.Proposal) -> bool:
    return proposal in self._left[proposal.suspect.key]

  def _take(self, proposal: beliefs_lib.Proposal) -> beliefs_lib.Proposal:
    self._num_popped += 1
    del self._left[proposal.suspect.key][proposal]
    return proposal

  def _push(self, key: float, item) -> None:
    heapq.heappush(self._heap, (-key, next(self._numbers), item))

  def _push_anew(self, proposals: Iterable[beliefs_lib.Proposal]) -> None:
    """Gives candidates the place that they now deserve."""
    for proposal in proposals:
      self._push(self._beliefs.of(proposal), proposal)


def _is_first(item) -> bool:
  if isinstance(item, beliefs_lib.Proposal):
    return not item.suspect.first
  return not callable(item)
