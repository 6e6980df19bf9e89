"""The functions that failing tests reach, the most suspicious first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
import contextlib
import dataclasses
import functools

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import pools
from jepa.domains.code_repair import source
from jepa.planning.repair import imports
from jepa.planning.repair import statements
from jepa.planning.repair import witnesses
from jepa.planning.repair import workspace

# Kinds that put one name or statement of a function in place of another give
# millions of edits where it is long.
_MAX_TOKENS = 1000
_LOCAL_KINDS = (
    "cmp_op", "swap_args", "swap_elts", "bool_op", "bin_op", "jump", "branch",
    "off_by_one", "swap_operands", "cmp_boundary", "negate", "sign",
    "drop_clause", "drop_operand", "unwrap_call", "delete_stmt",
)
# Files in which constants may be that explain a failure.
_MAX_IMPORTED = 50
_COMPARISONS = ("__eq__", "__ne__")
_DOUBT_OF_COMPARISONS = 2.0


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Suspect:
  """A function that may hold the bug, and the evidence against it.

  state: the function, and what the tests that reach it say.
  num_failing: tests whose failure is to be explained, whether or not they
    reach this function.
  is_common: whether all of these reach it, so that one edit may mend all.
  failing: reports of the tests that fail before any edit of it, by node id.
  statement: where the function only stands for a statement outside of any.
  origin: where one edit has been made already, the suspect it was made in.
  first: that edit.
  """
  state: observation.State
  num_failing: int
  is_common: bool = True
  failing: Mapping[str, evidence_lib.TestReport] = dataclasses.field(
      default_factory=dict
  )
  statement: statements.Statement | None = None
  origin: "Suspect | None" = None
  first: edits_lib.Edit | None = None

  @property
  def function(self) -> source.Function:
    return self.state.function

  @functools.cached_property
  def spectrum(self) -> localization.Spectrum:
    """That of the state, comparable with those of other suspects."""
    return dataclasses.replace(
        self.state.spectrum, num_failing=self.num_failing
    )

  @functools.cached_property
  def suspicion(self) -> float:
    """Ochiai score in [0, 1] of the worst line."""
    return max(localization.ochiai(self.spectrum).values(), default=0.0)

  @functools.cached_property
  def words(self) -> frozenset[str]:
    """The texts of its tokens, names among them."""
    return frozenset(token.text for token in self.function.tokens)

  @property
  def is_comparison(self) -> bool:
    """Whether tests judge by it: what makes all equal turns them green."""
    return self.function.qualname.rpartition(".")[2] in _COMPARISONS

  @property
  def doubt(self) -> float:
    """Nats by which it is less likely to be wrong than it is suspicious."""
    return _DOUBT_OF_COMPARISONS * self.is_comparison

  @functools.cached_property
  def target(self) -> evidence_lib.Target:
    return _target(self.function)

  @property
  def key(self) -> tuple[evidence_lib.Target, edits_lib.Edit | None]:
    """Tells it from other suspects of one search."""
    return self.target, self.first

  @functools.cached_property
  def edits(self) -> tuple[edits_lib.Edit, ...]:
    """Every candidate here."""
    is_long = len(self.function.tokens) > _MAX_TOKENS
    edits = edits_lib.enumerate_edits(
        self.function,
        pools.make_pools(self.state.failure),
        _LOCAL_KINDS if is_long else edits_lib.KINDS,
    )
    if self.statement:
      edits = filter(self.statement.is_fit, edits)
    return tuple(edits)

  @functools.cached_property
  def exceptions(self) -> dict[str, str]:
    """Type of the exception of each of `failing`."""
    return {name: test.exception for name, test in self.failing.items()}

  def tests(self, executor: executor_lib.FastExecutor) -> Sequence[int]:
    """Returns the tests that may tell an edit of it, by index."""
    if self.statement:
      return range(len(executor.baseline.tests))
    return executor.covering(self.target)

  @property
  def file(self) -> bytes:
    """The whole file, before any edit."""
    if self.origin:
      return self.origin.file
    return self.statement.file if self.statement else self.function.source

  def edited(self, edit: edits_lib.Edit) -> bytes:
    """Returns the whole file with one edit made."""
    edited = self._apply(edit)
    return self.statement.unwrap(edited) if self.statement else edited

  def text(self, edit: edits_lib.Edit) -> str:
    """Returns the function's own lines with one edit made."""
    edited = self._apply(edit)
    end = self.function.end + len(edited) - len(self.function.source)
    return edited[self.function.start:end].decode()

  def line(self, edit: edits_lib.Edit) -> int:
    """Returns the line of the file that an edit changes."""
    tokens = self.function.tokens
    line = tokens[min(edit.start, len(tokens) - 1)].line
    return self.statement.line(line) if self.statement else line

  def _apply(self, edit: edits_lib.Edit) -> bytes:
    return edits_lib.render(self.function, edit).apply(self.function.source)


def find(
    executor: executor_lib.FastExecutor,
    failing: Sequence[int],
    on_unreadable: Callable[[str], None] = lambda message: None,
) -> list[Suspect]:
  """Returns what failing tests reach and may be edited, the worst first.

  Tests and configuration are never among it. Statements outside of functions
  are looked for in what is imported, too: no test is seen to run them.

  Args:
    executor: of the project.
    failing: indices of the tests whose failure is to be explained; what other
      failing tests reach says nothing.
    on_unreadable: told of files that cannot be edited.
  """
  known = executor.baseline.tests
  test_files = set(map(witnesses.test_file, known)) - {""}
  users: list[Suspect] = []
  found: list[Suspect] = []
  blamed = {
      path: lines
      for path, coverage in executor.baseline.coverage.items()
      if not workspace.is_protected(path, test_files)
      and (lines := _blamed(coverage, failing))
  }
  for path, lines in blamed.items():
    with _telling(on_unreadable):
      users += _functions(executor, path, lines, failing)
  start = {*blamed, *(witnesses.test_file(known[i]) for i in failing)} - {""}
  imported = imports.following(
      executor.project.root, executor.project.import_roots, sorted(start),
      _MAX_IMPORTED,
  )
  said = {test: witnesses.said(executor, test) for test in failing}
  for path in dict.fromkeys((*blamed, *imported)):
    if not workspace.is_protected(path, test_files):
      with _telling(on_unreadable if path in blamed else _ignore):
        found += _statements(executor, path, blamed.get(path), said, users)
  return sorted(
      users + found,
      key=lambda s: (-s.suspicion, s.function.path, s.function.lineno),
  )


