"""Tests that every experiment builds."""

from absl.testing import absltest
from absl.testing import parameterized
from configs import ablations
from configs import pretrain
from configs import quickstart


class ConfigsTest(parameterized.TestCase):

  @parameterized.parameters(*pretrain.ARMS)
  def test_small_experiments_change_an_arm_in_size_only(self, arm):
    whole = pretrain.get_config(f"code_repair,{arm}")
    for module in (ablations, quickstart):
      config = module.get_config(arm)
      self.assertEqual(config.arm, arm)
      for name in ("loss", "labels", "control", "frozen", "start_from"):
        self.assertEqual(config[name], whole[name])
      self.assertEqual(
          config.model.encoder.depth == 0, whole.model.encoder.depth == 0
      )
      self.assertEqual(config.model.proposal is None, arm == "no_proposal")
      self.assertEqual(config.model.hints, arm != "no_hints")


if __name__ == "__main__":
  absltest.main()
