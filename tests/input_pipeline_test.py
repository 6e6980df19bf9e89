"""Tests for `jepa/input_pipeline.py`."""

from absl.testing import absltest
from jepa import input_pipeline
import numpy as np
from tests import toy


class OrderTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.lengths = np.random.default_rng(0).integers(10, 250, 1000)

  def test_an_epoch_holds_no_example_twice(self):
    order = input_pipeline.make_order(self.lengths, batch_size=32, seed=0)
    ids = np.concatenate([order(step) for step in range(1000 // 32)])
    self.assertLen(set(ids.tolist()), len(ids))

  def test_epochs_differ_and_steps_repeat(self):
    order = input_pipeline.make_order(self.lengths, batch_size=32, seed=0)
    again = input_pipeline.make_order(self.lengths, batch_size=32, seed=0)
    np.testing.assert_array_equal(order(3), again(3))
    self.assertFalse(np.array_equal(order(3), order(3 + 1000 // 32)))

  def test_a_batch_holds_programs_of_like_length(self):
    order = input_pipeline.make_order(self.lengths, batch_size=32, seed=0)
    spans = [np.ptp(self.lengths[order(step)]) for step in range(24)]
    self.assertLess(np.median(spans), np.ptp(self.lengths) / 4)

  def test_refuses_a_batch_larger_than_the_dataset(self):
    with self.assertRaisesRegex(ValueError, "batch_size=32"):
      input_pipeline.make_order(self.lengths[:31], batch_size=32, seed=0)


class LabelledTest(absltest.TestCase):

  def _labelled(self, source, example):
    return source.examples[example]["outcomes"]["mask"].sum() == toy.NUM_BINS

  def test_half_of_a_batch_is_labelled(self):
    source = input_pipeline.make_source(toy.examples(40), 10, "unlabelled")
    order = input_pipeline.order_of(source, batch_size=8, seed=0)
    again = input_pipeline.order_of(source, batch_size=8, seed=0)
    seen = set()
    for step in range(20):
      ids = order(step).tolist()
      self.assertLen(set(ids), 8)
      self.assertEqual(sum(self._labelled(source, i) for i in ids), 4)
      seen |= {*ids}
    self.assertLen(seen, 40)
    np.testing.assert_array_equal(order(9), again(9))  # Asked for by itself.

  def test_halves_of_like_length_meet(self):
    lengths = np.random.default_rng(0).integers(10, 250, 1000)
    source = input_pipeline.Source((), lengths, lengths, num_labelled=500)
    order = input_pipeline.order_of(source, batch_size=32, seed=0)
    spans = [np.ptp(lengths[order(step)]) for step in range(24)]
    self.assertLess(np.median(spans), np.ptp(lengths) / 3)

  def test_where_all_are_labelled_batches_are_as_ever(self):
    plain = input_pipeline.make_source(toy.examples(16))
    for num, others in ((16, "unlabelled"), (99, "executed"), (0, "absent")):
      source = input_pipeline.make_source(toy.examples(16), num, others)
      self.assertEqual(source.num_labelled, 0)
      orders = [input_pipeline.order_of(s, 4, 0) for s in (plain, source)]
      np.testing.assert_array_equal(*(order(5) for order in orders))
    few = input_pipeline.make_source(toy.examples(16), 5, "absent")
    self.assertLen(few.examples, 5)
    self.assertEqual(few.num_labelled, 0)


class CollateTest(absltest.TestCase):

  def test_trims_programs_only(self):
    examples = toy.examples(3)
    batch = input_pipeline.collate(examples, num_nodes=6)
    self.assertEqual(batch.obs_t.nodes.shape, (3, 6, 2))
    self.assertEqual(batch.obs_next.mask.shape, (3, 2, 6))
    self.assertEqual(batch.actions.kind.shape, (3, 8))
    self.assertEqual(batch.obs_t.nodes.dtype, np.int32)

  def test_tells_of_pairs_where_they_are_asked_for(self):
    few, many = toy.examples(2), toy.examples(2, has_pairs=True)
    self.assertIsNone(input_pipeline.collate(few + many, num_nodes=8).pairs)
    pairs = input_pipeline.collate(
        few + many, num_nodes=8, has_pairs=True
    ).pairs
    self.assertEqual(pairs.signals.shape, (4, 2, 8, 2))
    self.assertFalse(pairs.mask[:2].any())
    # All bins but the one that was opened first.
    np.testing.assert_array_equal(
        pairs.mask[2:].sum(-1), toy.NUM_BINS - 1
    )
    np.testing.assert_array_equal(pairs.signals[2:, ..., 0].sum(-1), 1)


class SymbolsTest(absltest.TestCase):

  def test_counts_what_programs_and_arguments_name(self):
    examples = toy.examples(3)
    source = input_pipeline.make_source(examples)
    np.testing.assert_array_equal(source.num_symbols, toy.NUM_BINS + 1)
    examples[1]["actions"]["args"][0, 0] = toy.NUM_BINS + 1
    source = input_pipeline.make_source(examples)
    self.assertEqual(source.num_symbols[1], toy.NUM_BINS + 2)

  def test_holds_those_of_all_programs_that_are_as_long(self):
    source = input_pipeline.Source(
        [],
        lengths=np.array([60, 100, 128, 150]),
        num_symbols=np.array([30, 70, 40, 250]),
    )
    self.assertEqual(input_pipeline.symbols_beside(64, source), 32)
    self.assertEqual(input_pipeline.symbols_beside(128, source), 80)
    self.assertEqual(input_pipeline.symbols_beside(192, source), 256)

  def test_trims_tables_of_symbols(self):
    batch = input_pipeline.collate(
        toy.examples(3), num_nodes=6, num_symbols=7
    )
    self.assertEqual(batch.obs_t.symbols.shape, (3, 7, 2))
    self.assertEqual(batch.obs_next.symbols.shape, (3, 2, 7, 2))


class TrimmedLengthTest(absltest.TestCase):

  def test_takes_the_smallest_that_holds(self):
    self.assertEqual(input_pipeline.trimmed_length(128, (192, 128), 256), 128)
    self.assertEqual(input_pipeline.trimmed_length(129, (192, 128), 256), 192)
    self.assertEqual(input_pipeline.trimmed_length(200, (192, 128), 256), 256)


if __name__ == "__main__":
  absltest.main()
