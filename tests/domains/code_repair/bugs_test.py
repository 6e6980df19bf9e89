"""Tests of records of real bugs: all edits executed, on a small project."""

import dataclasses
import json

from absl.testing import absltest
from jepa.domains.code_repair import bugs
from jepa.domains.code_repair import settings as settings_lib
from tests.domains.code_repair import fixture

_WRONG = """def clamp(x, low, high):
  if x > low:
    return low
  if x > high:
    return high
  return x
"""
_HOPELESS = """def clamp(x, low, high):
  return None
"""
_RIGHT = """def clamp(x, low, high):
  return min(max(x, low), high)
"""


class BugsTest(absltest.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    folder = cls().create_tempdir().full_path
    checkout = fixture.write(folder, is_short=True)
    (checkout.root / "bugs.jsonl").write_text("\n".join(
        json.dumps({"qualname": "clamp", "text": text})
        for text in (_WRONG, _HOPELESS, _RIGHT)
    ))
    cls.checkout = dataclasses.replace(checkout, bugs="bugs.jsonl")
    settings = settings_lib.Settings(num_candidates=None, num_next=1)
    cls.records = list(bugs.make_records(cls.checkout, settings))

  def test_a_bug_that_one_edit_repairs_gives_a_record(self):
    record, = self.records
    self.assertEqual(record.broken.text, _WRONG)
    self.assertEqual(record.executions[record.fix].status, "passed")
    self.assertIn(record.candidates[record.fix].insert, (("<",), ("<=",)))
    self.assertGreater(len(record.candidates), 50)
    self.assertEqual([i for i, _ in record.following], [record.fix])

  def test_thinned_out_it_fits_a_training_example(self):
    record, = self.records
    thin = bugs.thin_out(record, 16)
    self.assertLen(thin.candidates, 16)
    self.assertEqual(thin.candidates[thin.fix], record.candidates[record.fix])
    self.assertEqual([i for i, _ in thin.following], [thin.fix])
    verdicts = dict(zip(record.candidates, record.executions))
    for edit, execution in zip(thin.candidates, thin.executions):
      self.assertEqual(execution, verdicts[edit])

  def test_bugs_are_shared_out_between_jobs(self):
    whole, = self.records
    found = []
    for skip in range(3):
      settings = settings_lib.Settings(
          num_candidates=None, num_next=0, num_states=1, skip=skip
      )
      found += bugs.make_records(self.checkout, settings)
    record, = found
    self.assertEqual(record.broken.text, whole.broken.text)

  def test_a_function_that_is_not_there_is_an_error(self):
    with self.assertRaisesRegex(ValueError, "no function clump"):
      bugs.put_in_place(self.checkout, {"qualname": "clump", "text": _RIGHT})


if __name__ == "__main__":
  absltest.main()
