"""Tests that killing the tool, whatever it does, does no harm."""

import pathlib

from absl.testing import absltest
from tests.benchmarks import executor_kills

_KILLS = 20  # `executor_kills.py` does 200.


class KillsTest(absltest.TestCase):

  def test_a_killed_tool_leaves_nothing_and_loses_nothing(self):
    folder = pathlib.Path(self.create_tempdir().full_path)
    faults = executor_kills.kill_often(folder, _KILLS, seed=1)
    self.assertEmpty(list(faults))


if __name__ == "__main__":
  absltest.main()
