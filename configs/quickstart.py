r"""What `launch/quickstart.sh` trains: minutes on two cores.

  launch/quickstart.sh

Printed on 2026-11-26 by a fresh clone, in 249 s with the installation, on two
cores of an AMD EPYC that other work shared: 307 states of five packages, 120
steps, one seed; 18 broken functions of isodate, which no model saw. Executions
until an edit passes, as geometric mean, its ratio to the best static mix with a
95 % interval, and the total:

  random             182.3   4.29 [2.42, 7.32]   5882
  kind prior          57.9   1.36 [0.93, 1.96]   3121
  Ochiai, kind        42.5   1.00                2952
  linear ranker        6.5   0.15 [0.05, 0.42]   1148
  jepa                 8.1   0.19 [0.07, 0.50]   1976
  ... outcomes seen    9.1   0.21 [0.07, 0.58]   1878
  ... with the prior  10.6   0.25 [0.10, 0.56]   2215
  bag                  9.4   0.22 [0.07, 0.66]   2014
  jepa, no action    182.3   4.29 [2.42, 7.32]   5882
  jepa, shuffled     134.6   3.17 [1.82, 5.56]   5617

The action is used; at this size of data a linear ranker on the same hints is
ahead. One run before, which took 415 s, its repair of isodate passed the tests
with another edit than the one that was meant. Seventy times the states and
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
