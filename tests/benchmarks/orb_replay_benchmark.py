r"""Takes every program of a folder apart into steps and puts it together again.

  python -m tests.benchmarks.orb_replay_benchmark --programs=DIR

Each is replayed in the order of decomposition and in a random order that the
dependencies allow. Exits 1 if one does not come back exactly.
"""

import collections
import random
import sys
import time

from absl import app
from absl import flags
from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import corpus
from jepa.domains.orb import decompose
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib

_PROGRAMS = flags.DEFINE_string(
    "programs", None, "A folder of programs.", required=True
)
_MAX_SHUFFLED = flags.DEFINE_integer(
    "max_shuffled", 2000, "Steps of programs that are replayed out of order."
)
_UNTYPED = ("set_knob", "insert_item")


def _is_same(program, steps) -> bool:
  """Compares texts: Python takes true for 1."""
  replayed = actions_lib.replay(steps)
  return program_lib.canonical(replayed) == program_lib.canonical(program)


def _shuffled(steps, rng):
  """Returns the steps in a random order that their dependencies allow."""
  plan = plan_lib.make_plan(steps)
  waiting = [len(needed) for needed in plan.after]
  dependents = collections.defaultdict(list)
  for i, needed in enumerate(plan.after):
    for j in needed:
      dependents[j].append(i)
  ready = [i for i, count in enumerate(waiting) if not count]
  order = []
  while ready:
    i = ready.pop(rng.randrange(len(ready)))
    order.append(plan.steps[i])
    for j in dependents[i]:
      waiting[j] -= 1
      if not waiting[j]:
        ready.append(j)
  return order


def main(_):
  entries, unreadable = corpus.scan_folder(_PROGRAMS.value)
  for name, reason in unreadable.items():
    print(f"passed over {name}: {reason}")
  failed, kinds, start = [], collections.Counter(), time.perf_counter()
  num_shuffled = 0
  for entry in entries:
    steps = decompose.decompose(entry.program)
    kinds.update(step.kind for step in steps)
    is_same = _is_same(entry.program, steps)
    if is_same and len(steps) <= _MAX_SHUFFLED.value:
      num_shuffled += 1
      rng = random.Random(entry.name)
      is_same = _is_same(entry.program, _shuffled(steps, rng))
    if not is_same:
      failed.append(entry.name)
  typed = 1 - sum(kinds[k] for k in _UNTYPED) / max(kinds.total(), 1)
  print(
      f"{len(entries)} programs, {kinds.total()} steps, {100 * typed:.0f} % of "
      f"them typed, {num_shuffled} programs out of order too, "
      f"{time.perf_counter() - start:.1f} s"
  )
  print(f"{len(entries) - len(failed)} come back exactly", *failed)
  return 1 if failed else 0


if __name__ == "__main__":
  app.run(lambda argv: sys.exit(main(argv)))
