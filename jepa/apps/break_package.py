r"""Writes a copy of a package with one function broken, to try repair on.

  python -m jepa.apps.break_package --dataset=code_repair/quickstart \
      --data_dir=data --index=0 --out=runs/broken

The break is one of the dataset's evaluation set, which no model is trained on.
"""

import itertools
import pathlib

from absl import flags
from jepa.apps import command
from jepa.datasets.code_repair import evaluation
from jepa.domains.code_repair import breaking

_DATASET = flags.DEFINE_string(
    "dataset", None, "world/config, prepared.", required=True
)
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Where datasets are.")
_INDEX = flags.DEFINE_integer("index", 0, "Which of its breaks.", 0)
_OUT = flags.DEFINE_string("out", None, "The new folder.", required=True)


def main():
  found = evaluation.load_records(_DATASET.value, _DATA_DIR.value)
  record = next(itertools.islice(found, _INDEX.value, None), None)
  if record is None:
    raise ValueError(f"--index={_INDEX.value} is past the evaluation set.")
  package = pathlib.Path(_DATA_DIR.value, "cache", "sources", record.package)
  out = pathlib.Path(_OUT.value)
  breaking.write_broken(record, package, out)
  target = record.target
  print(f"{out}: {target.qualname} of {target.path} is broken now.")


if __name__ == "__main__":
  command.run(main)
