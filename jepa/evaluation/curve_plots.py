"""Figures of learning curves and of grids of arms. Needs matplotlib."""

from collections.abc import Mapping, Sequence
import json
import os
import pathlib
from typing import Any

from matplotlib import figure
import numpy as np

FILE = "curve.json"  # What `jepa.apps.learning_curve` writes to its --runs.

# Targets down, regularisers across: which arm of `configs.pretrain` is which.
TARGETS = ("ema", "stop_gradient", "online")
REGULARISERS = ("SIGReg", "none")
_ARMS = {
    ("ema", "SIGReg"): "jepa",
    ("ema", "none"): "ema_unregularised",
    ("stop_gradient", "SIGReg"): "stop_gradient",
    ("stop_gradient", "none"): "stop_gradient_unregularised",
    ("online", "SIGReg"): "online",
    ("online", "none"): "online_unregularised",
}
# What a cell of the grid may show, and how it is called.
_CELLS = {
    "geometric_mean": "executions",
    "auc": "AUC",
    "rank_ratio": "rank / D",
    "predictor_rank_ratio": "predictor's rank / D",
    "copy_lift": "lift over the copy",
    "sigreg_over_floor": "SIGReg over its floor",
}

Points = Sequence[Mapping[str, Any]]


def read_points(runs: str | os.PathLike[str]) -> list[dict[str, Any]]:
  """Reads the points of a curve.

  Raises:
    FileNotFoundError: there is none in the folder `runs`.
  """
  path = pathlib.Path(runs) / FILE
  if not path.is_file():
    raise FileNotFoundError(
        f"No {path}: jepa.apps.learning_curve writes one to its --runs."
    )
  return json.loads(path.read_text())["points"]


def plot_curve(points: Points) -> figure.Figure:
  """Draws executions by size, and their ratio to each reference's.

  Bands are spans over seeds; bars are paired 95 % intervals over cases.

  Args:
    points: as `curve.to_json` makes them.
  """
  references = list(dict.fromkeys(p["reference"] for p in points))
  arms = list(dict.fromkeys(p["arm"] for p in points))
  drawn = figure.Figure(
      figsize=(5.0 * (1 + len(references)), 3.6), layout="constrained"
  )
  panels = drawn.subplots(1, 1 + len(references), squeeze=False)[0]
  for i, arm in enumerate(arms):
    own = [p for p in points if p["arm"] == arm]
    first = [p for p in own if p["reference"] == references[0]]
    _draw_executions(panels[0], arm, first, f"C{i % 10}")
    for panel, reference in zip(panels[1:], references):
      rows = [p for p in own if p["reference"] == reference and p["ratio"]]
      _draw_ratios(panel, rows, f"C{i % 10}", 1.0 + 0.03 * i)
  panels[0].set(title="executions to the first success", yscale="log")
  panels[0].legend(fontsize="small")
  for panel, reference in zip(panels[1:], references):
    panel.set(title=f"ratio to {reference}")
    panel.axhline(1.0, linestyle="--", color="gray")
  for panel in panels:
    panel.set(xscale="log", xlabel="labelled branches")
  return drawn


def _draw_executions(panel, arm, points, color):
  x = [p["size"]["num_branches"] for p in points]
  panel.plot(
      x, [p["geometric_mean"] for p in points], marker=".", color=color,
      label=arm,
  )
  panel.fill_between(
      x, [p["least"] for p in points], [p["most"] for p in points],
      color=color, alpha=0.15,
  )


def _draw_ratios(panel, points, color, shift):
  """Draws intervals, moved aside a little so that arms do not hide others."""
  if not points:
    return
  x = np.array([p["size"]["num_branches"] for p in points]) * shift
  y, low, high = (
      np.array([p["ratio"][name] for p in points])
      for name in ("estimate", "low", "high")
  )
  panel.errorbar(
      x, y, yerr=[y - low, high - y], marker=".", color=color, capsize=2
  )


def plot_grid(points: Points) -> figure.Figure:
  """Draws targets by regularisers, a panel for each measure.

  Args:
    points: of one size; arms that are missing leave their cells empty.
  """
  by_arm = {p["arm"]: p for p in points}
  drawn = figure.Figure(figsize=(9.0, 4.4), layout="constrained")
  panels = drawn.subplots(2, 3).ravel()
  for panel, (name, title) in zip(panels, _CELLS.items()):
    cells = np.array([
        [_cell(by_arm.get(_ARMS[t, r]), name) for r in REGULARISERS]
        for t in TARGETS
    ])
    panel.imshow(cells, cmap="Blues", aspect="auto")
    for i, j in np.argwhere(np.isfinite(cells)):
      panel.text(j, i, f"{cells[i, j]:.3g}", ha="center", va="center")
    panel.set_title(title, fontsize="small")
    panel.set_xticks(range(len(REGULARISERS)), REGULARISERS)
    panel.set_yticks(range(len(TARGETS)), TARGETS)
  return drawn


def _cell(point: Mapping[str, Any] | None, name: str) -> float:
  value = None
  if point is not None:
    value = point.get(name, point["health"].get(name))
  return float("nan") if value is None else value
