"""How likely each edit of a suspect is to be the fix.

A ranker scores the edits of one suspect in nats, comparably over suspects.
"""

from collections.abc import Callable, Sequence
import dataclasses
import math
from typing import Any, NamedTuple

from jepa.baselines import code_repair as baselines
from jepa.domains.code_repair import observation
from jepa.planning.repair import suspects as suspects_lib

# A static score counts ranks of kinds; so many of them make a nat.
_RANKS_PER_NAT = 8.0
# What holds of programs that were broken does not always hold of real bugs, and
# then a model may be sure and wrong. So with this chance it is the static prior
# that knows; `jepa.apps.evaluate` shows what that is worth ("with the prior").
PRIOR_SHARE = 0.5
_RANKS_PER_NAT_OF_PRIOR = 16.0
# A model knows the edits of one function; which function it is, Ochiai says:
# p(function) ~ suspicion ** power.
_SUSPICION_POWER = 4.0


class Ranker(NamedTuple):
  """Scores edits; a higher score is tried first.

  name: for people.
  bound: `suspect -> float`, no less than the score of any of its edits: none
    of them need be scored before better ones of others are used up.
  score_edits: `suspect, edits, tried=() -> list of float`, one for each of
    `edits`, which are of the suspect; `tried` says what came of others of it.
  sees_tries: whether `tried` changes anything.
  """
  name: str
  bound: Callable[[suspects_lib.Suspect], float]
  score_edits: Callable[..., list[float]]
  sees_tries: bool = False

  def score(self, suspect: suspects_lib.Suspect) -> list[float]:
    """Scores all edits of a suspect."""
    return self.score_edits(suspect, suspect.edits)


def static() -> Ranker:
  """The prior that needs no model: 100 x Ochiai - rank of the kind."""

  def bound(suspect):
    return baselines.OCHIAI_WEIGHT * suspect.suspicion / _RANKS_PER_NAT

  def score(suspect, edits, unused_tried=()):
    state = dataclasses.replace(suspect.state, spectrum=suspect.spectrum)
    scores = baselines.ochiai_kind(state, edits)
    return [x / _RANKS_PER_NAT for x in scores]

  return Ranker("the static prior", bound, score)


def learned(
    scorer: Callable[..., Any], name: str, prior_share: float = PRIOR_SHARE
) -> Ranker:
  """A trained model and the prior within each function, Ochiai among functions.

  Args:
    scorer: as `planning.rank.make_scorer` returns; not imported here, so that
      nothing loads JAX before a model is wanted.
    name: for people.
    prior_share: of the static prior in the mixture, in [0, 1].
  """

  def bound(suspect):
    return _SUSPICION_POWER * math.log(max(suspect.suspicion, 1e-6))

  def score(suspect, edits, tried=()):
    if not edits:
      return []
    state = dataclasses.replace(suspect.state, tried=tuple(tried))
    observed, candidates = observation.encode_candidates(
        edits, observation.encode_state(state), state
    )
    logits = scorer(observed, candidates)[:, 0].tolist()  # Signal 0 is success.
    seen = dataclasses.replace(state, spectrum=suspect.spectrum)
    priors = baselines.ochiai_kind(seen, edits)
    offset = bound(suspect)
    return [x + offset for x in mix(logits, priors, prior_share)]

  return Ranker(name, bound, score, sees_tries=True)


def mix(
    logits: Sequence[float],
    priors: Sequence[float],
    prior_share: float = PRIOR_SHARE,
) -> list[float]:
  """Returns log-probabilities: of a model, or else of the static prior.

  Args:
    logits: of a model, one for each edit.
    priors: as `baselines.code_repair.ochiai_kind` scores them.
    prior_share: in [0, 1].
  """
  parts = []
  for share, scores in (
      (1.0 - prior_share, logits),
      (prior_share, [x / _RANKS_PER_NAT_OF_PRIOR for x in priors]),
  ):
    if share:
      offset = math.log(share) - log_sum_exp(scores)
      parts.append([x + offset for x in scores])
  return [log_sum_exp(xs) for xs in zip(*parts)]


def log_sum_exp(scores: Sequence[float]) -> float:
  """Returns log(sum(exp(scores))); `scores` must not be empty."""
  largest = max(scores)
  return largest + math.log(sum(math.exp(x - largest) for x in scores))
