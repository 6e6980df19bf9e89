r"""What `launch/quickstart.sh` trains: minutes on two cores.

  launch/quickstart.sh

Printed on 2026-11-26 by a fresh clone, in 415 s with the installation, on two
cores of an AMD EPYC that other work shared: 307 states of five packages, 120
steps, one seed; 18 broken functions of isodate, which no model saw. Executions
until an edit passes, as geometric mean, its ratio to the best static mix with a
95 % interval, and the total:

  random             182.3   4.29 [2.42, 7.32]   5882
  kind prior          57.9   1.36 [0.93, 1.96]   3121
  Ochiai, kind        42.5   1.00                2952
  linear ranker        6.6   0.16 [0.05, 0.42]   1209
  jepa                 8.8   0.21 [0.07, 0.57]   1956
  ... outcomes seen    9.6   0.22 [0.07, 0.63]   1536
  ... with the prior  10.5   0.25 [0.09, 0.57]   1703
  bag                  9.5   0.22 [0.07, 0.70]   2430
  jepa, no action    182.3   4.29 [2.42, 7.32]   5882
  jepa, shuffled     143.1   3.36 [1.85, 6.11]   5377

The action is used; at this size of data a linear ranker on the same hints is
ahead. Its repair of isodate passes the tests, but not with the edit that was
meant, which what ships finds. Seventy times the states and three seeds:
`configs/pretrain.py`.
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
