"""Metrics to JSON lines, one object a step, from process 0 only."""

from collections.abc import Callable
import json
import pathlib

import jax
from jepa import types


class Writer:
  """Appends to `<workdir>/metrics.jsonl`; always one step behind the device.

  Args:
    workdir: where the file lies.
    on_row: also called with each row once it is known, to show progress.
  """

  def __init__(
      self, workdir: str, on_row: Callable[[dict[str, float]], None] | None
  ):
    self._path = pathlib.Path(workdir) / "metrics.jsonl"
    self._on_row = on_row
    self._pending: tuple[int, types.Metrics] | None = None

  def write(self, step: int, metrics: types.Metrics) -> None:
    """Queues `metrics` and writes what was queued before, to not block."""
    self.flush()
    self._pending = (step, metrics)

  def flush(self) -> None:
    if self._pending is None or jax.process_index() != 0:
      return
    step, metrics = self._pending
    self._pending = None
    row = {"step": step} | {k: float(v) for k, v in metrics.items()}
    with self._path.open("a") as f:
      f.write(json.dumps(row) + "\n")
    if self._on_row is not None:
      self._on_row(row)
