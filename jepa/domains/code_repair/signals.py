"""What an execution says of its candidate, as the verifier's signals."""

from collections.abc import Mapping

from jepa.domains.code_repair import evidence as evidence_lib

# fixed: no test that ran failed.
# progress: a test that failed before passed.
# regress: a test that passed before failed.
# same_error: a test still fails, with the same type of exception.
# other_error: a test still fails, with another type of exception.
# hang: a test ran over its budget or took the worker with it.
SIGNALS = ("fixed", "progress", "regress", "same_error", "other_error", "hang")


def make_signals(
    execution: evidence_lib.Execution, exceptions: Mapping[str, str]
) -> tuple[float, ...]:
  """Returns the value of each of `SIGNALS`, 0 or 1.

  Args:
    execution: of one candidate.
    exceptions: type of the exception of each test that failed before it, by
      nodeid.
  """
  test = execution.failed_test
  still_fails = execution.status == "failed" and test in exceptions
  is_same = still_fails and exceptions[test] == execution.exception
  values = {
      "fixed": execution.status == "passed",
      "progress": execution.num_fixed > 0,
      "regress": execution.was_passing,
      "same_error": still_fails and is_same,
      "other_error": still_fails and not is_same,
      "hang": execution.status in ("hang", "crash"),
  }
  return tuple(float(values[name]) for name in SIGNALS)
