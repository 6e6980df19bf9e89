"""From forks of walks to branches, the records that all worlds share."""

import random

from jepa.domains import base
from jepa.domains.orb import observation
from jepa.domains.orb import vocabulary
from jepa.domains.orb import walk as walk_lib


def make_branch(
    fork: walk_lib.Fork,
    *,
    num_next: int = 2,
    room: observation.Room = observation.Room(),
) -> base.Branch:
  """Encodes a fork.

  Args:
    fork: a state and what was tried in it.
    num_next: states after that are encoded, `J`: the one that the walk went
      on to, then others, those of the opposite validity first.
    room: bounds of an observation.
  """
  about = dict(intent=fork.task.intent, focus=fork.focus, room=room)
  state, candidates = observation.observe(
      fork.state, fork.verdict, actions=fork.actions, **about
  )
  next_states = []
  for i in _choose_next(fork, num_next):
    seen, _ = observation.observe(fork.programs[i], fork.verdicts[i], **about)
    next_states.append((i, seen))
  return base.Branch(
      state=state,
      candidates=candidates,
      signals=tuple(vocabulary.signals(v) for v in fork.verdicts),
      next_states=tuple(next_states),
      origin=fork.task.origin,
      meta={
          "index": fork.index,
          "taken": fork.taken,
          "actions": [action.to_json() for action in fork.actions],
      },
  )


def _choose_next(fork: walk_lib.Fork, num_next: int) -> list[int]:
  rng = random.Random(f"{fork.task.origin}/{fork.index}")
  others = [i for i in range(len(fork.actions)) if i != fork.taken]
  rng.shuffle(others)
  is_valid = fork.verdicts[fork.taken].is_valid
  others.sort(key=lambda i: fork.verdicts[i].is_valid == is_valid)
  return [fork.taken, *others][:num_next]
