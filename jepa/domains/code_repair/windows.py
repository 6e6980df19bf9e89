"""Windows of two edits: functions broken twice, and pairs of edits executed.

No candidate of such a state passes alone. After two of them, the first edits,
the program is observed, and each of the other candidates is executed together
with the first one: what a model that looks ahead is to foresee.
"""

from collections.abc import Iterator, Sequence
import random

from jepa.domains.code_repair import bench
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import pairs
from jepa.domains.code_repair import pools
from jepa.domains.code_repair import records
from jepa.domains.code_repair import sampling
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import trials

VERSION = 1  # Raised where equal settings begin to give other records.

_BREAKS_PER_STATE = 3  # Not every pair of breaks makes a test fail.
_SECONDS_PER_BREAK = 2  # Some lie where the first one does.
_BOTH_FIXES = 0.5  # Share of states in which both first edits are fixes.


def make_records(
    checkout: settings_lib.Checkout,
    settings: settings_lib.Settings,
    executor: executor_lib.FastExecutor,
    function: source.Function,
    count: int,
) -> Iterator[records.Record]:
  """Yields at most `count` windows of a function."""
  rng = random.Random(
      f"windows/{settings.seed}/{checkout.name}/{trials.target_of(function)}"
  )
  maker = _WindowMaker(checkout, settings, executor, function, rng)
  breaks = edits_lib.sample_breaks(function, rng, _BREAKS_PER_STATE * count)
  for first in breaks:
    if not count:
      return
    record = maker.make(first)
    if record is not None:
      yield record
      count -= 1


class _WindowMaker:
  """What one function needs to be broken twice, repaired and observed."""

  def __init__(self, checkout, settings, executor, function, rng):
    self._checkout = checkout
    self._settings = settings
    self._function = function
    self._rng = rng
    self._bench = bench.Bench(checkout, settings, executor, function)

  def make(self, first: edits_lib.Break) -> records.Record | None:
    """Breaks the function by `first` and again; None if that shows nothing."""
    once = edits_lib.apply_edit(self._function, first.edit)
    for second in edits_lib.sample_breaks(
        once, self._rng, _SECONDS_PER_BREAK
    ):
      fix = pairs.moved(first.fix, second.edit)
      twice = edits_lib.apply_edit(once, second.edit)
      if fix is None or len(twice.tokens) > self._settings.max_tokens:
        continue
      fixes = self._rng.sample((second.fix, fix), 2)
      if pairs.both(twice, *fixes) != self._function.text:
        continue  # One is in the other's way.
      if self._fail([twice.text, *_texts(twice, fixes)]):
        return self._record(twice, fixes)
    return None

  def _fail(self, texts: Sequence[str]) -> bool:
    return all(e.status == "failed" for e in self._bench.execute(texts))

  def _record(self, broken, fixes) -> records.Record | None:
    ((evidence, observed),) = self._bench.observe([broken])
    exceptions = trials.exceptions_of(evidence)
    if not exceptions:
      return None
    everything = edits_lib.enumerate_edits(
        broken, pools.make_pools(observed.failure)
    )
    if not set(fixes) <= set(everything):
      return None  # The failing test's literals make another edit of it.
    candidates = self._choose(broken, everything, fixes, observed)
    executions = self._bench.judge(_texts(broken, candidates), exceptions)
    if any(e.status == "passed" for e in executions):
      return None  # It takes one edit.
    kept = [i for i, e in enumerate(executions) if e.status != "invalid"]
    candidates = tuple(candidates[i] for i in kept)
    executions = tuple(executions[i] for i in kept)
    if not set(fixes) <= set(candidates):
      return None
    fix, second = map(candidates.index, fixes)
    firsts = self._firsts(fix, second, executions)
    rows = tuple(
        self._pairs(broken, candidates, i, exceptions) for i in firsts
    )
    if rows[0][second] is None or rows[0][second].status != "passed":
      return None  # The tests are not sound.
    after = self._bench.observe(
        [edits_lib.apply_edit(broken, candidates[i]) for i in firsts]
    )
    return records.Record(
        package=self._checkout.name,
        target=self._bench.target,
        broken=observed,
        exceptions=exceptions,
        candidates=candidates,
        executions=executions,
        fix=fix,
        following=tuple(zip(firsts, (seen for _, seen in after))),
        second=second,
        pairs=rows,
    )

  def _choose(self, broken, everything, fixes, observed):
    """Returns candidates of which half are chosen about either fix."""
    scores = localization.token_scores(broken, observed.spectrum)
    chosen = dict.fromkeys(
        edit
        for fix in fixes
        for edit in sampling.choose_candidates(
            broken, everything, fix, scores, self._rng,
            self._settings.num_candidates // 2,
        )
    )
    candidates = list(chosen)
    self._rng.shuffle(candidates)
    return candidates

  def _firsts(self, fix, second, executions) -> list[int]:
    """Returns a fix, and the other one or an edit that is none."""
    others = [
        i for i, e in enumerate(executions)
        if e.status == "failed" and i not in (fix, second)
    ]
    if not others or self._rng.random() < _BOTH_FIXES:
      return [fix, second]
    return [fix, self._rng.choice(others)]

  def _pairs(self, broken, candidates, first, exceptions):
    """Executes each candidate together with one of them."""
    texts = [
        pairs.both(broken, candidates[first], edit) for edit in candidates
    ]
    executed = iter(
        self._bench.judge([t for t in texts if t is not None], exceptions)
    )
    return tuple(None if t is None else next(executed) for t in texts)


def _texts(function, edits) -> list[str]:
  return [trials.edited_text(function, e) for e in edits]
