"""Figures of training runs, for notebooks. Needs matplotlib."""

from collections.abc import Mapping, Sequence
import json
import os
import pathlib

from jepa import diagnostics
from matplotlib import figure

Rows = Sequence[Mapping[str, float]]

_COLUMNS = 3
_PANEL = (4.0, 2.6)  # Inches.


def read_rows(workdir: str | os.PathLike[str]) -> list[dict[str, float]]:
  """Reads the metrics of a run.

  Raises:
    FileNotFoundError: `workdir` is no training run.
  """
  path = pathlib.Path(workdir) / "metrics.jsonl"
  if not path.is_file():
    raise FileNotFoundError(
        f"No {path}: jepa.apps.train writes one to its --workdir."
    )
  return [json.loads(line) for line in path.read_text().splitlines()]


def plot_metrics(runs: Mapping[str, Rows], prefix: str) -> figure.Figure:
  """Draws a panel for each metric whose name begins with `prefix`.

  A dashed line marks where a diagnostic rings.

  Args:
    runs: rows by name of the run, each with a "step".
    prefix: such as "loss/" or "held_out/".

  Raises:
    ValueError: no run has such a metric.
  """
  names = sorted(
      {n for rows in runs.values() for r in rows for n in r}
      - {"step"}
  )
  names = [n for n in names if n.startswith(prefix)]
  if not names:
    raise ValueError(f"No run of {', '.join(runs)} has a metric {prefix}*.")
  num_rows = -(-len(names) // _COLUMNS)
  drawn = figure.Figure(
      figsize=(_PANEL[0] * _COLUMNS, _PANEL[1] * num_rows),
      layout="constrained",
  )
  panels = drawn.subplots(num_rows, _COLUMNS, squeeze=False).ravel()
  for panel, name in zip(panels, names):
    _draw(panel, runs, name, diagnostics.bound(name.removeprefix(prefix)))
  for panel in panels[len(names) :]:
    panel.set_visible(False)
  panels[0].legend(fontsize="small")
  return drawn


def _draw(panel, runs, name, bound):
  for run, rows in runs.items():
    points = [(r["step"], r[name]) for r in rows if name in r]
    panel.plot(*zip(*points), marker=".", label=run)
  if bound is not None:
    panel.axhline(bound, linestyle="--", color="gray")
  panel.set_title(name, fontsize="small")
  panel.set_xlabel("step", fontsize="small")
