"""What the tests say of the program as it is."""

from collections.abc import Collection, Iterator, Sized

from jepa.domains.code_repair import executor as executor_lib

# What code says that is kept from the network and from the user's files.
_CONFINED = frozenset((
    "PermissionError", "ConnectionError", "ConnectionRefusedError",
    "URLError", "ConnectError", "TimeoutError",
))
# What systems say where there is no network.
_OFFLINE = (
    "Network is unreachable", "Temporary failure in name resolution",
    "Name or service not known", "nodename nor servname provided",
)
_LONGEST = 100  # Characters of a message that are shown.


def sound_failures(baseline: executor_lib.Baseline) -> list[int]:
  """Returns the tests that fail whenever they are run, by index."""
  return sorted(baseline.failing - unjudged(baseline))


def unjudged(baseline: executor_lib.Baseline) -> frozenset[int]:
  """Returns the tests that say nothing of a candidate, by index."""
  return offline(baseline).union(baseline.flaky)


def offline(baseline: executor_lib.Baseline) -> frozenset[int]:
  """Returns the tests that fail for want of the network, by index.

  They have none here, so that only taking away the call could mend them.
  """
  return frozenset(
      i for i in baseline.failing
      if baseline.tests[i].exception != "AssertionError"
      and any(text in baseline.tests[i].message for text in _OFFLINE)
  )


def reason(baseline: executor_lib.Baseline, test: int) -> str:
  """Returns why a test fails, in the first line of its own words."""
  report = baseline.tests[test]
  text = report.message.strip().partition("\n")[0]
  if len(text) > _LONGEST:
    text = f"{text[:_LONGEST]}..."
  return ": ".join(filter(None, (report.exception or report.outcome, text)))


def notes(baseline: executor_lib.Baseline) -> Iterator[str]:
  """Yields what a user should know before trusting the verdicts."""
  failing = sound_failures(baseline)
  if baseline.flaky:
    yield (
        f"{names(baseline, baseline.flaky)}: passed once and failed once, so "
        "nothing is judged by it"
    )
  if offline(baseline):
    yield (
        f"{names(baseline, sorted(offline(baseline)))}: asks for the network, "
        "which there is none of here, so nothing is judged by it"
    )
  hanging = [i for i in failing if baseline.tests[i].outcome == "hang"]
  if hanging:
    yield (
        f"{names(baseline, hanging)}: stopped after "
        f"{baseline.tests[hanging[0]].seconds:.0f} s, which counts as a failure"
    )
  confined = [
      i for i in failing if baseline.tests[i].exception in _CONFINED
  ]
  if confined:
    yield (
        f"{names(baseline, confined)}: may fail only here, where tests run in "
        "a copy without network and write nowhere else"
    )
  if baseline.errors:
    yield f"not collected: {'; '.join(baseline.errors)}"


def names(
    baseline: executor_lib.Baseline, tests: Collection[int]
) -> str:
  """Returns the node ids of some tests, the first few of many."""
  found = [baseline.tests[i].nodeid for i in list(tests)[:3]]
  return ", ".join(found) + (", ..." if len(tests) > 3 else "")


def count(things: Sized, name: str) -> str:
  """Returns "1 test" or "2 tests"."""
  return f"{len(things)} {name}" + "s" * (len(things) != 1)
