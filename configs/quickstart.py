r"""What `launch/quickstart.sh` trains: minutes on two cores.

  python -m jepa.apps.train --config=configs/quickstart.py:jepa \
      --workdir=runs/quickstart/jepa
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
