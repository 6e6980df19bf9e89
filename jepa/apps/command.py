"""How our commands start and how they fail: one line, not a traceback."""

from collections.abc import Callable, Sequence
import sys

from absl import app
from absl import logging

USAGE = 2  # The exit code of an error that the user can mend.


def run(main: Callable[[], None]) -> None:
  """Runs `main` with parsed flags.

  What the user can mend (a missing file, a foreign checkpoint, a wrong value:
  all `ValueError` or `OSError` by our custom) is said in one line, with exit
  code 2. Anything else is a bug of ours and keeps its traceback.
  """

  def guarded(argv: Sequence[str]) -> int:
    if len(argv) > 1:
      raise app.UsageError(f"{argv[1]!r} is no flag; see --help.")
    logging.set_verbosity(logging.WARNING)
    try:
      main()
    except (ValueError, OSError) as error:
      print(f"error: {error}", file=sys.stderr)
      return USAGE
    return 0

  app.run(guarded)
