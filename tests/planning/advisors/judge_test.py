"""Tests of judges: trained with JAX, asked with NumPy."""

from absl.testing import absltest
import jax
from jepa.baselines.orb import inputs
from jepa.planning.advisors import judge as judge_lib
from jepa.planning.advisors import judge_training
import numpy as np


class JudgeTest(absltest.TestCase):

  def test_a_yes_or_no_that_no_line_separates(self):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 3)).astype(np.float32) * 5 + 2
    label = ((x[:, 0] - 2) * (x[:, 1] - 2)) > 0
    judge = judge_training.fit_binary(
        jax.random.key(0), (x[:192], label[:192]), (x[192:], label[192:])
    )
    scores = judge_lib.score_binary(judge, x[192:])
    self.assertGreater(((scores > 0) == label[192:]).mean(), 0.85)

    network = judge_training.make(is_binary=True)
    x = np.concatenate([x, 100 * x[:1]])  # Further than any it was shown.
    logits = network.score(
        judge.params, judge_lib.standardise(judge, x)[:, None]
    )
    np.testing.assert_allclose(
        judge_lib.score_binary(judge, x), logits[:, 0], atol=1e-4
    )

  def test_what_never_varied_says_nothing(self):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 2)).astype(np.float32)
    x[:, 1] = 3.0
    label = x[:, 0] > 0
    judge = judge_training.fit_binary(
        jax.random.key(0), (x[:48], label[:48]), (x[48:], label[48:])
    )
    other = np.stack([x[:, 0], 7 * x[:, 0]], axis=1)
    np.testing.assert_array_equal(
        judge_lib.score_binary(judge, x), judge_lib.score_binary(judge, other)
    )

  def test_a_choice_leaves_padding_alone(self):
    """Tests that the largest feature among the candidates there are is found.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(128, 6, 2)).astype(np.float32)
    mask = np.arange(6)[None] < rng.integers(2, 7, size=128)[:, None]
    right = np.where(mask, x[..., 1], -np.inf).argmax(axis=1)
    labels = np.eye(6, dtype=np.float32)[right]
    choice = lambda part: inputs.Choice(labels[part], mask[part])
    train, test = slice(0, 96), slice(96, None)
    judge = judge_training.fit_choice(
        jax.random.key(0), (x[train], choice(train)), (x[test], choice(test))
    )
    scores = np.where(mask, judge_lib.score_choice(judge, x), -np.inf)
    hits = scores.argmax(axis=1) == right
    self.assertGreater(hits[test].mean(), 0.9)


if __name__ == "__main__":
  absltest.main()
