"""Makes records: breaks a package's functions and executes edits of them."""

from collections.abc import Iterator, Sequence
import dataclasses
import functools
import itertools
import math
import pathlib
import random

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import pools
from jepa.domains.code_repair import records
from jepa.domains.code_repair import sampling
from jepa.domains.code_repair import source

VERSION = 3  # Raised where equal settings begin to give other records.

_MIN_TOKENS = 12
_MAX_STATES_PER_FUNCTION = 12
_BREAKS_PER_STATE = 3  # Not every break makes a test fail.
_VARIANTS = 0.35  # Of the states of a function, at the most; see `variants`.
# Breaking at random mostly makes programs crash where real bugs mostly compute
# something wrong, so every other crash is left out.
_CRASHES = frozenset(
    ("AttributeError", "NameError", "TypeError", "UnboundLocalError")
)
_CRASHES_LEFT_OUT = 0.5
_MAX_TESTS = 32  # Of a function: tracing hundreds would take most of the time.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  """What decides which records a package gives, beside its sources.

  seed: of every random choice.
  num_states: broken states of a package, at the most.
  num_candidates: executed in each state; None means all, see `max_executed`.
  max_executed: where all are executed, a state with more candidates than this
    keeps the fix and a uniform sample of the others.
  num_next: states after a candidate that are observed too.
  max_tokens: of a function; longer ones are left out.
  """
  seed: int = 0
  num_states: int = 100
  num_candidates: int | None = 32
  max_executed: int = 2000
  num_next: int = 2
  max_tokens: int = 176


@dataclasses.dataclass(frozen=True, kw_only=True)
class Checkout:
  """An unpacked package.

  name: and version.
  root: of its files.
  files: those to break, relative to the root.
  tests: pytest's arguments.
  bugs: file with wrong functions to repair in place of breaking any, see
    `bugs`; "" where there is none.
  """
  name: str
  root: pathlib.Path
  files: tuple[str, ...]
  tests: tuple[str, ...]
  bugs: str = ""


def make_records(
    checkout: Checkout,
    settings: Settings,
    *,
    part: int = 0,
    num_parts: int = 1,
) -> Iterator[records.Record]:
  """Yields the records of every `num_parts`-th function from `part` on.

  The records of a function depend on it, on `settings` and on the verdicts
  alone: not on how the functions are parted.

  Raises:
    executor.ExecutorError: the package's tests cannot be run.
  """
  with make_executor(checkout) as executor:
    functions = _covered_functions(checkout, settings, executor)
    quotas = _quotas(functions, settings)
    for i in range(part, len(functions), num_parts):
      if quotas[i]:
        maker = _RecordMaker(checkout, settings, executor, functions[i])
        yield from maker.make(quotas[i])


def make_executor(checkout: Checkout) -> executor_lib.FastExecutor:
  """Returns an executor of a package's tests, to be closed.

  Raises:
    executor.ExecutorError: they cannot be run.
  """
  project = executor_lib.Project(
      root=checkout.root,
      tests=checkout.tests,
      env={"PYTHONHASHSEED": "0"},  # Else sets print in another order.
  )
  # Pinned packages are trusted where a container lacks a layer.
  limits = executor_lib.Limits(allow_unsafe=True)
  return executor_lib.FastExecutor(project, limits)


def _covered_functions(checkout, settings, executor) -> list[source.Function]:
  """Returns the functions of a fit size that some test reaches."""
  found = []
  for path in checkout.files:
    for function in source.functions(_read_bytes(checkout, path), path):
      if _MIN_TOKENS <= len(function.tokens) <= settings.max_tokens:
        if _sound_tests(executor, target_of(function)):
          found.append(function)
  return found


def _quotas(functions: Sequence[source.Function], settings) -> list[int]:
  """Spreads the states over the functions: as evenly as can be, at random."""
  order = list(range(len(functions)))
  random.Random(settings.seed).shuffle(order)
  quotas = [0] * len(functions)
  room = min(settings.num_states, _MAX_STATES_PER_FUNCTION * len(functions))
  for i in range(room):
    quotas[order[i % len(order)]] += 1
  return quotas


def _sound_tests(executor, target) -> list[int]:
  """Returns the tests that reach `target` and pass whenever they are run."""
  unsound = executor.baseline.failing.union(executor.baseline.flaky)
  return [i for i in executor.covering(target) if i not in unsound]


def choose_tests(
    tests: Sequence[int], nodeids: Sequence[str], limit: int
) -> list[int]:
  """Returns at most `limit` of `tests`: of each test function in its turn.

  Args:
    tests: indices into `nodeids`.
    nodeids: pytest's names, with parameters in brackets.
    limit: how many to return at the most.
  """
  groups: dict[str, list[int]] = {}
  for i in tests:
    groups.setdefault(nodeids[i].split("[")[0], []).append(i)
  turns = itertools.zip_longest(*groups.values())
  in_turn = [i for turn in turns for i in turn if i is not None]
  return sorted(in_turn[:limit])


def target_of(function: source.Function) -> evidence_lib.Target:
  return evidence_lib.Target(
      path=function.path, qualname=function.qualname, lineno=function.lineno
  )


def edited_text(function: source.Function, edit: edits_lib.Edit) -> str:
  """Returns the lines of the edited function, without reading it anew."""
  splice = edits_lib.render(function, edit)
  edited = splice.apply(function.source)
  end = function.end + len(edited) - len(function.source)
  return edited[function.start : end].decode()


def observe(
    executor: executor_lib.FastExecutor,
    function: source.Function,
    text: str | None,
    tests: Sequence[int],
    read_text: failure_lib.ReadText,
) -> tuple[evidence_lib.Evidence, records.Observed]:
  """Runs tests of a function, and keeps what they show.

  Args:
    executor: of the project that the function's file belongs to.
    function: original or edited.
    text: its lines; None where it is the original, which has been run before.
    tests: indices of tests, as in the executor's baseline.
    read_text: reads the project's files.
  """
  evidence = executor.observe(target_of(function), text, tests)
  failure = failure_lib.make_failure(evidence, function.end_lineno, read_text)
  return evidence, records.Observed(
      text=function.text,
      spectrum=localization.make_spectrum(evidence),
      failure=failure,
  )


class _RecordMaker:
  """Breaks one function of a package, time and again."""

  def __init__(self, checkout, settings, executor, function):
    self._checkout = checkout
    self._settings = settings
    self._executor = executor
    self._function = function
    self._target = target_of(function)
    self._all_tests = _sound_tests(executor, self._target)
    self._tests = choose_tests(
        self._all_tests,
        [t.nodeid for t in executor.baseline.tests],
        _MAX_TESTS,
    )
    self._read_text = functools.partial(read_text, checkout.root)
    # One seed a function: parts, and one day Beam, give the same records.
    self._rng = random.Random(
        f"{settings.seed}/{checkout.name}/{self._target}"
    )

  def _is_equal(self, variant: source.Function) -> bool:
    """Whether every test passes on another spelling of the function."""
    execution, = self._executor.execute_many(
        self._target, [variant.text], self._all_tests
    )
    return execution.status == "passed"

  @property
  def _wants_all(self) -> bool:
    return self._settings.num_candidates is None

  def make(self, count: int) -> Iterator[records.Record]:
    """Yields at most `count` records, those of variants first."""
    rng, function = self._rng, self._function
    num_variants = math.ceil(_VARIANTS * count)
    variants = edits_lib.sample_variants(
        function, rng, _BREAKS_PER_STATE * num_variants
    )
    made = self._make(variants, num_variants)
    for record in made:
      yield record
      count -= 1
    breaks = edits_lib.sample_breaks(function, rng, _BREAKS_PER_STATE * count)
    yield from self._make([(function, item) for item in breaks], count)

  def _make(self, breaks, count: int) -> Iterator[records.Record]:
    for function, item in breaks:
      if not count:
        return
      record = self._record(function, item)
      if record is not None:
        yield record
        count -= 1

  def _record(
      self, function: source.Function, item: edits_lib.Break
  ) -> records.Record | None:
    """Returns the record of a break, None if no test fails or one hangs.

    Args:
      function: the original, or another spelling of it.
      item: what to break of it.
    """
    broken = edits_lib.apply_edit(function, item.edit)
    if len(broken.tokens) > self._settings.max_tokens:
      return None
    is_wanted = self._rng.random() >= _CRASHES_LEFT_OUT
    if self._execute([broken.text])[0].status != "failed":
      return None
    evidence, observed = self._observe(broken)
    exceptions = {t.nodeid: t.exception for t in evidence.failing}
    if not exceptions or any(
        t.outcome in ("hang", "crash") for t in evidence.failing
    ):
      return None
    if _CRASHES.issuperset(exceptions.values()) and not is_wanted:
      return None
    everything = edits_lib.enumerate_edits(
        broken, pools.make_pools(observed.failure)
    )
    if item.fix not in everything:
      return None  # The failing test's literals let another kind be it.
    if function is not self._function and not self._is_equal(function):
      return None
    candidates, executions = self._try_candidates(
        broken, everything, item.fix, observed, exceptions
    )
    fix = candidates.index(item.fix)
    if executions[fix].status != "passed":
      return None  # It cannot be swapped in, or the tests are not sound.
    return records.Record(
        package=self._checkout.name,
        target=self._target,
        broken=observed,
        exceptions=exceptions,
        candidates=candidates,
        executions=executions,
        fix=fix,
        following=tuple(
            (i, self._observe(edits_lib.apply_edit(broken, candidates[i]))[1])
            for i in self._following(fix, executions, exceptions)
        ),
    )

  def _try_candidates(self, broken, everything, fix, observed, exceptions):
    """Returns the chosen candidates of a state and their executions.

    Those that cannot be put in place are kept only where all are wanted: they
    show nothing to learn from.
    """
    candidates = self._choose(broken, everything, fix, observed)
    texts = [edited_text(broken, e) for e in candidates]
    executions = self._execute(texts, exceptions)
    self._confirm(texts, executions, skip=candidates.index(fix))
    pairs = [
        (c, e)
        for c, e in zip(candidates, executions)
        if c == fix or e.status != "invalid" or self._wants_all
    ]
    return tuple(zip(*pairs))

  def _observe(self, function):
    is_original = function.text == self._function.text
    return observe(
        self._executor,
        function,
        None if is_original else function.text,
        self._tests,
        self._read_text,
    )

  def _execute(self, texts, exceptions=()) -> list[evidence_lib.Execution]:
    """Executes programs against the chosen tests."""
    known = self._executor.baseline.tests
    failing = {i for i in self._tests if known[i].nodeid in exceptions}
    return list(
        self._executor.execute_many(self._target, texts, self._tests, failing)
    )

  def _confirm(self, texts, executions, skip: int) -> None:
    """Lets what passed the chosen tests face the others; `skip` is the fix."""
    others = sorted(set(self._all_tests).difference(self._tests))
    passed = [
        i
        for i, e in enumerate(executions)
        if e.status == "passed" and i != skip
    ]
    if not others or not passed:
      return
    verdicts = self._executor.execute_many(
        self._target, [texts[i] for i in passed], others
    )
    for i, verdict in zip(passed, verdicts):
      if verdict.status != "passed":
        # What was not observed before may have failed before, too.
        executions[i] = dataclasses.replace(
            verdict, num_fixed=executions[i].num_fixed, was_passing=False
        )

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


def _read_bytes(checkout: Checkout, path: str) -> bytes:
  return (checkout.root / path).read_bytes()


@functools.lru_cache(maxsize=256)
def read_text(root: pathlib.Path, path: str) -> str | None:
  """Returns the text of a project's file, None where there is none."""
  try:
    return (root / path).read_text()
  except (OSError, UnicodeDecodeError):
    return None
