r"""What `launch/quickstart.sh` trains: minutes on two cores.

  launch/quickstart.sh

Printed on 2026-11-21 by a fresh clone on two shared cores of an AMD EPYC: 391
states of five packages, 120 steps, one seed; 24 broken functions of isodate,
which no model saw. Executions until an edit passes, as geometric mean, its
ratio to the best static mix with a 95 % interval, and the total:

  random             117.0   4.37 [2.41, 7.97]   5271
  kind prior          32.9   1.23 [0.79, 1.81]   4843
  Ochiai, kind        26.7   1.00                3418
  linear ranker        8.8   0.33 [0.16, 0.63]   2653
  jepa                 7.8   0.29 [0.13, 0.64]   1532
  ... outcomes seen    8.6   0.32 [0.14, 0.71]   1985
  ... with the prior   8.1   0.30 [0.14, 0.58]   2044
  bag                  6.5   0.24 [0.12, 0.51]   1101
  jepa, no action    117.0   4.37 [2.41, 7.97]   5271
  jepa, shuffled      91.8   3.43 [1.68, 7.13]   5568

Within-branch AUC on 75 held-out branches: jepa .849, bag .866. The action is
used; at this size of data the bag is level with JEPA. Nine times the states and
three seeds: `configs/pretrain.py`.
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
