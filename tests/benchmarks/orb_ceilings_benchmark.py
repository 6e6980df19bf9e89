r"""What could be had without looking at the action, or at the state alone.

  python -m tests.benchmarks.orb_ceilings_benchmark --data_dir=data \
      --dataset=orb/generated

Validity of an action is predicted by what cannot know enough: by the best
constant of each state, by the share of valid actions of the same kind in the
training split, and by that of kind and texts together (backing off to the
kind). A model that only does as well has not learned how the two meet.
"""

import collections
import json

from absl import app
from absl import flags
from jepa.datasets import reading
from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import observation
from jepa.domains.orb import vocabulary

_DATASET = flags.DEFINE_string("dataset", "orb/generated", "world/config")
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Of jepa.apps.prepare.")


def _read(split):
  """Returns, for each state, its actions and whether each is valid."""
  examples = reading.load_examples(
      _DATASET.value, split, _DATA_DIR.value, vocabulary.VOCABULARY
  )
  states = []
  for x in examples:
    steps = map(
        actions_lib.Action.from_json, json.loads(x["meta"])["actions"]
    )
    valid = x["outcomes"]["signals"][:, 0] > 0.5
    states.append([(a, bool(v)) for a, v in zip(steps, valid)])
  return states


def _rates(states, key):
  """Returns the smoothed share of valid actions for each key."""
  counts = collections.defaultdict(lambda: [1.0, 2.0])
  for state in states:
    for action, is_valid in state:
      counts[key(action)][0] += is_valid
      counts[key(action)][1] += 1
  return {k: valid / count for k, (valid, count) in counts.items()}


def _texts(action):
  return action.kind, tuple(observation.action_texts(action))


def _auc(states, score):
  """Returns the mean over mixed states of P(score of valid > of invalid)."""
  areas = []
  for state in states:
    scores = {True: [], False: []}
    for action, is_valid in state:
      scores[is_valid].append(score(action))
    pairs = [(v, i) for v in scores[True] for i in scores[False]]
    if pairs:
      areas.append(sum((v > i) + 0.5 * (v == i) for v, i in pairs) / len(pairs))
  return sum(areas) / len(areas)


def main(_):
  train, held_out = _read("train"), _read("validation+test")
  labels = [[v for _, v in state] for state in held_out]
  count = sum(map(len, labels))
  valid = sum(map(sum, labels))
  mixed = sum(0 < sum(state) < len(state) for state in labels)
  constant = sum(max(sum(state), len(state) - sum(state)) for state in labels)
  print(f"{_DATASET.value}: {len(labels)} held-out states, {count} actions, "
        f"{valid / count:.3f} valid")
  print(f"states in which validity differs: {mixed / len(labels):.3f}")
  print(f"state only: accuracy at most {constant / count:.3f}, AUC 0.500")
  by_kind = _rates(train, lambda a: a.kind)
  by_texts = _rates(train, _texts)
  for name, score in (
      ("kind only", lambda a: by_kind.get(a.kind, 0.5)),
      ("action only",
       lambda a: by_texts.get(_texts(a), by_kind.get(a.kind, 0.5))),
  ):
    right = sum(
        (score(a) > 0.5) == v for state in held_out for a, v in state
    )
    print(f"{name}: accuracy {right / count:.3f}, within-state AUC "
          f"{_auc(held_out, score):.3f}")


if __name__ == "__main__":
  app.run(main)
