"""What a worker that has just started says of the project's tests."""

import time
from typing import Any

from jepa.domains.code_repair.executor import errors
from jepa.domains.code_repair.executor import process as process_lib
from jepa.domains.code_repair.executor import project as project_lib

_EXIT_NO_TESTS = 5  # pytest's.


def await_start(
    process: process_lib.Process,
    project: project_lib.Project,
    limits: project_lib.Limits,
) -> None:
  """Waits until the interpreter runs our code.

  Raises:
    InterpreterError: it does not.
    ConfinementError: it cannot be confined on this host.
  """
  try:
    message = process.receive(time.monotonic() + limits.start_seconds)
  except process_lib.Overdue:
    message = None
  if message is None:
    raise errors.InterpreterError(
        f"{project.python} cannot run tests; it needs Python 3.11 or later "
        f"and pytest:\n{process.failure()}"
    )
  if message["missing"] and not limits.allow_unsafe:
    lacks = "; ".join(
        f"no {layer} (it needs {wanted})"
        for layer, wanted in message["missing"].items()
    )
    raise errors.ConfinementError(
        f"this host cannot confine the tests of {project.root}: {lacks}. "
        "They can be run without by --unsafe (Limits.allow_unsafe), as code "
        "that you trust."
    )


def collect(
    process: process_lib.Process,
    project: project_lib.Project,
    limits: project_lib.Limits,
) -> dict[str, Any]:
  """Waits for the names of the tests.

  Raises:
    CollectionError: pytest cannot collect them, or not all, or not in time.
    NoTestsError: there are none.
  """
  root, seconds = project.root, limits.start_seconds
  try:
    message = process.receive(time.monotonic() + seconds)
  except process_lib.Overdue:
    raise errors.CollectionError(
        f"collecting the tests of {root} takes longer than {seconds} s"
    ) from None
  if message is None or message["op"] == "ended":
    raise errors.ImportCrashError(
        f"importing {root} or its tests ended the process"
    )
  if message["op"] == "unusable" and message["code"] != _EXIT_NO_TESTS:
    raise errors.CollectionError(
        f"pytest cannot start on {root}:\n{message['text']}"
    )
  if message.get("errors") and not project.tolerant:
    raise errors.CollectionError(
        f"pytest cannot collect all tests of {root}:\n"
        + "\n".join(message["errors"])
    )
  if not message.get("tests"):
    where = " ".join(project.tests) or "its default places"
    raise errors.NoTestsError(
        f"pytest finds no test of {root} in {where}\n"
        + message.get("text", "")
    )
  return message
