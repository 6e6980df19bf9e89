"""Breaks one function of a package and executes edits of it."""

from collections.abc import Iterable, Iterator, Sequence
import random

from jepa.domains.code_repair import bench
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import pools
from jepa.domains.code_repair import records
from jepa.domains.code_repair import sampling
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import trials

_BREAKS_PER_STATE = 3  # Not every break makes a test fail.
# Of the states of a function, at the most: see `variants` and `removals`.
_VARIANTS = 0.3
_REMOVALS = 0.2
_MAX_SEARCHED = 96  # Edits that are tried to repair a removal.
_SEARCHED_AT_ONCE = 16
# Breaking at random mostly makes programs crash where real bugs mostly compute
# something wrong, so every other crash is left out.
_CRASHES = frozenset(
    ("AttributeError", "NameError", "TypeError", "UnboundLocalError")
)
_CRASHES_LEFT_OUT = 0.5
_MAX_HANGING = 4  # Tests that may hang before a bug is given up.

_Bug = tuple[source.Function, edits_lib.Break]


def make_records(
    checkout: settings_lib.Checkout,
    settings: settings_lib.Settings,
    executor: executor_lib.FastExecutor,
    function: source.Function,
    count: int,
) -> Iterator[records.Record]:
  """Yields at most `count` records of a function.

  First of other spellings of it, then of what is removed from it, then of what
  is broken in it: the first two make what is rare else.
  """
  # One seed a function: parts, and one day Beam, give the same records.
  rng = random.Random(
      f"{settings.seed}/{checkout.name}/{trials.target_of(function)}"
  )
  maker = _RecordMaker(checkout, settings, executor, function, rng)
  kinds = settings.kinds
  weights = {k: edits_lib.DEFAULT_WEIGHTS[k] for k in kinds} or None
  sources = (
      (_VARIANTS, lambda n: edits_lib.sample_variants(
          function, rng, n, kinds)),
      (_REMOVALS, lambda n: _of(
          function, edits_lib.sample_removals(function, rng, n, kinds))),
      (1.0, lambda n: _of(
          function, edits_lib.sample_breaks(function, rng, n, weights))),
  )
  left = count
  for share, sample in sources:
    wanted = min(left, int(share * count + rng.random()))
    for record in maker.make(sample(_BREAKS_PER_STATE * wanted), wanted):
      yield record
      left -= 1


def _of(function, breaks) -> list[_Bug]:
  return [(function, item) for item in breaks]


