"""The functions that candidates are for, as a server must know them."""

from collections.abc import Iterable

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair.executor import baseline as baseline_lib
from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import span as span_lib


class Targets:
  """What the baseline says of functions, by target.

  Args:
    baseline: of the project.
    connection: to the servers.
    sources: of the project.
  """

  def __init__(
      self,
      baseline: baseline_lib.Baseline,
      connection: connection_lib.Connection,
      sources: span_lib.Sources,
  ):
    self._baseline = baseline
    self._connection = connection
    self._sources = sources
    self._numbers: dict[evidence.Target, int] = {}
    self._spans: dict[evidence.Target, span_lib.Span] = {}

  def number(self, target: evidence.Target) -> int:
    """Returns the number by which messages name a target."""
    return self._numbers.setdefault(target, len(self._numbers))

  def introduce(self, target: evidence.Target) -> None:
    """Tells the server of a target, where it has not been told."""
    number = self.number(target)
    self._connection.introduce(number, lambda: {
        "op": "target",
        "target": number,
        "path": target.path,
        "qualname": target.qualname,
        "lineno": target.lineno,
        "text": self.span(target).text,
        "future": self.span(target).future,
        "coverage": self.coverage(target),
        "stateful": self.stateful(target),
    })

  def span(self, target: evidence.Target) -> span_lib.Span:
    """Returns the function's lines.

    Raises:
      LookupError: there is no such function.
    """
    if target not in self._spans:
      self._spans[target] = self._sources.find(target)
    return self._spans[target]

  def coverage(
      self, target: evidence.Target
  ) -> dict[int, tuple[int, ...]]:
    """For each line of the target that ran, the tests that can judge it."""
    flaky = frozenset(self._baseline.flaky)
    lines = self._baseline.coverage.get(target.path, {})
    return {
        n: tuple(i for i in lines[n] if i not in flaky)
        for n in self.span(target).lines if n in lines
    }

  def covering(
      self, target: evidence.Target, lines: Iterable[int] | None = None
  ) -> tuple[int, ...]:
    """Returns the tests that run `lines` of the target, by default any."""
    coverage = self.coverage(target)
    chosen = coverage if lines is None else lines
    return tuple(sorted({i for n in chosen for i in coverage.get(n, ())}))

  def stateful(self, target: evidence.Target) -> list[int]:
    """Tests that must not see what candidates did before."""
    lines = self._baseline.stateful.get(target.path, {})
    span = self.span(target).lines
    return sorted({i for n in span if n in lines for i in lines[n]})
