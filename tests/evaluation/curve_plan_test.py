"""Tests of what the learning curve trains."""

from absl.testing import absltest
from absl.testing import parameterized
from configs import pretrain
from jepa.evaluation import curve
from jepa.evaluation import curve_plan

_WHOLE = curve.Size(400, 12400)
_SETTINGS = curve_plan.Settings(
    config="configs/pretrain.py:code_repair,",
    dataset="code_repair/small",
    data_dir="data",
    runs="runs/x",
    overrides=("model.encoder.depth=1",),
)


class CurvePlanTest(parameterized.TestCase):

  @parameterized.parameters(
      (["1000", "4000", "all"], [32, 129, 400]),
      (["12400", "all"], [400]),
      (["64000", "all"], [400]),
      (["1"], [1]),
  )
  def test_sizes_are_executed_branches(self, asked, expected):
    self.assertEqual(curve_plan.num_states(asked, _WHOLE), expected)

  def test_arms_of_a_size_take_the_same_steps(self):
    planned = list(
        curve_plan.plan(_SETTINGS, [32, 6400], ["jepa", "bag"], [0, 1])
    )
    self.assertLen(planned, 8)
    self.assertEqual({p.num_steps for p in planned if p.num_states == 32},
                     {200})  # The floor.
    self.assertEqual({p.num_steps for p in planned if p.num_states == 6400},
                     {400})  # Two epochs of batches of 32.

  def test_what_others_start_from_is_trained_first_and_on_all_states(self):
    planned = list(
        curve_plan.plan(_SETTINGS, [32, 400], ["probe", "jepa"], [0, 1])
    )
    self.assertEqual(
        [(p.arm, p.num_states) for p in planned[:2]], [("unlabelled", 400)] * 2
    )
    probe = next(p for p in planned if p.arm == "probe" and p.seed == 1)
    arguments = curve_plan.train_arguments(_SETTINGS, probe, 400)
    self.assertIn(
        "--config.start_from=runs/x/unlabelled-400-1/model.npz", arguments
    )
    self.assertIn("--config.labels.num_labelled=32", arguments)

  def test_large_sizes_may_have_fewer_seeds(self):
    planned = list(curve_plan.plan(
        _SETTINGS, [32, 64, 400], ["finetuned"], [5, 6, 7], num_large_seeds=2
    ))
    seeds = [(p.arm, p.num_states, p.seed, p.start_seed) for p in planned]
    self.assertEqual(seeds, [
        ("unlabelled", 400, 5, 5), ("unlabelled", 400, 6, 6),
        ("finetuned", 32, 5, 5), ("finetuned", 32, 6, 6),
        ("finetuned", 32, 7, 5),
        ("finetuned", 64, 5, 5), ("finetuned", 64, 6, 6),
        ("finetuned", 64, 7, 5),
        ("finetuned", 400, 5, 5), ("finetuned", 400, 6, 6),
    ])
    arguments = curve_plan.train_arguments(_SETTINGS, planned[4], 400)
    self.assertIn(
        "--config.start_from=runs/x/unlabelled-400-5/model.npz", arguments
    )

  def test_sets_only_what_the_experiment_has(self):
    config = pretrain.get_config("code_repair,probe")
    planned, = curve_plan.plan(_SETTINGS, [32], ["jepa"], [0])
    for item in curve_plan.train_arguments(_SETTINGS, planned, 32):
      if item.startswith("--config."):
        name = item.removeprefix("--config.").split("=")[0]
        with self.subTest(name):
          value = config
          for part in name.split("."):
            self.assertIn(part, value)
            value = value[part]


if __name__ == "__main__":
  absltest.main()
