"""What can be seen of a plan: without a model, and through one."""

from collections.abc import Sequence
from typing import NamedTuple

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import census
from jepa.domains.orb import loose_ends
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import schema
from jepa.planning.advisors import reading
import numpy as np

Steps = Sequence[actions_lib.Action]
_GENERAL = 5  # The first signals: valid, errors, warnings, compiles, tests.


class Trace(NamedTuple):
  """programs: before each step and after the last; applied: for each step."""
  programs: list[program_lib.Program]
  applied: list[bool]


def follow(start: program_lib.Program, steps: Steps) -> Trace:
  """Takes the steps as far as they apply; others change nothing."""
  programs, applied = [start], []
  for step in steps:
    program = programs[-1]
    try:
      program = actions_lib.apply(program, step)
      applied.append(True)
    except actions_lib.ActionError:
      applied.append(False)
    programs.append(program)
  return Trace(programs, applied)


def written(trace: Trace, steps: Steps) -> np.ndarray:
  """Returns what the programs along a plan show, shape `[F]`.

  Loose ends that steps open and tie, by role, and how long they stay open; how
  much of what steps say is known by then; and how often each kind is taken.
  """
  ends = [
      {(e.role, e.path, e.name) for e in loose_ends.loose_ends(p)}
      for p in trace.programs
  ]
  opened = [_by_role(b - a) for a, b in zip(ends, ends[1:])]
  tied = [_by_role(a - b) for a, b in zip(ends, ends[1:])]
  between = [_by_role(e - ends[0] - ends[-1]) for e in ends]
  known = _known(trace.programs[0], steps)
  names = _names(trace.programs[0], steps)
  kinds = [s.kind for s in steps]
  return np.concatenate([
      [len(steps), trace.applied.count(False)],
      np.sum(opened, axis=0),
      np.sum(tied, axis=0),
      np.sum(between, axis=0),
      _by_role(ends[-1]) - _by_role(ends[0]),
      [np.mean(known), np.min(known), np.std(known)],
      names,
      [kinds.count(kind) for kind in actions_lib.KINDS],
  ]).astype(np.float32)


def _by_role(ends) -> np.ndarray:
  roles = [role for role, _, _ in ends]
  return np.array([roles.count(role) for role in loose_ends.ROLES])


def _known(start: program_lib.Program, steps: Steps) -> list[float]:
  """Returns the share of the words of each step that are known before it."""
  known, shares = _words(start), []
  for step in steps:
    said = _words(list(step.slots))
    shares.append(len(said & known) / len(said) if said else 1.0)
    known |= said
  return shares


# The slot of each kind of step that makes a name.
_MAKES = {
    "add_state": "state", "extend_machine": "state", "add_event": "event",
    "add_field": "field", "add_payload": "field", "add_trait": "trait",
    "use_behavior": "trait", "add_page": "page", "add_tick": "tick",
    "declare_emit": "event", "start_orbital": "entity",
    "add_orbital": "entity",
}  # fmt: skip


def _names(start: program_lib.Program, steps: Steps) -> list[float]:
  """Returns how many names are made, used later, used too early, and unknown.

  A name is used too early if the step that makes it is still to come; unknown
  if nothing makes it.
  """
  there = {_bare(text) for _, text in loose_ends.strings(start)}
  made: dict[str, int] = {}
  for i, step in enumerate(steps):
    name = step.named_slots.get(_MAKES.get(step.kind, ""))
    if isinstance(name, str) and name not in there:
      made.setdefault(name, i)
  later = early = unknown = 0
  for i, step in enumerate(steps):
    own = step.named_slots.get(_MAKES.get(step.kind, ""))
    said = {_bare(text) for _, text in loose_ends.strings(list(step.slots))}
    for name in said - there - {own}:
      if name in made:
        later += made[name] < i
        early += made[name] > i
      else:
        unknown += name.isidentifier()
  return [len(made), later, early, unknown]


def _bare(text: str) -> str:
  """Returns the name that a binding binds; other texts as they are."""
  return text.partition(".")[2] if text.startswith("@") else text


def _words(value: program_lib.Json) -> set[str]:
  texts = {text for _, text in loose_ends.strings(value)}
  return {word for text in texts for word in census.words(text)}


def views(
    trace: Trace, steps: Steps, intent: tuple[str, ...]
) -> list[reading.View]:
  """Returns what a model has to read: every program, with all of the steps."""
  places = [_focus(step) for step in steps]
  return [
      reading.View(program, tuple(steps), intent, focus)
      for program, focus in zip(trace.programs, [*places, places[-1]])
  ]


def _focus(step: actions_lib.Action) -> program_lib.Path:
  for role in ("trait", "orbital"):
    path = schema.enclosing(step.at, role)
    if path is not None:
      return path
  return ()


def foreseen(readings: list[reading.Reading]) -> np.ndarray:
  """Returns what a model foresees along a plan, shape `[F]`.

  What the verifier would say of each step, absolutely and beside the steps
  that are still to come; and how far the state that follows is from the one
  that was predicted.
  """
  num_steps = len(readings) - 1
  taken = np.stack([readings[t].logits[t] for t in range(num_steps)])
  rest = np.stack(
      [readings[t].logits[t:].mean(axis=0) for t in range(num_steps)]
  )
  margin = (taken - rest)[:, :_GENERAL]
  surprise = np.array([
      [
          _distance(readings[t].z_hat[t], readings[t + 1].z),
          _distance(readings[t].z, readings[t + 1].z),
          _distance(readings[t].z, readings[t].z_hat[t]),
      ]
      for t in range(num_steps)
  ])
  steps = np.concatenate([taken[:, :_GENERAL], margin, surprise], axis=1)
  pooled = [f(steps, axis=0) for f in (np.mean, np.min, np.max)]
  return np.concatenate([*pooled, steps[-1], taken.mean(axis=0)])


def _distance(a: np.ndarray, b: np.ndarray) -> float:
  """Cosine distance."""
  norm = np.linalg.norm(a) * np.linalg.norm(b)
  return 1.0 - float(a @ b) / max(norm, 1e-6)
