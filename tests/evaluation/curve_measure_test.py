"""Tests for `jepa/evaluation/curve_measure.py`."""

import os
import pathlib
import types
from unittest import mock

from absl.testing import absltest
from jepa.datasets import reading
from jepa.datasets.code_repair import evaluation
from jepa.evaluation import curve_measure
import numpy as np


class MeasureTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.root = pathlib.Path(self.create_tempdir().full_path)
    (self.root / evaluation.FILE).write_bytes(b"cases")
    self.models = [str(self.root / n / "model.npz") for n in ("a", "b")]
    for path in self.models:
      os.mkdir(os.path.dirname(path))
      pathlib.Path(path).touch()
    builder = types.SimpleNamespace(data_path=self.root)
    self.enter_context(mock.patch.multiple(
        reading, load_examples=lambda *args: [0] * 10,
        open_builder=lambda *args: builder,
    ))
    self.asked = []

    def measured(paths, *unused_args):
      self.asked.append(list(paths))
      return {
          p: curve_measure.Measured(
              np.array([1.0, 2.0]), np.array([0.5]), {"rank": 3.0}
          ) for p in paths
      }

    self.enter_context(mock.patch.object(curve_measure, "_measure", measured))

  def _measure(self):
    data = curve_measure.Data("code_repair/small", "data", num_branches=4)
    return curve_measure.measure(self.models, data)

  def test_measures_what_has_changed_and_nothing_else(self):
    first = self._measure()
    self.assertEqual(self.asked, [self.models])
    again = self._measure()
    self.assertLen(self.asked, 1)
    for path in self.models:
      np.testing.assert_array_equal(
          again[path].executions, first[path].executions
      )
      self.assertEqual(again[path].health, {"rank": 3.0})
    os.utime(self.models[1], (1.0, 1.0))  # Trained again.
    self._measure()
    self.assertEqual(self.asked[1:], [self.models[1:]])
    (self.root / evaluation.FILE).write_bytes(b"more cases")
    self._measure()
    self.assertEqual(self.asked[2:], [self.models])


if __name__ == "__main__":
  absltest.main()
