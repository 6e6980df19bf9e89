"""A function under edit, in the worker: where it lives and who tests it."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from . import definition
from . import live
from . import selection
from . import suite as suite_lib
from . import swap


class Function:
  """What is prepared once for all candidates of one function.

  Args:
    site: the function.
    coverage: for each of its lines, the tests that run it.
    stateful: tests that run other lines of it when others ran before them.
    suite: the baseline.
    functions: the index of live functions.
    import_lines: lines of that file that ran while tests were collected,
      those of modules and classes themselves left out.

  Raises:
    CannotSwap: no such function lives.
  """

  def __init__(
      self,
      site: definition.Site,
      *,
      coverage: Mapping[int, Sequence[int]],
      stateful: Iterable[int],
      suite: suite_lib.Suite,
      functions: live.LiveFunctions,
      import_lines: set[int],
  ):
    self._site = site
    self._place = swap.place(functions, site)
    self._statements = selection.Statements(site)
    self._coverage = {k: frozenset(v) for k, v in coverage.items()}
    self.stateful = frozenset(stateful)
    self._suite = suite
    self._import_lines = import_lines & self._statements.all
    self._tests: dict[frozenset[int], list[int]] = {}

  def prepare(self, text: str) -> tuple[swap.Swap, list[int]]:
    """Returns how to put a candidate in place, and the tests it concerns.

    Raises:
      SyntaxError: (or ValueError, RecursionError, MemoryError) it does not
        compile.
      CannotSwap: only a fresh import can run it.
    """
    lines = text.removesuffix("\n").split("\n")
    if lines == self._site.lines:
      return swap.Swap(), self._reaching(self._statements.all)
    code = self._site.compile(text)
    touched = self._statements.touched(lines)
    if selection.rebinds(self._site.code, code):
      touched = self._statements.all
    if not touched.isdisjoint(self._import_lines):
      raise definition.CannotSwap(
          f"line {min(touched & self._import_lines)} of "
          f"{self._site.qualname} runs at import"
      )
    return self._place.replace(text, lines, code), self._reaching(touched)

  def _reaching(self, lines: frozenset[int]) -> list[int]:
    if lines not in self._tests:
      tests = frozenset().union(*(self._coverage.get(n, ()) for n in lines))
      self._tests[lines] = self.ordered(tests, self._suite.failing)
    return self._tests[lines]

  def ordered(
      self, tests: Iterable[int], failing: Collection[int]
  ) -> list[int]:
    """Returns tests in the order to run, given those that failed before."""
    return self._suite.ordered(tests, failing, self.stateful)

  def contains(self, code) -> bool:
    """Whether `code` belongs to the function or a candidate for it."""
    site = self._site
    name = code.co_qualname
    return (
        code.co_filename == site.filename
        and code.co_firstlineno >= site.lineno
        and (
            name == site.qualname
            or name.startswith(f"{site.qualname}.<locals>")
        )
    )
