r"""Builds a dataset to disk as ArrayRecord, without TensorFlow.

  python -m jepa.apps.prepare --dataset=code_repair/quickstart --data_dir=data

What was executed is cached under `<data_dir>/cache`: a run that was killed goes
on where it stopped, and another run needs no network.
"""

import importlib

from absl import app
from absl import flags
from jepa.apps import progress
from jepa.domains import registry

_DATASET = flags.DEFINE_string("dataset", None, "world/config", required=True)
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Where to write.")


def make_builder(dataset: str, data_dir: str):
  """Returns the TFDS builder of "world/config".

  Raises:
    ValueError: there is no such world or configuration.
  """
  world, _, config = dataset.partition("/")
  if world not in registry.WORLDS:
    raise ValueError(
        f"No world {world!r} for --dataset={dataset}; there are "
        f"{', '.join(registry.WORLDS)}."
    )
  module = importlib.import_module(
      f"jepa.datasets.{world}.{world}_dataset_builder"
  )
  return module.Builder(config=config or None, data_dir=data_dir)


def main(_):
  builder = make_builder(_DATASET.value, _DATA_DIR.value)
  builder.report = progress.line
  builder.download_and_prepare(file_format="array_record")
  counts = {name: s.num_examples for name, s in builder.info.splits.items()}
  print(builder.info.full_name, counts, builder.data_path)


if __name__ == "__main__":
  app.run(main)
