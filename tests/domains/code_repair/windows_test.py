"""Tests of windows of two edits, on a small project."""

import collections
import dataclasses
import json
import pathlib

from absl.testing import absltest
from jepa.domains.code_repair import branches
from jepa.domains.code_repair import generation
from jepa.domains.code_repair import pairs
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import windows
from tests.domains.code_repair import fixture

_SETTINGS = settings_lib.Settings(num_states=12, num_candidates=16)


class WindowsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.checkout = fixture.write(self.create_tempdir().full_path)
    self.found = list(branches.make_records(
        self.checkout, _SETTINGS, make=windows.make_records
    ))
    self.assertNotEmpty(self.found)

  def test_takes_two_edits_and_two_restore_the_function(self):
    originals = {
        f.text for f in source.functions(
            (self.checkout.root / "core.py").read_bytes(), "core.py"
        )
    }
    for record in self.found:
      self.assertNotIn("passed", [e.status for e in record.executions])
      self.assertIn(record.original().text, originals)
      self.assertNotEqual(record.broken.text, record.original().text)

  def test_pairs_are_executed_where_they_can_be_and_the_fixes_pass(self):
    seen = collections.Counter()
    for record in self.found:
      function = record.function(record.broken)
      firsts = [i for i, _ in record.following]
      self.assertEqual(firsts[0], record.fix)
      self.assertLen(record.pairs, len(firsts))
      for first, row in zip(firsts, record.pairs):
        self.assertLen(row, len(record.candidates))
        for edit, execution in zip(record.candidates, row):
          text = pairs.both(function, record.candidates[first], edit)
          self.assertEqual(text is None, execution is None)
      self.assertEqual(record.pairs[0][record.second].status, "passed")
      seen[firsts[1] == record.second] += 1
    self.assertLen(seen, 2)  # Both fixes come first, or one and none.

  def test_an_example_tells_of_pairs_what_was_executed(self):
    for record in self.found:
      again = records.Record.from_json(json.loads(json.dumps(
          record.to_json()
      )))
      self.assertEqual(again.second, record.second)
      tried = records.choose_tried(again)
      self.assertTrue({again.fix, again.second}.isdisjoint(tried))
      branch = records.make_branch(again, 256, tried)
      left = [
          i for i in range(len(again.candidates)) if i not in tried
      ]
      for row, executed in zip(branch.pair_signals, again.pairs, strict=True):
        passed = [x is not None and x[0] == 1.0 for x in row]
        self.assertEqual(passed, [
            executed[i] is not None and executed[i].status == "passed"
            for i in left
        ])

  def test_shards_are_others_than_those_of_single_edits(self):
    job = generation.Job(checkout=self.checkout, settings=_SETTINGS)
    both = job, dataclasses.replace(job, has_windows=True)
    cache = pathlib.Path(self.create_tempdir().full_path)
    shards = generation.generate(both, cache, num_workers=1)
    (plain,), (of_two,) = (shards[j] for j in both)
    self.assertNotEqual(plain, of_two)
    self.assertTrue(all(
        r.second < 0 and "pairs" not in r.to_json()
        for r in generation.read_shard(plain)
    ))
    self.assertLen(list(generation.read_shard(of_two)), len(self.found))


if __name__ == "__main__":
  absltest.main()
