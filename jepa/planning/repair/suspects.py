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
from jepa.planning.repair import workspace


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Suspect:
  """A function that may hold the bug, and the evidence against it.

  state: the function, and what the tests that reach it say.
  num_failing: tests that fail, whether or not they reach this function.
  """
  state: observation.State
  num_failing: int

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
    """Every candidate in this function."""
    return tuple(
        edits_lib.enumerate_edits(
            self.function, pools.make_pools(self.state.failure)
        )
    )

  def edited(self, edit: edits_lib.Edit) -> bytes:
    """Returns the whole file with one edit made."""
    return edits_lib.render(self.function, edit).apply(self.function.source)

  def text(self, edit: edits_lib.Edit) -> str:
    """Returns the function's own lines with one edit made."""
    edited = self.edited(edit)
    end = self.function.end + len(edited) - len(self.function.source)
    return edited[self.function.start:end].decode()


def find(
    executor: executor_lib.FastExecutor,
    failing: Sequence[int],
    on_unreadable: Callable[[str], None] = lambda message: None,
) -> list[Suspect]:
  """Returns the functions that failing tests reach, the worst first.

  Tests and configuration are never among them.

  Args:
    executor: of the project.
    failing: indices of the tests whose failure is to be explained.
    on_unreadable: told of files that cannot be edited.
  """
  tests = executor.baseline.tests
  test_files = {t.nodeid.split("::")[0] for t in tests}
  root = executor.project.root
  read_text = functools.partial(_read_text, root)
  found = []
  for path, coverage in executor.baseline.coverage.items():
    if workspace.is_protected(path, test_files):
      continue
    blamed = {
        line for line, reached in coverage.items()
        if not set(failing).isdisjoint(reached)
    }
    try:
      functions = _functions(root, path) if blamed else ()
    except source.SourceError as error:
      on_unreadable(str(error))
      continue
    for function in functions:
      lines = range(function.lineno, function.end_lineno + 1)
      if not blamed.isdisjoint(lines):
        found.append(_suspect(executor, function, failing, read_text))
  return sorted(
      found,
      key=lambda s: (-s.suspicion, s.function.path, s.function.lineno),
  )


def _suspect(executor, function, failing, read_text) -> Suspect:
  target = evidence_lib.Target(
      path=function.path, qualname=function.qualname, lineno=function.lineno
  )
  evidence = executor.observe(target)
  state = observation.State(
      function=function,
      spectrum=localization.make_spectrum(evidence),
      failure=failure_lib.make_failure(
          evidence, function.end_lineno, read_text
      ),
  )
  return Suspect(state=state, num_failing=len(failing))


def _functions(
    root: pathlib.Path, path: str
) -> Iterator[source.Function]:
  return source.functions((root / path).read_bytes(), path)


def _read_text(root: pathlib.Path, path: str) -> str | None:
  try:
    return (root / path).read_text()
  except (OSError, UnicodeDecodeError):
    return None
