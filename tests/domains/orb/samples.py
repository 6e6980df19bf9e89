"""Programs and parts of programs for tests."""

import itertools
import random

from hypothesis import strategies as st
from jepa.domains.orb import actions
from jepa.domains.orb import generation
from jepa.domains.orb import intent
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import verdict as verdict_lib

_KEYS = st.sampled_from((
    "name", "orbitals", "entity", "fields", "traits", "stateMachine", "states",
    "transitions", "effects", "emits", "payload", "pages", "type", "x", "",
))


def step(kind, *at, slots=()):
  return actions.Action(kind=kind, at=tuple(at), slots=tuple(slots))


def values():
  """A strategy of JSON values that use the keys of programs."""
  scalars = (
      st.none()
      | st.booleans()
      | st.integers(-3, 3)
      | st.floats(allow_nan=False, allow_infinity=False)
      | st.text(max_size=3)
  )
  return st.recursive(
      scalars,
      lambda inner: st.lists(inner, max_size=4)
      | st.dictionaries(_KEYS, inner, max_size=4),
      max_leaves=25,
  )


def objects():
  """A strategy of JSON objects."""
  return st.dictionaries(_KEYS, values(), max_size=5)


def generated_plan(seed):
  """Returns the plan of a generated program."""
  rng = random.Random(seed)
  return intent.make_plan(intent.sample_intent(rng), rng)


def wired():
  """Two orbitals, of which the second hears the first."""
  first, second = ("orbitals", 0, "traits", 0), ("orbitals", 1, "traits", 0)
  return actions.replay([
      step("start_orbital", slots=("Task", "persistent", "toggle", "/tasks")),
      step("start_orbital", slots=("Order", "runtime", "browse", "/orders")),
      step("declare_emit", *first, slots=("TASK_DONE", "external", "id")),
      step(
          "add_listener",
          *second,
          slots=("TASK_DONE", "REFRESH", "external", None),
      ),
  ])


def judge(programs):
  """A `Verify` that knows no compiler: it goes by the length of the text."""
  return [_judge(p) for p in programs]


def _judge(program):
  kind = len(program_lib.canonical(program)) % 3
  issue = verdict_lib.Issue(
      code="ORB_T_UNDEFINED_EVENT",
      path="orbitals[0].traits[0].stateMachine.transitions[0]",
  )
  return verdict_lib.Verdict(
      errors=(issue,) if kind == 1 else (),
      compiles=kind != 2,
      passed=3 if kind != 2 else 0,
      total=4 if kind != 2 else 0,
  )


def forks(count, seed="samples"):
  """Returns some forks of walks to generated programs."""
  walks = (
      generation.GeneratedJob(key=f"{seed}/{i}").forks(judge)
      for i in itertools.count()
  )
  return list(itertools.islice(itertools.chain.from_iterable(walks), count))
