"""Tests for `jepa/diagnostics.py`."""

import itertools

from absl.testing import absltest
from absl.testing import parameterized
import jax
from jepa import diagnostics
import numpy as np


def normal(*shape, seed=0):
  return np.float32(np.random.default_rng(seed).normal(size=shape))


def cosine(x, y):
  return np.float64(x) @ y / np.linalg.norm(x) / np.linalg.norm(y)


def mask_and_garbage(x, seed=0):
  """Returns a mask of rows and `x` with rubbish where it does not hold."""
  mask = np.random.default_rng(seed).random(len(x)) < 0.6
  return mask, np.where(mask[:, None], x, 7.0).astype(x.dtype)


_effective_rank = jax.jit(diagnostics.effective_rank)
_latent_std = jax.jit(diagnostics.latent_std)


class EffectiveRankTest(parameterized.TestCase):

  def test_matches_numpy(self):
    z = normal(400, 8) * np.float32([3, 2, 1, 1, 1, 0.5, 0.1, 0.01]) + 5
    values = np.sqrt(np.linalg.eigvalsh(np.cov(np.float64(z).T)))
    p = values / values.sum()
    expected = np.exp(-np.sum(p * np.log(p)))
    actual = _effective_rank(z)
    np.testing.assert_allclose(actual, expected, rtol=1e-4)

  @parameterized.parameters(1, 5)
  def test_counts_equal_directions(self, rank):
    z = np.zeros((400, 8), np.float32)
    basis, _ = np.linalg.qr(normal(400, rank))
    z[:, :rank] = basis - basis.mean(axis=0, keepdims=True)
    np.testing.assert_allclose(_effective_rank(z), rank, rtol=0.01)

  def test_of_a_point_is_zero(self):
    self.assertEqual(_effective_rank(np.ones((400, 8))), 0.0)

  @parameterized.parameters(_effective_rank, _latent_std)
  def test_padding_changes_nothing(self, diagnostic):
    z = normal(400, 8)
    mask, garbage = mask_and_garbage(z)
    np.testing.assert_allclose(
        diagnostic(garbage, mask), diagnostic(z[mask]), rtol=1e-4
    )


class LatentStdTest(parameterized.TestCase):

  def test_matches_numpy(self):
    z = normal(50, 4) * np.float32([1, 2, 3, 4]) + 9
    expected = np.sqrt(np.var(z, axis=0).mean())
    np.testing.assert_allclose(_latent_std(z), expected, rtol=1e-4)


class SigregOverFloorTest(parameterized.TestCase):

  def test_is_one_if_gaussian_and_known_if_collapsed(self):
    z, key = normal(1024, 16), jax.random.key(0)
    f = jax.jit(diagnostics.sigreg_over_floor)
    np.testing.assert_allclose(f(z, key), 1.0, atol=0.3)
    np.testing.assert_allclose(f(0 * z, key), 0.382 * 128, rtol=1e-3)
    np.testing.assert_allclose(f(0 * z[:100], key), 0.382 * 100, rtol=1e-3)

  def test_can_be_compared_between_sets_of_any_size(self):
    z, key = normal(1280, 16) ** 3, jax.random.key(0)
    few, many = (
        diagnostics.sigreg_over_floor(x, key) for x in (z[:128], z)
    )
    self.assertGreater(few, 2.0)
    np.testing.assert_allclose(few, many, rtol=0.3)
    # Rows that do not count change nothing but the samples.
    mask = np.arange(1280) < 1152
    masked = diagnostics.sigreg_over_floor(z, key, mask=mask)
    np.testing.assert_allclose(masked, many, rtol=0.3)


class CopyLiftTest(parameterized.TestCase):

  def test_matches_numpy(self):
    z_hat, z_tp1, z_t = normal(3, 20, 5)
    mask, _ = mask_and_garbage(z_t)
    expected = [
        np.mean([cosine(x, y) for x, y in zip(hat[mask], z_tp1[mask])])
        for hat in (z_hat, z_t)
    ]
    actual = diagnostics.copy_lift(z_hat, z_tp1, z_t, mask)
    np.testing.assert_allclose(actual[:2], expected, rtol=1e-4)
    np.testing.assert_allclose(
        actual.lift, expected[0] - expected[1], rtol=1e-4
    )


class OffDiagonalCosineTest(parameterized.TestCase):

  def test_matches_numpy(self):
    x, y = normal(2, 12, 3) + np.float32(0.5)
    mask, _ = mask_and_garbage(x)
    expected = np.mean(
        [cosine(x[i], y[j]) for i, j in
         itertools.permutations(np.flatnonzero(mask), 2)]
    )
    actual = diagnostics.off_diagonal_cosine(x, y, mask)
    np.testing.assert_allclose(actual, expected, rtol=1e-4)


