"""Running tests to their end on a candidate, with its lines traced."""

from collections.abc import Sequence
import dataclasses
import functools

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair.executor import baseline as baseline_lib
from jepa.domains.code_repair.executor import connection as connection_lib
from jepa.domains.code_repair.executor import survey
from jepa.domains.code_repair.executor import targets as targets_lib

_TOGETHER = 16  # Candidates observed in one process.
_PASSING = ("passed", "skipped")


class Observer:
  """Collects evidence; see `client.FastExecutor.observe`.

  Args:
    connection: to the servers.
    targets: what they know of functions.
    baseline: of the project.
  """

  def __init__(
      self,
      connection: connection_lib.Connection,
      targets: targets_lib.Targets,
      baseline: baseline_lib.Baseline,
  ):
    self._connection = connection
    self._targets = targets
    self._baseline = baseline

  def as_it_is(
      self, target: evidence.Target, tests: Sequence[int]
  ) -> evidence.Evidence:
    """Returns what the baseline saw of the program without any candidate."""
    coverage = self._targets.coverage(target)
    return _to_evidence(target, [
        dataclasses.replace(
            self._baseline.tests[test],
            lines=tuple(n for n, known in coverage.items() if test in known),
        )
        for test in tests
    ])

  def run(
      self,
      target: evidence.Target,
      texts: Sequence[str],
      tests: Sequence[int],
      *,
      together: bool,
  ) -> list[evidence.Evidence]:
    """Observes candidates, `together` if that is allowed and goes well.

    Raises:
      CandidateError: one does not compile or cannot be swapped in.
    """
    found: list[evidence.Evidence] = []
    while len(found) < len(texts):
      some = texts[len(found):len(found) + _TOGETHER]
      seen = None
      if together and not self._targets.stateful(target):
        seen = self._together(target, some, tests)
      found += seen or [
          self._one(target, text, tests, last=True) for text in some
      ]
    return found

  def _together(self, target, texts, tests) -> list[evidence.Evidence] | None:
    """Observes candidates in one process; None if that did not go well."""
    num_servers = self._connection.num_servers
    seen = [self._one(target, text, tests, last=False) for text in texts]
    ok = survey.check(self._connection)
    return seen if ok and num_servers == self._connection.num_servers else None

  def _one(self, target, text, tests, *, last: bool) -> evidence.Evidence:
    message = {
        "target": self._targets.number(target),
        "text": text,
        "trace": True,
        "protocol": False,
        "budget": None,
        "apart": self._targets.stateful(target),
        "last": last,
    }
    introduce = functools.partial(self._targets.introduce, target)
    reports = {
        report["test"]: report
        for report in survey.observe(
            self._connection, tests, message, introduce
        )
    }
    return _to_evidence(target, [
        baseline_lib.to_report(
            self._baseline.tests[i].nodeid,
            reports[i],
            reports[i].get("lines", {}).get(target.path, ()),
        )
        for i in tests
    ])


def _to_evidence(
    target: evidence.Target, reports: list[evidence.TestReport]
) -> evidence.Evidence:
  """Puts failing tests first."""
  reports.sort(key=lambda report: report.outcome in _PASSING)
  return evidence.Evidence(target=target, tests=tuple(reports))
