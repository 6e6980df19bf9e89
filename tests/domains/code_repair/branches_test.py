"""Tests of records of a small project, executed for real."""

import ast
import dataclasses
import json
import re
import tempfile
import textwrap

from absl.testing import absltest
from jepa.domains.code_repair import branches
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import reader
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import signals
from jepa.domains.code_repair import source
from jepa.domains.code_repair.edits.breaking import variants
from tests.domains.code_repair import fixture

_SETTINGS = settings_lib.Settings(num_states=10, num_candidates=12)
# What was removed need not come back word for word.
_ADDING = ("add_clause", "arith_extend", "guard", "insert_stmt")


def _tree(text):
  return ast.dump(ast.parse(textwrap.dedent(text)))


class BranchesTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    folder = cls.enterClassContext(tempfile.TemporaryDirectory())
    cls.checkout = fixture.write(folder)
    cls.records = list(branches.make_records(cls.checkout, _SETTINGS))
    text = (cls.checkout.root / "core.py").read_bytes()
    cls.originals = {
        f.qualname: f for f in source.functions(text, "core.py")
    }

  def test_breaks_only_what_tests_reach(self):
    self.assertGreaterEqual(len(self.records), 8)
    qualnames = {r.target.qualname for r in self.records}
    self.assertContainsSubset({"clamp", "Stack.push"}, qualnames)
    self.assertNotIn("never_tested", qualnames)

  def test_the_fix_restores_the_original_or_puts_back_something_as_good(self):
    for record in self.records:
      self.assertEqual(record.executions[record.fix].status, "passed")
      if record.candidates[record.fix].kind in _ADDING:
        continue
      function = record.function(record.broken)
      fixed = edits.apply_edit(function, record.candidates[record.fix])
      original = self.originals[record.target.qualname]
      # The same program: a fix may leave parentheses that change nothing.
      spellings = [original, *(v.function for v in variants.spell(original))]
      self.assertIn(_tree(fixed.text), [_tree(f.text) for f in spellings])

  def test_gives_the_kinds_that_are_asked_for(self):
    wanted = ("cmp_op", "guard")
    settings = dataclasses.replace(_SETTINGS, kinds=wanted)
    found = [r.candidates[r.fix].kind
             for r in branches.make_records(self.checkout, settings)]
    self.assertNotEmpty(found)
    self.assertContainsSubset(found, wanted)

  def test_every_state_fails_and_shows_why(self):
    for record in self.records:
      self.assertGreater(record.broken.spectrum.num_failing, 0)
      self.assertIn(record.broken.failure.nodeid, record.exceptions)
      self.assertIn("core", record.broken.failure.test)

  def test_next_states_are_of_the_candidates_they_name(self):
    for record in self.records:
      function = record.function(record.broken)
      self.assertEqual(record.following[0][0], record.fix)
      self.assertIsNone(record.following[0][1].failure)
      for i, observed in record.following:
        edited = edits.apply_edit(function, record.candidates[i])
        self.assertEqual(edited.text, observed.text)
        has_failed = record.executions[i].status == "failed"
        self.assertEqual(observed.failure is not None, has_failed)

  def test_candidates_have_different_outcomes(self):
    outcomes = [
        signals.make_signals(e, r.exceptions)
        for r in self.records
        for e in r.executions
    ]
    seen = {n for o in outcomes for n, v in zip(signals.SIGNALS, o) if v}
    self.assertContainsSubset({"fixed", "same_error", "other_error"}, seen)

  def test_parts_are_the_whole(self):
    parts = [
        list(
            branches.make_records(
                self.checkout, _SETTINGS, part=i, num_parts=2
            )
        )
        for i in range(2)
    ]
    # Which test fails first may differ: the executor runs the fastest first.
    key = lambda r: (
        r.broken.text, r.candidates, [e.status for e in r.executions]
    )
    self.assertCountEqual(
        map(key, [*parts[0], *parts[1]]), map(key, self.records)
    )

  def test_json_round_trip(self):
    for record in self.records:
      text = json.dumps(record.to_json())
      again = records.Record.from_json(json.loads(text))
      self.assertEqual(again.to_json(), record.to_json())
      self.assertEqual(
          records.make_branch(again, 256), records.make_branch(record, 256)
      )

  def test_reads_as_annotated_source(self):
    record = next(r for r in self.records if r.target.qualname == "clamp")
    text = reader.format_record(record)
    for line in record.broken.text.splitlines():
      self.assertIn(f"| {line}".rstrip(), text)
    self.assertIn(record.broken.failure.nodeid, text)
    fix = edits.describe(
        record.function(record.broken), record.candidates[record.fix]
    )
    self.assertRegex(text, r"(?m)^\*\+ passed .*" + re.escape(fix))


if __name__ == "__main__":
  absltest.main()
