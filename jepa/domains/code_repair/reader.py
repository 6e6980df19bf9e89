"""Prints a record for humans: annotated source, the failure, the verdicts."""

from collections.abc import Iterator

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import records
from jepa.domains.code_repair import source

_WIDTH = 100  # Characters shown of an edit.
_TEST_LINES = 8  # Shown on each side of the line that failed.


def format_record(record: records.Record) -> str:
  """Returns the whole record as plain text."""
  function = record.function(record.broken)
  failure = record.broken.failure
  parts = [
      f"{record.package}  {record.target.path}:{record.target.lineno}  "
      f"{record.target.qualname}",
      _format_source(function, record.broken),
      _format_failure(failure) if failure else "No test fails.",
      _format_candidates(record, function),
  ]
  return "\n\n".join(parts)


def _format_source(
    function: source.Function, observed: records.Observed
) -> str:
  """Each line with the tests that reached it, its Ochiai score and marks."""
  spectrum = observed.spectrum
  scores = localization.ochiai(spectrum)
  marks = _marks(observed.failure)
  rows = [
      f"reached by: of {spectrum.num_failing} failing, of "
      f"{spectrum.num_passing} passing tests; Ochiai; > on the traceback, "
      "! raised here"
  ]
  for i, text in enumerate(function.text.splitlines()):
    line = function.lineno + i
    failing = spectrum.failing.get(line, 0)
    passing = spectrum.passing.get(line, 0)
    counts = f"{failing:4d} {passing:4d}" if failing or passing else " " * 9
    score = f"{scores[line]:.2f}" if line in scores else " " * 4
    rows.append(
        f"{counts} {score} {marks.get(line, ' ')} {line:5d} | {text}".rstrip()
    )
  return "\n".join(rows)


def _marks(failure: failure_lib.Failure | None) -> dict[int, str]:
  if failure is None:
    return {}
  marks = dict.fromkeys(failure.target_lines, ">")
  if failure.is_raised_in_target:
    marks[failure.target_lines[-1]] = "!"
  return marks


def _format_failure(failure: failure_lib.Failure) -> str:
  rows = [failure.nodeid]
  for i, text in enumerate(failure.test.splitlines()):
    line = failure.test_lineno + i
    if not failure.line or abs(line - failure.line) <= _TEST_LINES:
      mark = ">" if line == failure.line else " "
      rows.append(f"{mark} {line:5d} | {text}".rstrip())
  for function, text in failure.frames:
    rows.append(f"in {function}: {text}")
  first_line = failure.message.strip().split("\n")[0]
  rows.append(f"{failure.exception}: {first_line}")
  if failure.expected or failure.observed:
    rows.append(f"expected {failure.expected}")
    rows.append(f"observed {failure.observed}")
  return "\n".join(rows)


def _format_candidates(
    record: records.Record, function: source.Function
) -> str:
  following = {i for i, _ in record.following}
  rows = [
      f"{len(record.candidates)} candidates; * the original program, + its "
      "next state was observed"
  ]
  for i, (edit, execution) in enumerate(
      zip(record.candidates, record.executions)
  ):
    mark = ("*" if i == record.fix else " ") + (
        "+" if i in following else " "
    )
    rows.append(
        f"{mark} {_describe_verdict(execution, record):24} "
        f"{edits_lib.describe(function, edit)[:_WIDTH]}"
    )
  return "\n".join(rows)


def _describe_verdict(
    execution: evidence_lib.Execution, record: records.Record
) -> str:
  """Returns what happened, in a few words."""
  return ", ".join(_verdict_words(execution, record)) or execution.status


def _verdict_words(execution, record) -> Iterator[str]:
  if execution.status != "failed":
    return
  before = record.exceptions.get(execution.failed_test)
  if before == execution.exception:
    yield "same error"
  else:
    yield execution.exception or "failed"
  if execution.was_passing:
    yield "breaks a test"
  if execution.num_fixed:
    yield f"+{execution.num_fixed} fixed"
