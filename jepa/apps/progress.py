"""Progress on standard error: one plain line, rewritten on a terminal."""

from collections.abc import Callable
import os
import sys
import time

_SHOWN = (
    "loss",
    "held_out/auc",
    "held_out/rank_ratio",
    "held_out/predictor_rank_ratio",
    "held_out/ece",
)

_COLUMNS = 80  # Where a terminal does not say.


def training(num_steps: int) -> Callable[[dict[str, float]], None]:
  """Returns a function that shows a row of metrics."""
  start = time.monotonic()

  def show(row):
    done = int(row["step"]) + 1
    seconds = time.monotonic() - start
    shown = " ".join(
        f"{name.removeprefix('loss/')}={value:.3g}"
        for name, value in row.items()
        if name.startswith(_SHOWN)
    )
    line(f"train {done}/{num_steps} {seconds:.0f}s {shown}")

  return show


def count(what: str, total: int) -> Callable[[int], None]:
  """Returns a function that shows how many of `total` are done."""

  def show(done):
    if sys.stderr.isatty() or done == total or done % max(1, total // 5) == 0:
      line(f"{what} {done}/{total}")

  return show


def line(text: str, *, is_last: bool = False) -> None:
  """Shows `text`, over the previous line where the stream is a terminal.

  Args:
    text: what to show; what is to be overwritten must fit in one line, and is
      cut there. "" clears the line of a terminal.
    is_last: whether to leave it there.
  """
  if sys.stderr.isatty():
    shown = f"{text}\n" if is_last else text[:_columns() - 1]
    sys.stderr.write(f"\r\x1b[K{shown}")
  elif text:
    sys.stderr.write(f"{text}\n")
  sys.stderr.flush()


def _columns() -> int:
  try:
    return os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
  except (OSError, ValueError):
    return _COLUMNS
