"""How a repair looks on a terminal, in a pipe and as JSON."""

from collections.abc import Iterator, Sequence
import json
import os
import sys
import time

from jepa.apps import progress
from jepa.planning import repair

_COLOURS = {
    b"+": b"\x1b[32m", b"-": b"\x1b[31m", b"@": b"\x1b[36m",
}
_RESET = b"\x1b[0m"
_MAX_NAMES = 3  # Of tests, in one line.
_SHOW_EVERY = 0.1  # Seconds between two changes of the progress line.


def watcher() -> repair.Watcher:
  """Returns a watcher that shows progress on standard error."""
  shown = time.monotonic()

  def on_trial(trial):
    nonlocal shown
    now = time.monotonic()
    if sys.stderr.isatty() and now - shown > _SHOW_EVERY:
      shown = now
      what = repair.describe(trial.proposal)
      progress.line(f"executed {trial.number}: {what}")

  return repair.Watcher(
      on_note=lambda text: progress.line(text, is_last=True),
      on_trial=on_trial,
  )


def show_json(fields: dict) -> None:
  """Prints one JSON object on standard output."""
  print(json.dumps(fields))


def show_error(error: repair.RepairError, *, as_json: bool) -> None:
  if as_json:
    show_json({
        "status": "error",
        "reason": error.reason,
        "error": str(error),
        "executions": 0,
        "patches": [],
    })
  progress.line(f"jepa-repair: {error}", is_last=True)


def show_diff(report: repair.Report) -> None:
  """Prints the best patch and nothing else, for `git apply`."""
  progress.line(_outcome(report), is_last=True)
  for patch in report.patches[:1]:
    _print_bytes(patch.diff)


def show_report(report: repair.Report, *, written: bool) -> None:
  """Prints what was found on standard output: a table, then the diffs."""
  progress.line("")
  print(_outcome(report))
  if not report.patches:
    print(f"still failing: {_some(report.failing)}")
    _print_leads(report)
    return
  print()
  for row in _table(report):
    print(row)
  for number, patch in enumerate(report.patches, 1):
    print(f"\n{number}. {patch.description}")
    _print_diff(patch.diff)
    if patch.doubts:
      print(f"look twice: it {'; it '.join(patch.doubts)}")
    if patch.remaining:
      print(f"still failing, as before: {_some(patch.remaining)}")
  for line in comparison(report):
    print(f"\n{line}")
  _print_leads(report)
  print(
      f"\npatch 1 is written to {', '.join(report.patches[0].after)}"
      if written
      else "\nnothing was changed: --write applies patch 1"
  )


def leads(report: repair.Report) -> Iterator[tuple[str, tuple[str, ...]]]:
  """Yields headings, and what stands under each: where to look by hand."""
  if report.leads is None:
    return
  for heading, things in (
      ("the failing tests point to", report.leads.places),
      ("no repair, but closer than other edits", report.leads.closest),
  ):
    if things:
      yield heading, tuple(map(str, things))
  yield report.leads.advice, ()


def _print_leads(report: repair.Report) -> None:
  for heading, lines in leads(report):
    print(f"\n{heading}" + ":" * bool(lines))
    for line in lines:
      print(f"  {line}")


def _outcome(report: repair.Report) -> str:
  found = "no patch found"
  if report.patches:
    found = f"{len(report.patches)} verified patch"
    found += "es" * (len(report.patches) > 1)
    found += " (partial)" * (report.status == "partial")
  if not report.patches:
    return (
        f"{found}: {report.executions} of {report.candidates} candidates "
        f"executed in {report.seconds:.1f} s"
    )
  first = " the first" if len(report.patches) > 1 else ""
  return (
      f"{found}:{first} after {report.executions} of {report.candidates} "
      f"candidates, in {report.seconds:.1f} s"
  )


def _some(names: Sequence[str]) -> str:
  return ", ".join(names[:_MAX_NAMES]) + ", ..." * (len(names) > _MAX_NAMES)


def _table(report: repair.Report) -> Iterator[str]:
  yield "  #  executed   belief  fixes  edit"
  for number, patch in enumerate(report.patches, 1):
    chance = percent(patch.probability)
    yield (
        f"{number:3}  {patch.rank:8}  {chance:>7}  {len(patch.fixed):5}  "
        f"{patch.description}"
    )


def percent(probability: float) -> str:
  """Returns a probability in per cent, in two digits."""
  value = 100 * probability
  return f"{value:.2g} %" if value < 99.5 else f"{value:.0f} %"


def comparison(report: repair.Report) -> Iterator[str]:
  """Yields in words which patches do the same, and what tells them apart."""
  if report.grouping is None:
    return
  first, *others = report.grouping.groups
  num_calls = report.grouping.num_calls
  if len(first) > 1:
    yield f"{_patches(first)} do the same on {num_calls} generated calls"
  for difference, members in zip(report.grouping.differences, others):
    yield (
        f"{_patches(members)} {'does' if len(members) == 1 else 'do'} "
        f"otherwise than patch {first[0] + 1}: {difference.call} "
        f"{difference.other}, there it {difference.first}"
    )


def _patches(members: Sequence[int]) -> str:
  names = ", ".join(str(member + 1) for member in members)
  return f"patch {names}" if len(members) == 1 else f"patches {names}"


def _print_diff(diff: bytes) -> None:
  if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
    diff = b"\n".join(map(_coloured, diff.split(b"\n")))
  _print_bytes(diff)


def _coloured(line: bytes) -> bytes:
  colour = _COLOURS.get(line[:1])
  return colour + line + _RESET if colour else line


def _print_bytes(diff: bytes) -> None:
  # It may be in another encoding than the terminal.
  sys.stdout.flush()
  sys.stdout.buffer.write(diff)
  sys.stdout.flush()
