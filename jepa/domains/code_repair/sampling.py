"""Which of a state's many candidates are worth executing for training."""

from collections.abc import Sequence
import random

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import source

# Shares of the candidates: what is left over is drawn from all of them.
_AT_FIX = 0.2  # Of tokens that the fix touches, or next to them.
_NEAR = 0.15  # On the line of the fix.
_BLAMED = 0.2  # On the lines that the tests blame the most.
_SAME_KIND = 0.15  # Of the kind of the fix, on a line that a failure reached.
_REACHED = 0.15  # On any such line.


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
  edits of its kind. Of those, kinds are drawn first, so that kinds with
  thousands of edits do not drown the others; the rest are drawn evenly, as
  they will be met.

  Args:
    function: the broken one.
    edits: all candidates.
    fix: the one that restores the original program.
    scores: suspiciousness of each token, as `localization.token_scores`.
    rng: a source of randomness, consumed.
    count: how many to return at the most.
  """
  place = localization.touched_tokens(function, fix)
  line = _line(function, fix)
  worst = max(scores, default=0.0)
  score = lambda e: scores[_first(function, e)]
  groups = (
      (_AT_FIX, lambda e: _is_at(place, function, e)),
      (_NEAR, lambda e: _line(function, e) == line),
      (_BLAMED, lambda e: score(e) == worst),
      (_SAME_KIND, lambda e: e.kind == fix.kind and score(e) > 0),
      (_REACHED, lambda e: score(e) > 0),
  )
  chosen = {fix: None}
  for share, is_member in groups:
    room = min(count - len(chosen), round(share * count))
    members = [e for e in edits if is_member(e) and e not in chosen]
    chosen.update(dict.fromkeys(_draw(members, rng, room)))
  others = [e for e in edits if e not in chosen]
  room = min(count - len(chosen), len(others))
  result = [*chosen, *rng.sample(others, room)]
  rng.shuffle(result)
  return tuple(result)


def _is_at(
    place: range, function: source.Function, edit: edits_lib.Edit
) -> bool:
  touched = localization.touched_tokens(function, edit)
  return touched[0] <= place[-1] + 1 and place[0] <= touched[-1] + 1


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
