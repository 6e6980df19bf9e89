r"""Goes on training on what repairs of one project executed.

  jepa-repair --repo=DIR --checkpoint=model.npz --traces=traces.log   # Often.
  python -m jepa.apps.train --config=configs/finetune.py:model.npz \
      --traces=traces.log --workdir=runs/finetuned
  jepa-repair --repo=DIR --checkpoint=runs/finetuned/model.npz

Nobody observed what followed each candidate, so all losses on latents are left
out: this is the supervised arm, from the weights of any arm. Two minutes of
`tests/benchmarks/learning_benchmark.py` show what it brings.
"""

from configs import pretrain
from jepa import checkpoint
import ml_collections


def get_config(model: str) -> ml_collections.ConfigDict:
  """Returns the experiment that starts from a trained model's file."""
  trained = checkpoint.load_model(model)
  world = trained.vocabulary.world
  config = pretrain.get_config(f"{world},supervised")
  config.arm = "finetune"
  config.model = ml_collections.ConfigDict(trained.manifest["config"]["model"])
  config.start_from = model
  config.num_steps = 60
  config.batch_size = 8
  config.buckets = ()
  config.log_every = 5
  config.optimizer.schedule = dict(
      peak_value=3e-4, warmup_steps=5, decay_steps=60
  )
  return config
