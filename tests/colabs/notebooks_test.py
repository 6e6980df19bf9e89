"""Executes every notebook, on runs that are made up."""

import json
import os
import pathlib
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
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


class NotebooksTest(parameterized.TestCase):

  @parameterized.parameters(_NOTEBOOKS)
  def test_runs(self, name):
    root = pathlib.Path(self.create_tempdir().full_path)
    _write_run(root / "jepa")
    _write_run(root / "bag")
    cells = json.loads((_COLABS / name).read_text())["cells"]
    self.assertLess(len(cells), 13)
    scope = {}
    with mock.patch.dict(os.environ, {"JEPA_RUNS": f"{root}/*"}):
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

  def test_says_what_is_missing(self):
    with self.assertRaisesRegex(ValueError, "run has a metric held_out/"):
      plots.plot_metrics({"run": [{"step": 0, "loss": 1.0}]}, "held_out/")
    with self.assertRaisesRegex(FileNotFoundError, "metrics.jsonl"):
      plots.read_rows(self.create_tempdir().full_path)


if __name__ == "__main__":
  absltest.main()
