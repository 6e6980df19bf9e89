"""Executes every notebook, on runs that are made up."""

import json
import os
import pathlib
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from jepa.evaluation import curve_plots
from jepa.evaluation import plots
from matplotlib import figure

_COLABS = pathlib.Path(__file__).parents[2] / "colabs"
_NOTEBOOKS = sorted(p.name for p in _COLABS.glob("*.ipynb"))


def _write_run(workdir: pathlib.Path) -> None:
  workdir.mkdir(parents=True)
  rows = [
      {"step": 0, "loss": 2.0, "loss/sigreg": 9.0},
      {"step": 1, "loss": 1.0, "loss/sigreg": 3.0},
      {"step": 1, "held_out/auc": 0.7, "held_out/rank_ratio": 0.3},
  ]
  text = "".join(json.dumps(row) + "\n" for row in rows)
  (workdir / "metrics.jsonl").write_text(text)


def _write_curve(folder: pathlib.Path) -> None:
  interval = {"estimate": 0.8, "low": 0.6, "high": 1.1}
  points = [
      {
          "arm": arm, "reference": "sparse", "num_seeds": 2, "auc": 0.9,
          "size": {"num_states": n, "num_branches": 32 * n},
          "geometric_mean": 4.0, "least": 3.5, "most": 4.5,
          "ratio": None if arm == "sparse" else interval, "auc_gain": None,
          "health": {"rank_ratio": 0.5},
      }
      for arm in ("jepa", "sparse", "online_unregularised")
      for n in (32, 128)
  ]
  text = json.dumps({"points": points})
  (folder / curve_plots.FILE).write_text(text)


class NotebooksTest(parameterized.TestCase):

  @parameterized.parameters(_NOTEBOOKS)
  def test_runs(self, name):
    root = pathlib.Path(self.create_tempdir().full_path)
    _write_run(root / "jepa")
    _write_run(root / "bag")
    cells = json.loads((_COLABS / name).read_text())["cells"]
    self.assertLess(len(cells), 13)
    scope = {}
    _write_curve(root)
    told = {
        "JEPA_RUNS": f"{root}/*", "JEPA_CURVE": f"{root}",
        "JEPA_GRID": f"{root}",
    }
    with mock.patch.dict(os.environ, told):
      for cell in cells:
        if cell["cell_type"] == "code":
          exec("".join(cell["source"]), scope)  # pylint: disable=exec-used
    self.assertCountEqual(scope["runs"], ["jepa", "bag"])


class PlotsTest(absltest.TestCase):

  def test_draws_a_panel_a_metric(self):
    rows = [{"step": i, "loss/a": 1.0, "loss/b": 2.0} for i in range(3)]
    drawn = plots.plot_metrics({"run": rows}, "loss/")
    self.assertIsInstance(drawn, figure.Figure)
    shown = [p.get_title() for p in drawn.axes if p.get_visible()]
    self.assertEqual(shown, ["loss/a", "loss/b"])

  def test_curves_have_a_panel_for_each_reference(self):
    folder = pathlib.Path(self.create_tempdir().full_path)
    _write_curve(folder)
    points = curve_plots.read_points(folder)
    drawn = curve_plots.plot_curve(points)
    titles = [panel.get_title() for panel in drawn.axes]
    self.assertEqual(
        titles, ["executions to the first success", "ratio to sparse"]
    )
    grid = curve_plots.plot_grid(points).axes[2]  # Ranks of two arms.
    self.assertEqual([t.get_text() for t in grid.texts], ["0.5", "0.5"])
    with self.assertRaisesRegex(FileNotFoundError, "learning_curve"):
      curve_plots.read_points(folder / "nowhere")

  def test_says_what_is_missing(self):
    with self.assertRaisesRegex(ValueError, "run has a metric held_out/"):
      plots.plot_metrics({"run": [{"step": 0, "loss": 1.0}]}, "held_out/")
    with self.assertRaisesRegex(FileNotFoundError, "metrics.jsonl"):
      plots.read_rows(self.create_tempdir().full_path)


if __name__ == "__main__":
  absltest.main()
