"""What ends a repair before it has begun, and the exit code of each."""

EXIT_FIXED = 0
EXIT_NOT_FOUND = 1
EXIT_USAGE = 2  # A flag, file, interpreter or command that cannot be used.
EXIT_NOTHING_TO_DO = 3  # The tests pass.
EXIT_TESTS = 4  # The tests cannot be run.
EXIT_REFUSED = 5  # --write would overwrite work.
EXIT_INTERRUPTED = 130


class RepairError(RuntimeError):
  """A repair that cannot be tried, or a patch that cannot be written.

  Attributes:
    reason: a short name for programs, for example "tests_pass".
    exit_code: of the command line.
  """

  def __init__(self, reason: str, message: str, exit_code: int = EXIT_USAGE):
    super().__init__(message)
    self.reason = reason
    self.exit_code = exit_code
