r"""What `launch/quickstart.sh` trains: minutes on two cores.

  launch/quickstart.sh

Printed on 2026-11-21 by a fresh clone on two shared cores of an AMD EPYC: 395
states of five packages, 120 steps, one seed; 23 broken functions of isodate,
which no model saw. Executions until an edit passes, as geometric mean, its
ratio to the best static mix with a 95 % interval, and the total:

  random              87.2   4.39 [2.66, 7.21]   3428
  kind prior          24.7   1.24 [0.89, 1.67]   1434
  Ochiai, kind        19.9   1.00                1127
  jepa                 8.4   0.42 [0.19, 0.94]    864
  ... outcomes seen    7.3   0.36 [0.17, 0.75]    640
  bag                  6.4   0.32 [0.17, 0.61]    495
  jepa, no action     87.2   4.39 [2.66, 7.21]   3428
  jepa, shuffled      78.5   3.95 [2.38, 6.86]   3505

Within-branch AUC on 76 held-out branches: jepa .800, bag .798. So the action is
used, and at this size of data JEPA does not beat the bag. Seeds differ by more
than that: `launch/sweep.sh configs/quickstart.py: code_repair/quickstart RUNS`
runs three of each arm.
"""

from configs import pretrain
import ml_collections


def get_config(arm: str = "jepa") -> ml_collections.ConfigDict:
  """Returns the experiment of an arm; see `pretrain`."""
  config = pretrain.get_config(f"code_repair,{arm}")
  config.dataset.name = "code_repair/quickstart"
  config.num_steps = 120
  config.buckets = (192,)  # Every other length takes a while to compile.
  config.checkpoint.save_every = 100
  return config
