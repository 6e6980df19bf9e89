"""What the tests say of the program as it is."""

from collections.abc import Collection, Iterator, Sized

from jepa.domains.code_repair import executor as executor_lib

# What code says that is kept from the network and from the user's files.
_CONFINED = frozenset((
    "PermissionError", "ConnectionError", "ConnectionRefusedError", "gaierror",
    "URLError", "ConnectError", "TimeoutError",
))


def sound_failures(baseline: executor_lib.Baseline) -> list[int]:
  """Returns the tests that fail whenever they are run, by index."""
  return sorted(baseline.failing.difference(baseline.flaky))


def notes(baseline: executor_lib.Baseline) -> Iterator[str]:
  """Yields what a user should know before trusting the verdicts."""
  failing = sound_failures(baseline)
  if baseline.flaky:
    yield (
        f"{names(baseline, baseline.flaky)}: passed once and failed once, so "
        "nothing is judged by it"
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