class ActionSensitivityTest(parameterized.TestCase):

  def _arrays(self):
    rng = np.random.default_rng(0)
    masks = {
        "action_mask": rng.random((6, 5)) < 0.6,
        "next_mask": rng.random((6, 2)) < 0.6,
    }
    return normal(6, 5, 3), normal(6, 2, 3), normal(6, 3), masks

  def test_matches_numpy(self):
    z_hat, z_next, z_t, masks = self._arrays()
    apart, moved = [], []
    for b in range(6):
      actions = z_hat[b, masks["action_mask"][b]]
      apart += [np.sum((x - y) ** 2)
                for x, y in itertools.combinations(actions, 2)]
      moved += [np.sum((x - z_t[b]) ** 2)
                for x in z_next[b, masks["next_mask"][b]]]
    actual = diagnostics.action_sensitivity(z_hat, z_next, z_t, **masks)
    expected = np.sqrt(np.mean(apart) / np.mean(moved))
    np.testing.assert_allclose(actual, expected, rtol=1e-5)

  def test_is_zero_if_the_action_is_ignored(self):
    z_hat, z_next, z_t, masks = self._arrays()
    blind = np.broadcast_to(z_hat[:, :1], z_hat.shape)
    actual = diagnostics.action_sensitivity(blind, z_next, z_t, **masks)
    np.testing.assert_allclose(actual, 0.0, atol=1e-6)


_retrieval = jax.jit(diagnostics.retrieval, static_argnames=("ks", "tie"))


class RetrievalTest(parameterized.TestCase):

  def test_matches_numpy(self):
    z = normal(300, 4)  # More than one chunk of queries.
    z_hat = z + 0.7 * normal(300, 4, seed=1)
    mask, z = mask_and_garbage(z)
    unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)
    cosines = unit(np.float64(z_hat[mask])) @ unit(np.float64(z[mask])).T
    ranks = np.sum(cosines >= np.diag(cosines)[:, None], axis=1)
    actual = _retrieval(z_hat, z, ks=(1, 5), mask=mask)
    self.assertEqual(actual.gallery_size, mask.sum())
    np.testing.assert_allclose(actual.mrr, np.mean(1 / ranks), rtol=1e-4)
    for k in (1, 5):
      np.testing.assert_allclose(actual.recall[k], np.mean(ranks <= k), 1e-5)

  def test_collapsed_latents_score_chance(self):
    """Tests that ties are not counted as finds."""
    z, mask = np.ones((300, 4), np.float32), np.arange(300) < 50
    actual = _retrieval(z, z, ks=(1, 5), mask=mask)
    recall = [actual.recall[1], actual.recall[5]]
    np.testing.assert_allclose(recall, [1 / 50, 5 / 50], rtol=1e-5)
    chance = np.mean(1 / np.arange(1, 51))
    np.testing.assert_allclose(actual.mrr, chance, rtol=1e-4)


_calibration = jax.jit(diagnostics.calibration, static_argnames="num_bins")


class CalibrationTest(parameterized.TestCase):

  def test_matches_numpy(self):
    rng = np.random.default_rng(0)
    p = np.float32(rng.random(200))
    p[:3] = 0.0, 1.0, 0.5
    y = rng.random(200) < p**2
    mask = rng.random(200) < 0.7
    actual = _calibration(p, y, mask=mask, num_bins=4)
    ece = 0.0
    for low, row in zip((0, 0.25, 0.5, 0.75), range(4)):
      top = 2.0 if low == 0.75 else low + 0.25
      inside = mask & (p >= low) & (p < top)
      np.testing.assert_allclose(actual.count[row], inside.sum())
      np.testing.assert_allclose(actual.confidence[row], p[inside].mean(), 1e-5)
      np.testing.assert_allclose(actual.frequency[row], y[inside].mean(), 1e-5)
      ece += inside.sum() * abs(p[inside].mean() - y[inside].mean())
    np.testing.assert_allclose(actual.ece, ece / mask.sum(), rtol=1e-4)
    np.testing.assert_allclose(
        actual.brier, np.mean((p - y)[mask] ** 2), rtol=1e-4
    )

  def test_of_nothing_is_zero(self):
    p = np.full((200,), 0.5, np.float32)
    actual = _calibration(p, p > 1, mask=p > 1, num_bins=4)
    self.assertEqual((actual.ece, actual.brier), (0.0, 0.0))


class AlarmsTest(parameterized.TestCase):

  def test_a_healthy_run_is_silent(self):
    healthy = {
        "rank_ratio": 0.6,
        "predictor_rank_ratio": 0.5,
        "latent_std": 1.0,
        "sigreg_over_floor": 1.4,
        "off_diagonal_cosine": 0.02,
        "copy_lift": 0.1,
        "action_sensitivity": 0.8,
        "ece": 0.03,
        "loss": 100.0,
    }
    self.assertEqual(diagnostics.alarms(healthy), [])

  def test_names_what_published_runs_died_of(self):
    # CodeLeWM's encoder and CodeWM II's predictor, both reported as successes.
    rung = diagnostics.alarms({
        "rank_ratio": 4.03 / 256,
        "predictor_rank_ratio": 5 / 128,
        "off_diagonal_cosine": 0.89,
        "copy_lift": 0.686,
    })
    self.assertEqual(
        rung,
        [
            "rank_ratio is 0.0157, below 0.2: "
            "the encoder collapsed to few directions",
            "predictor_rank_ratio is 0.0391, below 0.2: the predictor did so",
            "off_diagonal_cosine is 0.89, above 0.8: "
            "all latents point the same way",
        ],
    )

  def test_anything_not_finite_rings_once(self):
    rung = diagnostics.alarms({"loss": np.float32("nan"), "ece": 0.0})
    self.assertEqual(rung, ["loss is nan: the run has diverged"])


if __name__ == "__main__":
  absltest.main()
