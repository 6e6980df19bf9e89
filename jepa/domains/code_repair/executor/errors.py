"""What can go wrong before a single candidate runs."""


class ExecutorError(RuntimeError):
  """The project's tests cannot be executed."""


class InterpreterError(ExecutorError):
  """The project's interpreter cannot be started, or has no pytest."""


class ConfinementError(ExecutorError):
  """This host lacks a layer of the sandbox, and that was not allowed."""


class CollectionError(ExecutorError):
  """pytest could not collect the tests; the message is pytest's own."""


class ImportCrashError(CollectionError):
  """The process ended while it imported the project or its tests."""


class NoTestsError(ExecutorError):
  """pytest collected no test at all."""


class SuiteHangsError(ExecutorError):
  """The suite, as it is, takes longer than it may."""


class WorkerError(ExecutorError):
  """The worker process dies again and again, whatever it is asked."""


class CandidateError(ExecutorError):
  """A candidate that cannot be put in place was to be observed."""
