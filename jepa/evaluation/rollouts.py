"""Repairs of two edits: does it pay to look ahead in the latent space?

Four searches spend the same number of executions on functions that no single
edit repairs. One sees the program after a first edit, and pays for that. The
others execute pairs only, and order them by

  static prior: the sum of what the best static mix says of either edit;
  no rollout: the sum of what the model says of either edit;
  latent rollout: the same, but for the second edit's score, which is read off
    the latent state that the model predicts after the first.

A fifth sees programs as the first does, in the order of the best pair that the
rollout has with each: it looks ahead to choose what to look at.

Measured on 2026-11-26, 24 cases of four packages, at most 120 executions
(`jepa.apps.rollouts --dataset=code_repair/full --num_cases=24 --limit=120`):
repaired, executions, and those over greedy, with the model that shipped then,
which saw no window, and with one that was trained on them and with their loss
(`configs/ablations.py`; one seed):

                        no windows                 windows
  static prior           1 113.3 4.52 [2.53, 8.34]  1 113.3 3.47 [2.07, 5.99]
  no rollout            11  35.3 1.41 [ .82, 2.47] 15  34.7 1.06 [ .68, 1.67]
  latent rollout        11  63.5 2.53 [1.57, 4.19] 15  36.5 1.12 [ .72, 1.72]
  greedy                16  25.1                   13  32.6
  rollout, then greedy  16  26.0 1.04 [ .90, 1.17] 15  31.7  .97 [ .76, 1.30]

So a latent that was trained to be looked ahead from stands in for a look at the
program after the first edit, where another one does not; but neither it nor
both together beat the look.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
import functools
import itertools
import pathlib
from typing import Any, NamedTuple

from jepa import stats
from jepa.baselines import code_repair as baselines
from jepa.domains import base
from jepa.domains.code_repair import double_bugs
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import pairs
from jepa.domains.code_repair import records
from jepa.domains.code_repair import source
from jepa.domains.code_repair import trials
from jepa.planning import rank
import numpy as np

WITHIN = (50, 200)
REFERENCE = "greedy"  # What others are compared with.
_NUM_FIRST = 64  # First edits that pairs begin with.
_NUM_SECOND = 8  # Executed after each first edit by the greedy search.
_STATIC_PER_NAT = 8.0

# Scores `[F, K]` of second candidates after first ones; see `rank`.
PairScorer = Callable[
    [base.Observation, Sequence[base.Candidate], Sequence[base.Candidate]],
    np.ndarray,
]
# What the tests of a program show; None where nothing fails or it cannot run.
Look = Callable[[str], observation.State | None]


class Bug(NamedTuple):
  """What a search may use: a state, its edits, and their two encodings."""
  state: observation.State
  edits: Sequence[edits_lib.Edit]
  observed: base.Observation
  candidates: Sequence[base.Candidate]


class Model(NamedTuple):
  score: rank.Scorer
  score_pairs: PairScorer


def make_bug(state: observation.State) -> Bug:
  edits = double_bugs.edits_of(state)
  return Bug(state, edits, *observation.encode_candidates(
      edits, observation.encode_state(state), state
  ))


# Yields programs in the order in which it would execute them.
Search = Callable[[Bug, Look], Iterator[str]]


def make_searches(model: Model) -> dict[str, Search]:
  """Returns the searches by name; see above."""
  singles = lambda bug: model.score(bug.observed, bug.candidates)[:, 0]

  def rollout(bug, first):
    return singles(bug)[first][:, None] + model.score_pairs(
        bug.observed, [bug.candidates[i] for i in first], bug.candidates
    )

  def sums(score):
    return lambda bug, first: score(bug)[first][:, None] + score(bug)[None, :]

  return {
      "static prior": _of_pairs(_static, sums(_static)),
      "no rollout": _of_pairs(singles, sums(singles)),
      "latent rollout": _of_pairs(singles, rollout),
      "greedy": lambda bug, look: _greedy(singles, singles, bug, look),
      "rollout, then greedy": lambda bug, look: _greedy(
          lambda bug: _best_after(singles, rollout, bug), singles, bug, look
      ),
  }


def _likeliest(scores: np.ndarray) -> np.ndarray:
  """Returns the indices of first edits that pairs begin with."""
  return np.argsort(-scores, kind="stable")[:_NUM_FIRST]


def _best_after(singles, score_pairs, bug: Bug) -> np.ndarray:
  """Returns what the best pair has with each of the likeliest first edits."""
  scores = np.full(len(bug.edits), -np.inf)
  first = _likeliest(singles(bug))
  scores[first] = score_pairs(bug, first).max(axis=1)
  return scores


def _static(bug: Bug) -> np.ndarray:
  scores = np.array(baselines.ochiai_kind(bug.state, bug.edits))
  return scores / _STATIC_PER_NAT


def _of_pairs(score, score_pairs):
  """Returns a search that executes pairs of the likeliest first edits."""

  def search(bug, unused_look):
    first = _likeliest(score(bug))
    scores = score_pairs(bug, first)  # [F, K]
    for flat in np.argsort(-scores, axis=None, kind="stable"):
      i, j = divmod(int(flat), scores.shape[1])
      text = pairs.both(
          bug.state.function, bug.edits[first[i]], bug.edits[j]
      )
      if text is not None:
        yield text

  return search


def _greedy(score_first, score, bug: Bug, look: Look) -> Iterator[str]:
  """Executes the likeliest first edit, then what is likeliest after it.

  To look at the program after the first edit is its execution; then come
  `_NUM_SECOND` second edits, then the next first one.
  """
  for i in np.argsort(-score_first(bug), kind="stable"):
    text = trials.edited_text(bug.state.function, bug.edits[i])
    yield text
    state = look(text)
    if state is None:
      continue
    then = make_bug(state)
    for j in np.argsort(-score(then), kind="stable")[:_NUM_SECOND]:
      yield trials.edited_text(state.function, then.edits[j])


class Trial:
  """Runs searches on the bugs of one package; programs are run once."""

  def __init__(
      self, executor: executor_lib.FastExecutor, root: pathlib.Path
  ):
    self._executor = executor
    self._read_text = functools.partial(trials.read_text, root)

  def run(
      self,
      searches: Mapping[str, Search],
      bug: double_bugs.DoubleBug,
      limit: int = max(WITHIN),
  ) -> dict[str, int | None]:
    """Returns what each search needed; see `count_executions`."""
    index = {t.nodeid: i for i, t in enumerate(self._executor.baseline.tests)}
    tests = [index[name] for name in bug.tests]
    failing = double_bugs.failing_tests(bug, self._executor)

    @functools.cache
    def passes(text):
      (execution,) = self._executor.execute_many(
          bug.target, [text], tests, failing
      )
      return execution.status == "passed"

    @functools.cache
    def look(text):
      try:
        function = records.restore_function(text, bug.target)
        ((evidence, observed),) = trials.observe(
            self._executor, [function], tests, self._read_text
        )
      except (source.SourceError, executor_lib.CandidateError):
        return None  # It cannot be read, or not be put in place.
      return bug.state_of(observed) if evidence.failing else None

    start = make_bug(bug.state)
    return {
        name: count_executions(search(start, look), passes, limit)
        for name, search in searches.items()
    }


def count_executions(
    search: Iterator[str], passes: Callable[[str], bool], limit: int
) -> int | None:
  """Returns how many programs are run until one passes, None if too many.

  A program that was run before costs nothing.
  """
  seen: set[str] = set()
  # No search needs many times as many programs as it may run.
  for text in itertools.islice(search, 100 * limit):
    if text in seen:
      continue
    seen.add(text)
    if passes(text):
      return len(seen)
    if len(seen) == limit:
      return None
  return None


class Row(NamedTuple):
  """What one search needed.

  repaired: cases within so many executions, by their number.
  executions: geometric mean; a case that was given up counts its limit.
  ratio: of executions to those of the reference, with a paired interval (95 %)
    over cases: below one is better.
  gains: what is added to the share that the reference repairs within so many
    executions, with its interval.
  """
  repaired: Mapping[int, int]
  executions: float
  ratio: stats.Interval
  gains: Mapping[int, stats.Interval]


def summarize(
    found: Mapping[str, Sequence[int | None]],
    limit: int,
    within: Sequence[int] = WITHIN,
    reference: str = REFERENCE,
) -> dict[str, Row]:
  """Compares searches on the same cases.

  Args:
    found: what each needed; None where it gave up.
    limit: after so many executions.
    within: numbers of executions to count repairs within.
    reference: what others are compared with.

  Raises:
    ValueError: there is no case.
  """
  if not found[reference]:
    raise ValueError("No function could be broken so that two edits repair it.")
  spent = {
      name: np.array([limit if c is None else c for c in counts], float)
      for name, counts in found.items()
  }
  is_found = lambda name, n: np.array(
      [c is not None and c <= n for c in found[name]], float
  )
  return {
      name: Row(
          repaired={n: int(is_found(name, n).sum()) for n in within},
          executions=stats.geometric_mean(spent[name]),
          ratio=stats.paired_ratio(spent[name], spent[reference]),
          gains={
              n: stats.paired_difference(
                  is_found(name, n), is_found(reference, n)
              )
              for n in within
          },
      )
      for name in found
  }


def format_rows(
    rows: Mapping[str, Row], num_cases: int, reference: str = REFERENCE
) -> str:
  """Returns a line for each search."""
  width = max(16, *map(len, rows))
  within = next(iter(rows.values())).repaired
  lines = [
      f"repairs of two edits, {num_cases} cases; beside {reference!r} with "
      "paired 95 % intervals",
      f"{'search':{width}} " + " ".join(f"<={n}".rjust(5) for n in within)
      + f" {'geo.mean':>8} {'ratio':>19} "
      + " ".join(f"share <={n}".rjust(22) for n in within),
  ]
  for name, row in rows.items():
    repaired = " ".join(str(row.repaired[n]).rjust(5) for n in within)
    gains = " ".join(_show(row.gains[n], "+.2f").rjust(22) for n in within)
    lines.append(
        f"{name:{width}} {repaired} {row.executions:8.1f} "
        f"{_show(row.ratio, '.2f'):>19} {gains}"
    )
  return "\n".join(lines)


def _show(x: stats.Interval, spec: str) -> str:
  return f"{x.estimate:{spec}} [{x.low:{spec}}, {x.high:{spec}}]"


def to_json(rows: Mapping[str, Row]) -> dict[str, Any]:
  """Returns the rows for machines."""
  return {
      name: row._asdict() | {
          "ratio": row.ratio._asdict(),
          "gains": {n: x._asdict() for n, x in row.gains.items()},
      }
      for name, row in rows.items()
  }