class _RecordMaker:
  """What one function needs to be broken, repaired and observed."""

  def __init__(self, checkout, settings, executor, function, rng):
    self._checkout = checkout
    self._settings = settings
    self._function = function
    self._rng = rng
    self._bench = bench.Bench(checkout, settings, executor, function)

  def make(self, bugs: Iterable[_Bug], count: int) -> Iterator[records.Record]:
    """Yields the records of bugs, of the original or of another spelling."""
    for function, item in bugs:
      if not count:
        return
      record = self._record(function, item)
      if record is not None:
        yield record
        count -= 1

  @property
  def _wants_all(self) -> bool:
    return self._settings.num_candidates is None

  def _record(
      self, function: source.Function, item: edits_lib.Break
  ) -> records.Record | None:
    """Returns the record of a break, None if no test fails or one hangs."""
    broken = edits_lib.apply_edit(function, item.edit)
    if len(broken.tokens) > self._settings.max_tokens:
      return None
    is_wanted = self._rng.random() >= _CRASHES_LEFT_OUT
    if self._bench.execute([broken.text])[0].status != "failed":
      return None
    if self._hangs(broken):
      return None
    (evidence, observed), = self._bench.observe([broken])
    exceptions = trials.exceptions_of(evidence)
    if not exceptions:
      return None
    if _CRASHES.issuperset(exceptions.values()) and not is_wanted:
      return None
    everything = edits_lib.enumerate_edits(
        broken, pools.make_pools(observed.failure)
    )
    fix = item.fix or self._search(broken, everything, item, exceptions)
    if fix not in everything:
      return None  # None helps, or the failing test's literals make another.
    if function is not self._function and not (
        self._bench.passes_all(function.text)):
      return None
    return self._tried(broken, everything, fix, observed, exceptions)

  def _tried(
      self, broken, everything, fix, observed, exceptions
  ) -> records.Record | None:
    """Executes candidates; returns the record unless the fix does not pass."""
    candidates, executions = self._try_candidates(
        broken, everything, fix, observed, exceptions
    )
    place = candidates.index(fix)
    if executions[place].status != "passed":
      return None  # It cannot be swapped in, or the tests are not sound.
    following = self._following(place, executions, exceptions)
    after = self._bench.observe(
        [edits_lib.apply_edit(broken, candidates[i]) for i in following]
    )
    return records.Record(
        package=self._checkout.name,
        target=self._bench.target,
        broken=observed,
        exceptions=exceptions,
        candidates=candidates,
        executions=executions,
        fix=place,
        following=tuple(zip(following, (seen for _, seen in after))),
    )

  def _search(
      self, broken, everything, item: edits_lib.Break, exceptions
  ) -> edits_lib.Edit | None:
    """Returns the edit nearest to a removal that passes all tests."""
    place = item.edit.start
    likely = [e for e in everything if e.kind == item.kind]
    likely.sort(key=lambda e: abs(e.start - place))
    for start in range(0, min(len(likely), _MAX_SEARCHED), _SEARCHED_AT_ONCE):
      some = likely[start : start + _SEARCHED_AT_ONCE]
      texts = [trials.edited_text(broken, e) for e in some]
      executions = self._bench.judge(texts, exceptions)
      for edit, execution in zip(some, executions):
        if execution.status == "passed":
          return edit
      if any(e.status in ("hang", "crash") for e in executions):
        return None  # They cost hundreds of others.
    return None

  def _try_candidates(self, broken, everything, fix, observed, exceptions):
    """Returns the chosen candidates of a state and their executions.

    Those that cannot be put in place are kept only where all are wanted: they
    show nothing to learn from.
    """
    candidates = self._choose(broken, everything, fix, observed)
    texts = [trials.edited_text(broken, e) for e in candidates]
    executions = self._bench.judge(
        texts, exceptions, sure=candidates.index(fix)
    )
    pairs = [
        (c, e)
        for c, e in zip(candidates, executions)
        if c == fix or e.status != "invalid" or self._wants_all
    ]
    return tuple(zip(*pairs))

  def _hangs(self, function: source.Function) -> bool:
    """Whether the first few tests hang: waiting for many of them costs most."""
    if len(self._bench.tests) <= 3 * _MAX_HANGING:
      return False
    return self._bench.hangs(function.text, _MAX_HANGING)

  def _choose(
      self, broken, everything, fix, observed
  ) -> tuple[edits_lib.Edit, ...]:
    settings = self._settings
    if self._wants_all:
      return _thin_out(everything, fix, settings.max_executed, self._rng)
    return sampling.choose_candidates(
        broken,
        everything,
        fix,
        localization.token_scores(broken, observed.spectrum),
        self._rng,
        settings.num_candidates,
    )

  def _following(self, fix, executions, exceptions) -> list[int]:
    """Returns the fix and others, those first that changed the most."""
    others = [
        i
        for i, e in enumerate(executions)
        if i != fix and e.status in ("passed", "failed")
    ]
    self._rng.shuffle(others)
    others.sort(key=lambda i: _sameness(executions[i], exceptions))
    return [fix, *others][: self._settings.num_next]


def _sameness(execution, exceptions) -> int:
  """Returns 0 where a candidate changed most of what the tests say."""
  if execution.num_fixed and execution.status == "failed":
    return 0
  if exceptions.get(execution.failed_test) != execution.exception:
    return 1
  return 2


def _thin_out(
    edits: Sequence[edits_lib.Edit],
    fix: edits_lib.Edit,
    limit: int,
    rng: random.Random,
) -> tuple[edits_lib.Edit, ...]:
  """Returns all edits, or the fix and a uniform sample, in their order."""
  if len(edits) <= limit:
    return tuple(edits)
  others = [i for i, e in enumerate(edits) if e != fix]
  kept = rng.sample(others, limit - 1) + [edits.index(fix)]
  return tuple(edits[i] for i in sorted(kept))
