"""Which of a state's many candidates are worth executing for training."""

from collections.abc import Sequence
import random

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import source

# Shares of the candidates: what is left over is drawn from all of them.
_NEAR = 0.25  # On the line of the fix.
_BLAMED = 0.2  # On the lines that the tests blame the most.
_SAME_KIND = 0.1  # Of the kind of the fix, wherever.


def choose_candidates(
    function: source.Function,
    edits: Sequence[edits_lib.Edit],
    fix: edits_lib.Edit,
    scores: Sequence[float],
    rng: random.Random,
    count: int,
) -> tuple[edits_lib.Edit, ...]:
  """Returns the fix and up to `count - 1` other edits, shuffled.

  Hard negatives first: near misses of the fix, edits at suspicious places,
  edits of its kind. Where a group is drawn from, kinds are drawn first, so
  that kinds with thousands of edits do not drown the others.

  Args:
    function: the broken one.
    edits: all candidates.
    fix: the one that restores the original program.
    scores: suspiciousness of each token, as `localization.token_scores`.
    rng: a source of randomness, consumed.
    count: how many to return at the most.
  """
  line = _line(function, fix)
  worst = max(scores, default=0.0)
  groups = (
      (_NEAR, lambda e: _line(function, e) == line),
      (_BLAMED, lambda e: scores[_first(function, e)] == worst),
      (_SAME_KIND, lambda e: e.kind == fix.kind),
      (1.0, lambda e: True),
  )
  chosen = {fix: None}
  for share, is_member in groups:
    room = min(count - len(chosen), round(share * count))
    members = [e for e in edits if is_member(e) and e not in chosen]
    chosen.update(dict.fromkeys(_draw(members, rng, room)))
  result = list(chosen)
  rng.shuffle(result)
  return tuple(result)


def _draw(
    edits: Sequence[edits_lib.Edit], rng: random.Random, count: int
) -> list[edits_lib.Edit]:
  """Draws without replacement: a kind, then an edit of that kind."""
  by_kind: dict[str, list[edits_lib.Edit]] = {}
  for edit in edits:
    by_kind.setdefault(edit.kind, []).append(edit)
  drawn = []
  while by_kind and len(drawn) < count:
    kind = rng.choice(list(by_kind))
    members = by_kind[kind]
    drawn.append(members.pop(rng.randrange(len(members))))
    if not members:
      del by_kind[kind]
  return drawn


def _first(function: source.Function, edit: edits_lib.Edit) -> int:
  return localization.touched_tokens(function, edit)[0]


def _line(function: source.Function, edit: edits_lib.Edit) -> int:
  return function.tokens[_first(function, edit)].line
