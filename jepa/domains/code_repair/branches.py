"""Makes the records of a package: which functions, and how many of each."""

from collections.abc import Callable, Iterator, Sequence
import random

from jepa.domains.code_repair import record_maker
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import trials

VERSION = 7  # Raised where equal settings begin to give other records.

_MIN_TOKENS = 12
_MAX_STATES_PER_FUNCTION = 16


def make_records(
    checkout: settings_lib.Checkout,
    settings: settings_lib.Settings,
    *,
    part: int = 0,
    num_parts: int = 1,
    make: Callable[..., Iterator[records.Record]] = record_maker.make_records,
) -> Iterator[records.Record]:
  """Yields the records of every `num_parts`-th function from `part` on.

  The records of a function depend on it, on `settings` and on the verdicts
  alone: not on how the functions are parted. `make` makes those of one.

  Raises:
    executor.ExecutorError: the package's tests cannot be run.
  """
  with trials.make_executor(checkout) as executor:
    functions = _covered_functions(checkout, settings, executor)
    quotas = _quotas(functions, settings)
    for i in range(part, len(functions), num_parts):
      if quotas[i]:
        yield from make(
            checkout, settings, executor, functions[i], quotas[i]
        )


def _covered_functions(checkout, settings, executor) -> list[source.Function]:
  """Returns the functions of a fit size that some test reaches."""
  found = []
  for path in checkout.files:
    content = (checkout.root / path).read_bytes()
    for function in source.functions(content, path):
      if _MIN_TOKENS <= len(function.tokens) <= settings.max_tokens:
        tests = trials.sound_tests(executor, trials.target_of(function))
        if trials.quick_tests(executor, tests):
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
