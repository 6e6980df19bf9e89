"""What is believed of candidates, and how outcomes move it.

A ranker that sees what was tried scores what is left of a function anew. What
it has not been shown, which without a model is everything, moves beliefs by
rule: repeats of what failed lose, and edits of a line where one made progress
gain.
"""

import collections
from collections.abc import Hashable, Iterator, Sequence
import dataclasses
import math

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import tries
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
    progress_lib.Progress.TRADED: 0.5,
}
_FIRST_LOOK = 2  # Outcomes of a suspect after which it is scored anew.
# Only the best are scored anew: as many as a model takes at once, or several
# times those that will be executed before it is asked again.
_NUM_RESCORED = 512
_RESCORED_PER_TRY = 8


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


class _Outcomes:
  """What was tried of one suspect."""

  def __init__(self):
    self.executed: list[tuple[Proposal, evidence_lib.Execution]] = []
    self.num_told = 0  # Of these, those that the ranker knew of.
    self.failures = collections.Counter()
    self.promising: dict[int, float] = {}

  @property
  def is_due(self) -> bool:
    """Whether to score anew: after 2, 4, 8... outcomes."""
    num_new = len(self.executed) - self.num_told
    return num_new >= max(_FIRST_LOOK, self.num_told)


class Beliefs:
  """Scores of candidates, and what outcomes have made of them.

  Args:
    ranker: whose scores they are.
  """

  def __init__(self, ranker: ranking.Ranker):
    self._ranker = ranker
    self._outcomes: dict[Hashable, _Outcomes] = {}
    self._scores: dict[Proposal, float] = {}  # Where they are not the first.

  def of(self, proposal: Proposal) -> float:
    """Returns what is believed of a candidate now, in nats."""
    score = self._scores.get(proposal, proposal.score)
    known = self._outcomes.get(proposal.suspect.key)
    if known is None:
      return score
    cost = sum(
        weight * math.log2(1 + known.failures[key])
        for key, weight in _tried_keys(proposal)
    )
    return score - cost + known.promising.get(proposal.line, 0.0)

  def learn(
      self,
      proposal: Proposal,
      execution: evidence_lib.Execution,
      progress: progress_lib.Progress,
  ) -> bool:
    """Takes an outcome into account; returns whether any belief has risen."""
    if execution.status == "invalid":
      return False
    known = self._outcomes.setdefault(proposal.suspect.key, _Outcomes())
    known.executed.append((proposal, execution))
    if not progress:
      known.failures.update(key for key, _ in _tried_keys(proposal))
      return False
    gain = _PROMISING_LINE[progress]
    has_risen = gain > known.promising.get(proposal.line, 0.0)
    if has_risen:
      known.promising[proposal.line] = gain
    return has_risen

  def due(self) -> Iterator[suspects_lib.Suspect]:
    """Yields suspects whose edits the ranker is to score anew."""
    if self._ranker.sees_tries:
      for known in self._outcomes.values():
        if known.is_due:
          yield known.executed[-1][0].suspect

  def look_again(
      self, suspect: suspects_lib.Suspect, left: Sequence[Proposal]
  ) -> Sequence[Proposal]:
    """Has the ranker score a suspect's edits, knowing what was tried there.

    They share what they had together before: what is believed of other
    suspects stands as it is.

    Args:
      suspect: one of `due()`.
      left: its edits that were not tried.

    Returns:
      Those that were scored anew.
    """
    known = self._outcomes[suspect.key]
    known.num_told = len(known.executed)
    count = max(_NUM_RESCORED, _RESCORED_PER_TRY * known.num_told)
    best = sorted(left, key=self.of, reverse=True)[:count]
    if not best:
      return best
    before = [self._scores.get(p, p.score) for p in best]
    tried = tries.make_tries(
        [(p.edit, execution) for p, execution in known.executed],
        suspect.exceptions,
    )
    scores = self._ranker.score_edits(suspect, [p.edit for p in best], tried)
    shift = ranking.log_sum_exp(before) - ranking.log_sum_exp(scores)
    self._scores.update(zip(best, (x + shift for x in scores)))
    return best


def _tried_keys(proposal: Proposal):
  edit = proposal.edit
  return (
      (("span", edit.start, edit.end), _TRIED_SPAN),
      (("line", proposal.line), _TRIED_LINE),
      (("kind", edit.kind), _TRIED_KIND),
  )
