"""Tests that generation is parallel, resumable and the same every time."""

import os
import pathlib

from absl.testing import absltest
from jepa.domains.code_repair import executor
from jepa.domains.code_repair import generation
from jepa.domains.code_repair import settings as settings_lib
from tests.domains.code_repair import fixture


def _job(checkout, **kwargs):
  settings = settings_lib.Settings(num_states=4, num_candidates=8, **kwargs)
  return generation.Job(checkout=checkout, settings=settings)


def _programs(shard):
  """All that does not depend on which failing test was the fastest."""
  return [
      (r.broken.text, r.candidates, [e.status for e in r.executions])
      for r in generation.read_shard(shard)
  ]


class GenerationTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self._checkout = fixture.write(self.create_tempdir().full_path)
    self._cache = pathlib.Path(self.create_tempdir().full_path)

  def test_a_second_run_makes_only_what_is_missing(self):
    jobs = [_job(self._checkout), _job(self._checkout, seed=1)]
    shards = generation.generate(jobs, self._cache)
    first, second = (shards[j][0] for j in jobs)
    before = _programs(first)
    second.write_bytes(b"untouched")
    os.remove(first)
    (self._cache / f"{first.name}.123.tmp").write_bytes(b"of a killed run")
    lines = []
    again = generation.generate(jobs, self._cache, report=lines.append)
    self.assertEqual(again, shards)
    self.assertEqual(_programs(first), before)
    self.assertEqual(second.read_bytes(), b"untouched")
    self.assertLen(lines, 1)
    self.assertEqual((lines[0].num_done, lines[0].num_shards), (2, 2))
    self.assertEqual(
        lines[0].num_records, len(list(generation.read_shard(first)))
    )

  def test_a_failing_package_leaves_no_shard(self):
    tests = self._checkout.root / "tests" / "test_core.py"
    tests.write_text("import no_such_module\n")
    with self.assertRaises(executor.ExecutorError):
      generation.generate([_job(self._checkout)], self._cache)
    self.assertEmpty(list(self._cache.iterdir()))


if __name__ == "__main__":
  absltest.main()
