r"""What `launch/quickstart.sh` trains: minutes on two cores.

  launch/quickstart.sh

Printed on 2026-11-25 by a fresh clone on two busy cores of an AMD EPYC: 305
states of five packages, 120 steps, one seed; 17 broken functions of isodate,
which no model saw. Executions until an edit passes, as geometric mean, its
ratio to the best static mix with a 95 % interval, and the total:

  random             156.1   6.08 [3.36, 10.64]  5201
  kind prior          41.7   1.63 [1.06, 2.64]   1761
  Ochiai, kind        25.7   1.00                1789
  linear ranker        4.2   0.16 [0.08, 0.37]    142
  jepa                 5.6   0.22 [0.09, 0.50]    487
  ... outcomes seen    5.4   0.21 [0.09, 0.48]    549
  ... with the prior   5.2   0.20 [0.09, 0.45]    489
  bag                  6.0   0.24 [0.09, 0.58]    417
  jepa, no action    156.1   6.08 [3.36, 10.64]  5201
  jepa, shuffled     113.6   4.42 [2.14, 8.49]   5394

Within-branch AUC on held-out branches: jepa .820, bag .829. The action is used;
at this size of data a linear ranker on the same hints is ahead. Nineteen times
the states and three seeds: `configs/pretrain.py`.
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
