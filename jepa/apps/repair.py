"""Repairs a Python project that has a failing test.

  jepa-repair --repo=DIR --test_command="pytest -q tests"

Searches single structured edits of the functions that the failing tests reach,
executes them against these tests in a confined copy, confirms what passes in a
clean process with all tests, and prints them, the preferable first: small edits
that take nothing away. Changes nothing without --write, and never edits tests
or configuration.

  jepa-repair --diff | git apply                 applies the best patch
  jepa-repair --max_patches=5 --html=found.html  shows five, and what differs
  jepa-repair --traces=traces.log                logs what to learn from

Exit codes: 0 a verified patch was found; 1 none was; 2 a flag, file,
interpreter or command cannot be used; 3 the tests pass already; 4 the tests
cannot be run; 5 --write would overwrite work; 130 interrupted.
"""

import contextlib
import os
import pathlib
import signal
import sys
import textwrap

from absl import app
from absl import flags
from jepa.apps import display
from jepa.apps import page
from jepa.planning import repair
from jepa.traces import log

# In the order of --help.
_REPO = flags.DEFINE_string("repo", ".", "The project's folder.")
_TEST_COMMAND = flags.DEFINE_string(
    "test_command", "pytest", "How you run the tests, in that folder."
)
_PYTHON = flags.DEFINE_string(
    "python", "", "Interpreter for the tests; by default the command's."
)
_WRITE = flags.DEFINE_bool("write", False, "Apply the best patch.")
_DIFF = flags.DEFINE_bool(
    "diff", False, "Print the best patch only, for `git apply`."
)
_JSON = flags.DEFINE_bool("json", False, "Print one JSON object.")
_HTML = flags.DEFINE_string("html", "", "Where to write a report to look at.")
_MAX_PATCHES = flags.DEFINE_integer(
    "max_patches", 1, "Verified patches after which to stop.", 1
)
_MAX_SECONDS = flags.DEFINE_float(
    "max_seconds", 300.0, "Seconds to search at the most.", 0.0
)
_MAX_EXECUTIONS = flags.DEFINE_integer(
    "max_executions", 5000, "Candidates to execute at the most.", 1
)
_TEST_SECONDS = flags.DEFINE_float(
    "test_seconds", 10.0, "CPU seconds after which a test counts as hanging.",
    0.1,
)
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint", "", "A trained model; by default the shipped one, if there "
    "is one. 'none' ranks by a static prior."
)
_TRACES = flags.DEFINE_string(
    "traces", "", "A log to append every executed candidate to."
)
_UNSAFE = flags.DEFINE_bool(
    "unsafe", False, "Run the tests even where this host cannot confine them."
)
INTERRUPTED = 130
_HELP = frozenset(("-h", "-help", "--help"))
_WIDTH = 80  # Columns.
_INDENT = 26


def _request() -> repair.Request:
  return repair.Request(
      root=pathlib.Path(_REPO.value),
      test_command=_TEST_COMMAND.value,
      python=_PYTHON.value,
      checkpoint=_CHECKPOINT.value,
      budget=repair.Budget(
          executions=_MAX_EXECUTIONS.value,
          seconds=_MAX_SECONDS.value,
          patches=_MAX_PATCHES.value,
      ),
      test_seconds=_TEST_SECONDS.value,
      is_unsafe=_UNSAFE.value,
  )


def _repair(request: repair.Request) -> repair.Report:
  watcher = display.watcher()
  with contextlib.ExitStack() as stack:
    if _TRACES.value:
      traces = stack.enter_context(log.TraceLog(_TRACES.value, sync=False))
      watcher = repair.recording(watcher, traces, request.root)
    report = repair.repair(request, watcher)
  if _HTML.value:
    text = page.render(report)
    pathlib.Path(_HTML.value).write_text(text, "utf-8", "replace")
  return report


def main(argv):
  try:
    if len(argv) > 1:
      raise repair.RepairError("usage", f"{argv[1]!r} is no flag; see --help.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for path in filter(None, (_TRACES.value, _HTML.value)):
      repair.check_output(pathlib.Path(path))
    if _WRITE.value:
      repair.check_clean(_request().root)
    report = _repair(_request())
    if _WRITE.value and report.patches:
      repair.write(_request().root, report.patches[0])
  except repair.RepairError as error:
    display.show_error(error, as_json=_JSON.value)
    return error.exit_code
  except OSError as error:
    unusable = repair.RepairError("unusable_file", f"{error}")
    display.show_error(unusable, as_json=_JSON.value)
    return unusable.exit_code
  except KeyboardInterrupt:
    stopped = repair.RepairError(
        "interrupted", "interrupted", INTERRUPTED
    )
    display.show_error(stopped, as_json=_JSON.value)
    return stopped.exit_code
  try:
    _show(report)
  except BrokenPipeError:  # Whoever reads has read enough.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
  return 0 if report.patches else 1


def _show(report: repair.Report) -> None:
  if _JSON.value:
    display.show_json(report.to_json())
  elif _DIFF.value:
    display.show_diff(report)
  else:
    display.show_report(report, written=_WRITE.value)
  sys.stdout.flush()


def help_text() -> str:
  """Returns what --help prints: the docstring, and our flags in order."""
  known = flags.FLAGS.flags_by_module_dict()
  ours = known[flags.FLAGS.find_module_defining_flag(_REPO.name)]
  lines = [__doc__, "Flags:", *map(_describe, ours)]
  return "\n".join(lines)


def _describe(flag: flags.Flag) -> str:
  name = f"  --{flag.name}"
  if not flag.boolean:
    name += f"={flag.default}"
  return textwrap.fill(
      flag.help, _WIDTH, initial_indent=f"{name:{_INDENT - 1}} ",
      subsequent_indent=" " * _INDENT, break_on_hyphens=False,
  )


def parse(argv):
  if not _HELP.isdisjoint(argv[1:]):
    print(help_text())
    raise SystemExit(0)
  try:
    return flags.FLAGS(argv)
  except flags.Error as error:
    failure = repair.RepairError("usage", f"{error}; see --help")
    # The flags themselves could not be read.
    display.show_error(failure, as_json=any(map(_asks_for_json, argv[1:])))
    raise SystemExit(failure.exit_code) from error


def _asks_for_json(word: str) -> bool:
  name, _, value = word.removeprefix("-").removeprefix("-").partition("=")
  return name == "json" and value not in ("false", "0", "no")


def _main(argv) -> int:
  """Runs `main`, and ends at once where it was interrupted.

  The model may still be loading in a thread, below which Python must not be
  taken down: it may abort. All else is tidied up already.
  """
  code = main(argv)
  if code == INTERRUPTED:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
  return code


def run() -> None:
  """The console script `jepa-repair`."""
  # A file's name, or what is quoted of it, may be in another encoding.
  for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(errors="backslashreplace")
  app.run(_main, flags_parser=parse)


if __name__ == "__main__":
  run()
