"""Tests for `jepa/evaluation/priors.py`."""

import collections

from absl.testing import absltest
from jepa import types
from jepa.evaluation import priors
import numpy as np

_B, _K, _S, _U = 12, 5, 3, 6


def _random_batch(rng):
  outcomes = types.Outcome(
      signals=rng.integers(2, size=(_B, _K, _S)).astype(np.float32),
      mask=rng.random((_B, _K)) < 0.8,
  )
  actions = types.Action(
      kind=rng.integers(3, size=(_B, _K)),
      site=None,
      args=rng.integers(_U, size=(_B, _K, 2)),
      mask=outcomes.mask,
  )
  # Rows of symbols differ between states: what counts is what they say.
  symbols = rng.integers(1, 3, size=(_B, _U, 2))
  return types.Branch(
      obs_t=types.Program(symbols, None, None),
      actions=actions,
      outcomes=outcomes,
      obs_next=None,
      next_action=None,
      next_mask=None,
  )


def _slow(batch, origins, key):
  """The same rates, by going through all other programs each time."""
  places = [tuple(p) for p in np.argwhere(batch.outcomes.mask)]
  found = np.zeros((_B, _K, _S))

  def mean(rows, prior, weight):
    rows = [batch.outcomes.signals[p] for p in rows]
    return (np.sum(rows, axis=0) + weight * prior) / (len(rows) + weight)

  for place in places:
    others = [p for p in places if origins[p[0]] != origins[place[0]]]
    overall = mean(others, np.full(_S, 0.5), 1.0)
    kind = batch.actions.kind[place]
    alike = [p for p in others if batch.actions.kind[p] == kind]
    rate = mean(alike, overall, 1.0)
    if key is not None:
      same = [p for p in alike if key(batch, p) == key(batch, place)]
      rate = mean(same, rate, 2.0)
    found[place] = rate
  return found


def _texts(batch, place):
  b, k = place
  return batch.obs_t.symbols[b][batch.actions.args[b, k]].tolist()


class PriorsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    rng = np.random.default_rng(0)
    self.batch = _random_batch(rng)
    self.origins = rng.integers(4, size=_B)

  def test_by_kind_counts_the_other_programs(self):
    np.testing.assert_allclose(
        priors.by_kind(self.batch, self.origins),
        _slow(self.batch, self.origins, None),
    )

  def test_by_texts_backs_off_to_the_kind(self):
    np.testing.assert_allclose(
        priors.by_kind_and_texts(self.batch, self.origins),
        _slow(self.batch, self.origins, _texts),
    )

  def test_own_outcomes_do_not_count(self):
    """Tests that no label of a program leaks into its own prediction."""
    before = priors.by_kind_and_texts(self.batch, self.origins)
    own = self.origins == 2
    self.batch.outcomes.signals[own] = 1 - self.batch.outcomes.signals[own]
    after = priors.by_kind_and_texts(self.batch, self.origins)
    np.testing.assert_allclose(before[own], after[own])
    self.assertFalse(np.allclose(before[~own], after[~own]))

  def test_of_state_is_the_share_of_successes(self):
    rates = priors.of_state(self.batch)
    self.assertEqual(rates.shape, (_B, _K))
    for i, row in enumerate(rates):
      mask = self.batch.outcomes.mask[i]
      success = self.batch.outcomes.signals[i, :, 0][mask]
      counts = collections.Counter(row.tolist())
      self.assertLen(counts, 1)
      self.assertAlmostEqual(row[0], success.mean() if mask.any() else 0.0)


if __name__ == "__main__":
  absltest.main()
