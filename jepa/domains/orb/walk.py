"""Walks through construction: in every state, several actions are tried.

A walk follows a plan, in an order drawn at random among those that work. In
each state some of the plan's next steps are tried, spoilt versions of them,
and other actions; all are judged; the walk goes on along one, mostly a valid
one of the plan. Sometimes it goes astray, and the repair of that is then among
the candidates.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
import dataclasses
import random

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import plan as plan_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import proposals
from jepa.domains.orb import schema
from jepa.domains.orb import undo as undo_lib
from jepa.domains.orb import verdict as verdict_lib

Action = actions_lib.Action
Path = program_lib.Path
Program = program_lib.Program
Verdict = verdict_lib.Verdict
Verify = Callable[[Sequence[Program]], list[Verdict]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
  """What a walk is to build.

  origin: the program that this comes from: the unit of splitting.
  intent: words that say what is wanted.
  plan: steps to the target.
  distractors: steps that somebody took in earnest but that are not in the
    plan: the invalid parts of a public program.
  """
  origin: str
  intent: tuple[str, ...]
  plan: plan_lib.Plan
  distractors: tuple[Action, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Habits:
  """How walks are taken.

  num_candidates: actions tried in a state, `K`.
  num_planned: of those, at the most this many are the plan's next steps.
  max_length: states in a walk at the most.
  straying: probability to go on along an action that is not in the plan.
  daring: probability to take a step of the plan that is not valid yet, though
    others are.
  hurry: probability to take the plan's next step at once where the state is
    invalid, without trying others: it may take several to mend it.
  """
  num_candidates: int = 12
  num_planned: int = 4
  max_length: int = 16
  straying: float = 0.15
  daring: float = 0.15
  hurry: float = 0.6


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fork:
  """One state and all that was tried in it.

  focus: the trait, orbital or program that most of the actions are about.
  actions, programs, verdicts: in the same order; programs are distinct.
  taken: index of the action that the walk went on along.
  """
  task: Task
  index: int
  state: Program
  verdict: Verdict
  focus: Path
  actions: tuple[Action, ...]
  programs: tuple[Program, ...]
  verdicts: tuple[Verdict, ...]
  taken: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Offer:
  """An action that may be tried; `step` is its number in the plan, if any."""
  action: Action
  step: int | None = None


def walk(
    task: Task, rng: random.Random, verify: Verify, habits: Habits = Habits()
) -> Iterator[Fork]:
  """Yields the forks of one walk through `task`."""
  state = task.plan.start
  verdict = verify([state])[0]
  remaining = _Remaining(task.plan)
  debt: Action | None = None  # Takes the last stray step back.
  for index in range(habits.max_length):
    while not verdict.is_valid and debt is None and rng.random() < habits.hurry:
      state, verdict = _advance(state, verdict, remaining, verify)
    frontier = remaining.frontier()
    if not frontier:
      return
    focus = focus_of(debt or remaining.steps[frontier[0]])
    offers = _offers(task, state, remaining, frontier, focus, debt, rng, habits)
    tried = distinct(state, offers, habits.num_candidates)
    verdicts = verify([program for _, program in tried])
    taken = _choose(tried, verdicts, debt, rng, habits)
    yield Fork(
        task=task,
        index=index,
        state=state,
        verdict=verdict,
        focus=focus,
        actions=tuple(offer.action for offer, _ in tried),
        programs=tuple(program for _, program in tried),
        verdicts=tuple(verdicts),
        taken=taken,
    )
    offer, program = tried[taken]
    if offer.step is not None:
      remaining.take(offer.step)
    else:
      is_astray = offer.action != debt and not verdicts[taken].is_valid
      debt = undo_lib.undo(state, offer.action) if is_astray else None
      remaining.rebase(state, offer.action)
    state, verdict = program, verdicts[taken]


def _advance(state, verdict, remaining, verify):
  """Takes the plan's next step, if there is one, without alternatives."""
  for step in remaining.frontier()[:1]:
    action = remaining.steps[step]
    remaining.take(step)
    try:
      state = actions_lib.apply(state, action)
    except actions_lib.ActionError:  # A stray step took its place away.
      continue
    verdict = verify([state])[0]
  return state, verdict


