"""Training bugs in other spellings of a function than its own."""

from collections.abc import Collection
import random

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits.breaking import breaks
from jepa.domains.code_repair.edits.breaking import removals
from jepa.domains.code_repair.edits.breaking import variants

_BUGS_PER_SPELLING = 3


def sample_variants(
    function: source_lib.Function,
    rng: random.Random,
    count: int,
    only: Collection[str] = (),
) -> list[tuple[source_lib.Function, breaks.Break]]:
  """Returns at most `count` other spellings of a function, each with a bug.

  The bugs are such as `sample_breaks` finds too few of. That a spelling does
  what the function does, the tests have to say.

  Args:
    only: kinds of the fixes that are wanted; all if it is empty.
  """
  spellings = [
      s for s in variants.spell(function, only) if rng.random() < s.chance
  ]
  rng.shuffle(spellings)
  found = []
  for variant, kinds, _ in spellings:
    if len(found) >= count:
      break
    kinds = [k for k in kinds if not only or k in only]
    wanted = min(len(kinds), _BUGS_PER_SPELLING)
    weights = dict.fromkeys(kinds, 1.0)
    bugs = breaks.sample_breaks(variant, rng, wanted, weights)
    if len(bugs) < wanted:
      bugs += removals.sample_removals(
          variant, rng, wanted - len(bugs), only)
    found += [(variant, bug) for bug in bugs]
  return found[:count]