def after(
    executor: executor_lib.FastExecutor,
    suspect: Suspect,
    edit: edits_lib.Edit,
) -> Suspect | None:
  """Returns a suspect once more, with one edit made, to be edited again.

  What the tests say of it then is observed. None where they say nothing.
  """
  try:
    evidence = executor.observe(suspect.target, suspect.text(edit))
  except executor_lib.CandidateError:
    return None
  if not evidence.failing:
    return None
  made = _suspect(
      executor,
      edits_lib.apply_edit(suspect.function, edit),
      evidence,
      len(evidence.failing),
  )
  return dataclasses.replace(
      made,
      failing={test.nodeid: test for test in evidence.failing},
      origin=suspect,
      first=edit,
  )


def _ignore(message: str) -> None:
  del message


@contextlib.contextmanager
def _telling(on_unreadable: Callable[[str], None]) -> Iterator[None]:
  """Passes a file over that cannot be edited, and says so."""
  try:
    yield
  except (source.SourceError, OSError) as error:
    on_unreadable(str(error))


def _blamed(
    coverage: Mapping[int, Sequence[int]], failing: Sequence[int]
) -> dict[int, frozenset[int]]:
  """Returns lines that failing tests run, and all tests that run them."""
  return {
      line: frozenset(tests)
      for line, tests in coverage.items()
      if not set(failing).isdisjoint(tests)
  }


def _functions(
    executor: executor_lib.FastExecutor,
    path: str,
    blamed: Mapping[int, frozenset[int]],
    failing: Sequence[int],
) -> Iterator[Suspect]:
  """Yields the functions of a file that failing tests run.

  Args:
    executor: of the project.
    path: of the file.
    blamed: lines that failing tests run, and all tests that run them.
    failing: indices of these tests.
  """
  content = (executor.project.root / path).read_bytes()
  for function in source.functions(content, path):
    lines = range(function.lineno, function.end_lineno + 1)
    if not blamed.keys().isdisjoint(lines):
      target = _target(function)
      tests = executor.covering(target)
      told = witnesses.telling(executor, tests, failing)
      evidence = executor.observe(target, tests=told)
      reach = witnesses.reach(executor, path, lines, tests)
      yield _suspect(
          executor, function, evidence, len(failing),
          is_common=reach.issuperset(failing),
      )


def _statements(
    executor: executor_lib.FastExecutor,
    path: str,
    blamed: Mapping[int, frozenset[int]] | None,
    said: Mapping[int, frozenset[str]],
    users: Sequence[Suspect],
) -> Iterator[Suspect]:
  """Yields the statements outside of functions that may explain failures.

  Args:
    executor: of the project.
    path: of the file.
    blamed: as of `_functions`, None where failing tests run none of the file.
    said: names that each failing test says.
    users: functions that failing tests run; they may use what is bound here.
  """
  content = (executor.project.root / path).read_bytes()
  for statement in statements.find(content, path):
    names = statement.names if blamed is not None else statement.outer_names
    lines = (blamed or {}).keys() & set(statement.lines)
    tests = frozenset().union(*(blamed[line] for line in lines))
    tests |= {test for test in said if said[test] & names}
    for user in users:
      if user.words & names:
        tests |= frozenset(executor.covering(user.target))
    if not tests.isdisjoint(said):
      told = witnesses.telling(executor, tests, list(said))
      evidence = _evidence(executor, statement.function, told)
      yield _suspect(
          executor, statement.function, evidence, len(said),
          is_common=tests.issuperset(said), statement=statement,
      )


def _evidence(
    executor: executor_lib.FastExecutor,
    function: source.Function,
    tests: Iterable[int],
) -> evidence_lib.Evidence:
  """Returns evidence as if these tests ran all lines of `function`.

  A statement outside of functions runs when its module is imported, so that no
  test is seen to reach it.
  """
  lines = tuple(range(function.lineno, function.end_lineno + 1))
  return evidence_lib.Evidence(
      target=_target(function),
      tests=tuple(
          dataclasses.replace(executor.baseline.tests[i], lines=lines)
          for i in sorted(tests)
      ),
  )


def _suspect(
    executor: executor_lib.FastExecutor,
    function: source.Function,
    evidence: evidence_lib.Evidence,
    num_failing: int,
    *,
    is_common: bool = True,
    statement: statements.Statement | None = None,
) -> Suspect:
  state = observation.State(
      function=function,
      spectrum=localization.make_spectrum(evidence),
      failure=failure_lib.make_failure(
          evidence,
          function.end_lineno,
          functools.partial(witnesses.read_text, executor.project.root),
      ),
  )
  known = executor.baseline.tests
  return Suspect(
      state=state,
      num_failing=num_failing,
      is_common=is_common,
      failing={known[i].nodeid: known[i] for i in executor.baseline.failing},
      statement=statement,
  )


def _target(function: source.Function) -> evidence_lib.Target:
  return evidence_lib.Target(
      path=function.path, qualname=function.qualname, lineno=function.lineno
  )
