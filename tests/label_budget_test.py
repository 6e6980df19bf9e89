"""Tests for `jepa/label_budget.py`."""

from absl.testing import absltest
from jepa import label_budget
import numpy as np
from tests import toy


class BudgetedTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.examples = toy.examples(8)

  def _masks(self, num, others):
    found = label_budget.Budgeted(self.examples, num, others)
    return [x["outcomes"]["mask"] for x in found]

  def test_the_first_show_all_and_smaller_sets_are_parts_of_larger_ones(self):
    whole = [x["outcomes"]["mask"].copy() for x in self.examples]
    for num in (2, 5):
      masks = self._masks(num, "unlabelled")
      np.testing.assert_array_equal(masks[:num], whole[:num])
      self.assertFalse(np.any(masks[num:]))
      self.assertLen(masks, 8)
    # What was wrapped is as it was.
    for before, after in zip(whole, self.examples):
      np.testing.assert_array_equal(before, after["outcomes"]["mask"])

  def test_others_may_show_what_was_followed_and_nothing_else(self):
    masks = self._masks(3, "executed")
    for mask, example in zip(masks[3:], self.examples[3:]):
      np.testing.assert_array_equal(
          np.flatnonzero(mask), np.sort(example["next_action"])
      )
    padded = self.examples[7]
    padded["next_mask"][1] = False
    (index,) = np.flatnonzero(self._masks(3, "executed")[7])
    self.assertEqual(index, padded["next_action"][0])

  def test_others_do_not_show_what_two_actions_did(self):
    self.examples = toy.examples(8, has_pairs=True)
    for others in ("unlabelled", "executed"):
      found = label_budget.Budgeted(self.examples, 3, others)
      self.assertEqual(["pairs" in x for x in found], [True] * 3 + [False] * 5)

  def test_others_may_be_absent(self):
    found = label_budget.Budgeted(self.examples, 3, "absent")
    self.assertLen(list(found), 3)
    with self.assertRaises(IndexError):
      found[3]
    with self.assertRaisesRegex(ValueError, "labels.others"):
      label_budget.Budgeted(self.examples, 3, "guessed")


if __name__ == "__main__":
  absltest.main()
