r"""Small models and short trainings, to say what one loss or switch is worth.

  launch/ablations.sh losses runs/ablations
  launch/ablations.sh targets runs/ablations

Differences between arms count here, not their level: at this size most of the
time goes into compiling each arm once, so there is one length of programs, one
layer, and 100 steps of 16 states.
"""

from configs import pretrain
import ml_collections


def get_config(arm: str = "jepa") -> ml_collections.ConfigDict:
  """Returns the experiment of an arm; see `pretrain`."""
  config = pretrain.get_config(f"code_repair,{arm}")
  config.num_steps = 100
  config.batch_size = 16
  config.buckets = ()
  config.optimizer.schedule.warmup_steps = 20
  config.model.encoder.width = 64
  config.model.encoder.depth = min(1, config.model.encoder.depth)
  config.model.predictor.hidden = 64
  config.model.predictor.depth = 1
  config.model.head.hidden = 64
  if config.model.get("proposal"):
    config.model.proposal.hidden = 64
  return config
