"""Metrics as JSON lines and for TensorBoard, from process 0 only."""

from collections.abc import Callable
import json
import pathlib

import jax
from jepa import types
import tensorboardX


class Writer:
  """Appends to `<workdir>/metrics.jsonl`; always one step behind the device.

  Args:
    workdir: where the file lies, and `tensorboard/` beside it.
    on_row: also called with each row once it is known, to show progress.
  """

  def __init__(
      self, workdir: str, on_row: Callable[[dict[str, float]], None] | None
  ):
    self._is_first = jax.process_index() == 0
    self._path = pathlib.Path(workdir) / "metrics.jsonl"
    self._on_row = on_row
    self._pending: tuple[int, types.Metrics] | None = None
    self._board = tensorboardX.SummaryWriter(
        str(pathlib.Path(workdir) / "tensorboard"),
        write_to_disk=self._is_first,
    )

  def write(self, step: int, metrics: types.Metrics) -> None:
    """Queues `metrics` and writes what was queued before, to not block."""
    self.flush()
    self._pending = (step, metrics)

  def flush(self) -> None:
    """Writes what was queued."""
    if self._pending is None or not self._is_first:
      return
    step, metrics = self._pending
    self._pending = None
    values = {k: float(v) for k, v in metrics.items()}
    row = {"step": step} | values
    with self._path.open("a") as f:
      f.write(json.dumps(row) + "\n")
    for name, value in values.items():
      self._board.add_scalar(name, value, step)
    if self._on_row is not None:
      self._on_row(row)

  def close(self) -> None:
    """Writes what was queued, and nothing after it."""
    self.flush()
    self._board.close()
