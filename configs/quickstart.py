r"""What `launch/quickstart.sh` trains: minutes on two cores.

  launch/quickstart.sh

Printed on 2026-11-21 by a fresh clone on two shared cores of an AMD EPYC: 369
states of five packages, 120 steps, one seed; 24 broken functions of isodate,
which no model saw. Executions until an edit passes, as geometric mean, its
ratio to the best static mix with a 95 % interval, and the total:

  random             142.7   5.99 [3.42, 10.81]  6221
  kind prior          31.6   1.33 [1.01, 1.76]   1847
  Ochiai, kind        23.8   1.00                2281
  linear ranker        3.9   0.16 [0.06, 0.45]    302
  jepa                 5.6   0.24 [0.09, 0.64]    685
  ... outcomes seen    6.3   0.27 [0.10, 0.67]    734
  ... with the prior   4.8   0.20 [0.08, 0.48]    455
  bag                  6.5   0.27 [0.10, 0.75]   1024
  jepa, no action    142.7   5.99 [3.42, 10.81]  6221
  jepa, shuffled      90.8   3.81 [1.71, 8.52]   6987

Within-branch AUC on 76 held-out branches: jepa .869, bag .862. The action is
used; at this size of data a linear ranker on the same hints is ahead. Nine
times the states and three seeds: `configs/pretrain.py`.
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
