"""Rankers of edits that learn nothing: what a model of repair has to beat.

Each maps a state and the edits of its function to scores; the highest score
is tried first. Scores of different functions of one failure compare, if each
state's spectrum counts the same failing tests.
"""

from collections.abc import Callable, Sequence

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation

Ranker = Callable[
    [observation.State, Sequence[edits_lib.Edit]], list[float]
]

OCHIAI_WEIGHT = 100.0
_KIND_RANK = {kind: i for i, kind in enumerate(edits_lib.KINDS)}


def kind(
    state: observation.State, edits: Sequence[edits_lib.Edit]
) -> list[float]:
  """Kinds in the order in which they fix bugs most often."""
  del state
  return [-float(_KIND_RANK[e.kind]) for e in edits]


def ochiai(
    state: observation.State, edits: Sequence[edits_lib.Edit]
) -> list[float]:
  """The most suspicious line first.

  Tests do not run the lines of a signature: they count as the first statement
  after it, which every call runs.
  """
  scores = localization.token_scores(state.function, state.spectrum)
  depths = [token.depth for token in state.function.tokens]
  body = next((i for i, depth in enumerate(depths) if depth), 0)
  scores = (scores[body],) * body + scores[body:]
  return [max(scores[s]) for s in map(_site(len(scores)), edits)]


def ochiai_kind(
    state: observation.State, edits: Sequence[edits_lib.Edit]
) -> list[float]:
  """The best static mix measured: 100 x Ochiai - rank of the kind."""
  return [
      OCHIAI_WEIGHT * line + rank
      for line, rank in zip(ochiai(state, edits), kind(state, edits))
  ]


RANKERS: dict[str, Ranker] = {
    "kind": kind,
    "ochiai": ochiai,
    "ochiai_kind": ochiai_kind,
}


def _site(num_tokens: int) -> Callable[[edits_lib.Edit], slice]:
  """Returns the tokens that an edit touches: at least one."""

  def site(edit):
    start = min(edit.start, num_tokens - 1)
    return slice(start, max(edit.end, start + 1))

  return site
