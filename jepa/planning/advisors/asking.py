"""From files to a question: programs and plans as people hand them over."""

from collections.abc import Sequence
import json
import os
import pathlib

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import program as program_lib
from jepa.planning.advisors import advice as advice_lib


class QuestionError(ValueError):
  """A file does not hold what was asked for; the message says what it is."""


def read_question(
    program: str | os.PathLike[str],
    plan: str | os.PathLike[str] | None = None,
    intent: Sequence[str] = (),
) -> advice_lib.Question:
  """Reads a program and, if there is one, a plan.

  Args:
    program: a file with an Orb program.
    plan: a file with a JSON list of actions, or an object with such a list as
      its "steps" and a list of words as its "intent".
    intent: words that say what is wanted.

  Raises:
    QuestionError: a file is missing, or holds something else.
  """
  try:
    whole = program_lib.parse(_read(program))
  except program_lib.ProgramError as e:
    raise QuestionError(f"{program}: {e}") from e
  if not isinstance(whole.get("orbitals"), list):
    raise QuestionError(
        f'{program}: no Orb program: there is no list of "orbitals".'
    )
  steps: tuple[actions_lib.Action, ...] = ()
  if plan is not None:
    steps, said = _read_plan(plan)
    intent = (*intent, *said)
  return advice_lib.Question(
      program=whole, steps=steps, intent=tuple(intent)
  )


def _read_plan(path):
  try:
    record = json.loads(_read(path))
  except ValueError as e:
    raise QuestionError(f"{path}: not JSON: {e}") from e
  said = []
  if isinstance(record, dict):
    record, said = record.get("steps"), record.get("intent", [])
  if not isinstance(record, list) or not isinstance(said, list):
    raise QuestionError(
        f'{path}: a plan is a JSON list of actions, such as [{_EXAMPLE}].'
    )
  steps = []
  for i, step in enumerate(record):
    try:
      steps.append(actions_lib.Action.from_json(step))
    except actions_lib.ActionError as e:
      raise QuestionError(f"{path}: step {i + 1}: {e}") from e
  return tuple(steps), [str(word) for word in said]


_EXAMPLE = json.dumps(
    actions_lib.Action(
        kind="add_event",
        at=("orbitals", 0, "traits", 0),
        slots=("SAVE", "Save"),
    ).to_json()
)


def _read(path) -> bytes:
  try:
    return pathlib.Path(path).read_bytes()
  except OSError as e:
    raise QuestionError(f"cannot read {path}: {e.strerror}.") from e
