"""From logged construction steps to forks.

A log holds what somebody did: one action per state, as a rule. Other actions
are tried in the same state, so that a model sees what the choice meant.
"""

from collections.abc import Iterable, Iterator, Mapping
import dataclasses
import itertools
import random
from typing import Any

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import verdict as verdict_lib
from jepa.domains.orb import walk as walk_lib


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
  """One logged step in our terms.

  origin: the program that was being built: the unit of splitting.
  intent: words that say what was wanted.
  """
  origin: str
  intent: tuple[str, ...]
  state: program_lib.Program
  action: actions_lib.Action
  next_state: program_lib.Program
  verdict: verdict_lib.Verdict


def to_record(
    state: program_lib.Program,
    action: actions_lib.Action,
    verdict: verdict_lib.Verdict,
    *,
    origin: str,
    intent: tuple[str, ...] = (),
) -> dict[str, Any]:
  """Returns the parts of a trace of world "orb": arguments of `append`."""
  return {
      "state": state,
      "action": action.to_json(),
      "next_state": actions_lib.apply(state, action),
      "signals": verdict.to_json(),
      "meta": {"origin": origin, "intent": list(intent)},
  }


def read_step(record: Mapping[str, Any]) -> Step:
  """Reads what `to_record` wrote.

  Raises:
    ActionError: the record is no step, or its action does not lead to its next
      state.
  """
  try:
    step = Step(
        origin=str(record["meta"]["origin"]),
        intent=tuple(map(str, record["meta"].get("intent", ()))),
        state=record["state"],
        action=actions_lib.Action.from_json(record["action"]),
        next_state=record["next_state"],
        verdict=verdict_lib.Verdict.from_json(record["signals"]),
    )
  except (LookupError, TypeError, ValueError, AttributeError) as e:
    raise actions_lib.ActionError(f"not a step of a construction: {e!r}") from e
  reached = actions_lib.apply(step.state, step.action)
  if program_lib.digest(reached) != program_lib.digest(step.next_state):
    raise actions_lib.ActionError(
        f"{step.action} does not lead to the next state that was logged."
    )
  return step


@dataclasses.dataclass(frozen=True, kw_only=True)
class TracedJob:
  """All logged steps of one origin; see `generation.Job`."""
  key: str
  steps: tuple[Step, ...]
  habits: walk_lib.Habits = walk_lib.Habits()

  def forks(self, verify: walk_lib.Verify) -> Iterator[walk_lib.Fork]:
    by_state: dict[str, list[Step]] = {}
    for step in self.steps:
      by_state.setdefault(program_lib.digest(step.state), []).append(step)
    recall = _recalling(self.steps, verify)
    for index, steps in enumerate(by_state.values()):
      yield _fork(steps, index, recall, self.habits)


def _fork(steps, index, verify, habits) -> walk_lib.Fork:
  """Tries what was logged in a state, and other actions."""
  step = steps[0]
  rng = random.Random(f"{step.origin}/{index}")
  logged = [s.action for s in steps]
  focus = walk_lib.focus_of(step.action)
  others = walk_lib.alternatives(step.state, logged, focus, rng)
  offers = itertools.chain(
      (walk_lib.Offer(action=action) for action in logged), others
  )
  tried = walk_lib.distinct(step.state, offers, habits.num_candidates)
  programs = tuple(program for _, program in tried)
  verdict, *verdicts = verify([step.state, *programs])
  return walk_lib.Fork(
      task=walk_lib.Task(
          origin=step.origin,
          intent=step.intent,
          plan=plan_lib.make_plan([step.action], step.state),
      ),
      index=index,
      state=step.state,
      verdict=verdict,
      focus=focus,
      actions=tuple(offer.action for offer, _ in tried),
      programs=programs,
      verdicts=tuple(verdicts),
      taken=0,
  )


def _recalling(
    steps: Iterable[Step], verify: walk_lib.Verify
) -> walk_lib.Verify:
  """Returns a `verify` that asks only what the log does not say."""
  known = {program_lib.digest(s.next_state): s.verdict for s in steps}

  def recall(programs):
    keys = [program_lib.digest(p) for p in programs]
    asked = iter(
        verify([p for p, key in zip(programs, keys) if key not in known])
    )
    return [known[key] if key in known else next(asked) for key in keys]

  return recall


def make_jobs(
    steps: Iterable[Step], habits: walk_lib.Habits = walk_lib.Habits()
) -> list[TracedJob]:
  """Returns a job for each origin, in order of appearance."""
  by_origin: dict[str, list[Step]] = {}
  for step in steps:
    by_origin.setdefault(step.origin, []).append(step)
  return [
      TracedJob(key=origin, steps=tuple(steps), habits=habits)
      for origin, steps in by_origin.items()
  ]
