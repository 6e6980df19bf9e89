"""The functions that failing tests reach, the most suspicious first."""

from collections.abc import Callable, Iterator, Sequence
import dataclasses
import functools
import pathlib

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import pools
from jepa.domains.code_repair import source
from jepa.planning.repair import statements
from jepa.planning.repair import workspace


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Suspect:
  """A function that may hold the bug, and the evidence against it.

  state: the function, and what the tests that reach it say.
  num_failing: tests that fail, whether or not they reach this function.
  statement: where the function only stands for a statement outside of any.
  """
  state: observation.State
  num_failing: int
  statement: statements.Statement | None = None

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
  def target(self) -> evidence_lib.Target:
    return evidence_lib.Target(
        path=self.function.path,
        qualname=self.function.qualname,
        lineno=self.function.lineno,
    )

  @functools.cached_property
  def edits(self) -> tuple[edits_lib.Edit, ...]:
    """Every candidate here."""
    edits = edits_lib.enumerate_edits(
        self.function, pools.make_pools(self.state.failure)
    )
    if self.statement:
      edits = filter(self.statement.is_fit, edits)
    return tuple(edits)

  def tests(self, executor: executor_lib.FastExecutor) -> Sequence[int]:
    """Returns the tests that may tell an edit of it, by index."""
    if self.statement:
      return range(len(executor.baseline.tests))
    return executor.covering(self.target)

  @property
  def file(self) -> bytes:
    """The whole file."""
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

  Tests and configuration are never among it.

  Args:
    executor: of the project.
    failing: indices of the tests whose failure is to be explained.
    on_unreadable: told of files that cannot be edited.
  """
  tests = executor.baseline.tests
  test_files = {t.nodeid.split("::")[0] for t in tests}
  found = []
  for path, coverage in executor.baseline.coverage.items():
    if workspace.is_protected(path, test_files):
      continue
    blamed = {
        line for line, reached in coverage.items()
        if not set(failing).isdisjoint(reached)
    }
    try:
      found += _in_file(executor, path, blamed, failing)
    except source.SourceError as error:
      on_unreadable(str(error))
  return sorted(
      found,
      key=lambda s: (-s.suspicion, s.function.path, s.function.lineno),
  )


def _in_file(executor, path, blamed, failing) -> Iterator[Suspect]:
  """Yields the suspects of a file of which failing tests run some lines."""
  if not blamed:
    return
  content = (executor.project.root / path).read_bytes()
  found = []
  for function in source.functions(content, path):
    lines = range(function.lineno, function.end_lineno + 1)
    if not blamed.isdisjoint(lines):
      found.append(_suspect(executor, function, failing))
  yield from found
  for statement in statements.find(content, path):
    users = [s for s in found if statement.is_used_by(s.function)]
    if users:
      yield _stand_in(statement, max(users, key=lambda s: s.suspicion))


def _stand_in(statement: statements.Statement, user: Suspect) -> Suspect:
  """Returns a suspect for a statement that runs when its module is imported.

  No test is seen to reach it, so it is as suspicious as its worst user.
  """
  lines = localization.ochiai(user.spectrum)
  worst = max(lines, key=lines.__getitem__)
  function = statement.function
  body = range(function.lineno, function.end_lineno + 1)
  spectrum = dataclasses.replace(
      user.state.spectrum,
      failing=dict.fromkeys(body, user.state.spectrum.failing[worst]),
      passing=dict.fromkeys(body, user.state.spectrum.passing.get(worst, 0)),
  )
  state = observation.State(
      function=function, spectrum=spectrum, failure=user.state.failure
  )
  return Suspect(
      state=state, num_failing=user.num_failing, statement=statement
  )


def _suspect(executor, function, failing) -> Suspect:
  target = evidence_lib.Target(
      path=function.path, qualname=function.qualname, lineno=function.lineno
  )
  evidence = executor.observe(target)
  state = observation.State(
      function=function,
      spectrum=localization.make_spectrum(evidence),
      failure=failure_lib.make_failure(
          evidence,
          function.end_lineno,
          functools.partial(_read_text, executor.project.root),
      ),
  )
  return Suspect(state=state, num_failing=len(failing))


def _read_text(root: pathlib.Path, path: str) -> str | None:
  try:
    return (root / path).read_text()
  except (OSError, UnicodeDecodeError):
    return None