class _Remaining:
  """The steps of a plan that are not taken yet, and where they now apply."""

  def __init__(self, plan: plan_lib.Plan):
    self.steps = dict(enumerate(plan.steps))
    self._after = plan.after
    self._done: set[int] = set()
    self._last = -1

  def frontier(self) -> list[int]:
    """Returns the steps that can be taken now, what was begun last first."""
    ready = [i for i in self.steps if self._after[i] <= self._done]
    return sorted(ready, key=lambda i: (i < self._last, i))

  def take(self, step: int) -> None:
    self._done.add(step)
    self._last = step
    del self.steps[step]

  def rebase(self, state: Program, action: Action) -> None:
    """Moves the steps to where their places lie after a foreign `action`."""
    if action.kind == "remove":
      *parent, index = action.at
      self._move(tuple(parent), index, -1)
    for path, count in plan_lib.appended(action).items():
      length = len(program_lib.items(state, path))
      self._move(path, length, count)

  def _move(self, path: Path, start: int | str, by: int) -> None:
    """Shifts indices from `start` on; drops steps inside what is removed."""
    for i, step in list(self.steps.items()):
      rest = step.at[len(path) :]
      if step.at[: len(path)] != path or not rest:
        continue
      if rest[0] == start and by < 0:
        self.take(i)
      elif isinstance(start, int) and rest[0] >= start:
        at = (*path, rest[0] + by, *rest[1:])
        self.steps[i] = dataclasses.replace(step, at=at)


def focus_of(action: Action) -> Path:
  """Returns the trait around an action's place, or the orbital, or ()."""
  for role in ("trait", "orbital"):
    path = schema.enclosing(action.at, role)
    if path is not None:
      return path
  return ()


def _offers(task, state, remaining, frontier, focus, debt, rng, habits):
  """Yields offers, those that must not be missed first."""
  planned = frontier[:1]
  others = frontier[1:]
  # What lies near is tried first: an observation shows it in full.
  others.sort(
      key=lambda i: (focus_of(remaining.steps[i]) != focus, rng.random())
  )
  planned += others[: habits.num_planned - 1]
  if debt is not None:
    yield Offer(action=debt)
  for i in planned:
    yield Offer(action=remaining.steps[i], step=i)
  for distractor in rng.sample(task.distractors, len(task.distractors))[:1]:
    yield Offer(action=distractor)
  models = [remaining.steps[i] for i in frontier[:8]]
  yield from alternatives(state, models, focus, rng)


def alternatives(
    state: Program, models: Sequence[Action], focus: Path, rng: random.Random
) -> Iterator[Offer]:
  """Yields spoilt versions of `models`, then what comes to mind at `focus`."""
  for model in rng.choices(models, k=_NUM_SPOILT):
    spoilt = proposals.corrupt(state, model, rng)
    if spoilt is not None:
      yield Offer(action=spoilt)
  places = proposals.sites(state, focus)
  for _ in range(_PATIENCE):
    yield Offer(action=proposals.propose_any(state, places, rng))


_NUM_SPOILT = 3

# How many random actions are thought of before a state is left with fewer
# candidates than wanted.
_PATIENCE = 100


def distinct(
    state: Program, offers: Iterable[Offer], wanted: int
) -> list[tuple[Offer, Program]]:
  """Applies offers until `wanted` different programs are found."""
  tried: list[tuple[Offer, Program]] = []
  programs = [state]
  for offer in offers:
    try:
      program = actions_lib.apply(state, offer.action)
    except actions_lib.ActionError:
      continue
    # Quick, because programs share all that the actions did not touch.
    if program not in programs:
      programs.append(program)
      tried.append((offer, program))
    if len(tried) == wanted:
      break
  return tried


def _choose(tried, verdicts, debt, rng, habits) -> int:
  """Returns which of `tried` the walk goes on along."""
  every = range(len(tried))
  planned = [i for i in every if tried[i][0].step is not None]
  valid = [i for i in planned if verdicts[i].is_valid]
  stray = [i for i in every if tried[i][0].step is None]
  back = [i for i in stray if tried[i][0].action == debt]
  if back and rng.random() < 0.7:
    return back[0]
  if debt is None and stray and rng.random() < habits.straying:
    return rng.choice(stray)
  if not valid:
    return rng.choice(planned[:1] or stray)
  invalid = [i for i in planned if i not in valid]
  if invalid and rng.random() < habits.daring:
    return rng.choice(invalid)
  return rng.choice(valid)
