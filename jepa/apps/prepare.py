r"""Builds a dataset to disk as ArrayRecord, without TensorFlow.

  python -m jepa.apps.prepare --dataset=code_repair/quickstart --data_dir=data

What was executed is cached under `<data_dir>/cache`: a run that was killed goes
on where it stopped, and another run needs no network.
"""

from absl import flags
from jepa.apps import command
from jepa.apps import progress
from jepa.datasets import building

_DATASET = flags.DEFINE_string("dataset", None, "world/config.", required=True)
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Where to write.")


def main():
  builder = building.prepare(_DATASET.value, _DATA_DIR.value, progress.line)
  progress.line("", is_last=True)
  counts = {name: s.num_examples for name, s in builder.info.splits.items()}
  print(builder.info.full_name, counts, builder.data_path)


if __name__ == "__main__":
  command.run(main)
