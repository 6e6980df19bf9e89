r"""Prints one example of a prepared code-repair dataset as annotated source.

  python -m jepa.apps.read --dataset=code_repair/tiny --data_dir=data --index=0
"""

import json

from absl import flags
from jepa.apps import command
from jepa.datasets import reading
from jepa.domains.code_repair import reader
from jepa.domains.code_repair import records
from jepa.domains.code_repair import vocabulary

_DATASET = flags.DEFINE_string("dataset", "code_repair/tiny", "world/config.")
_DATA_DIR = flags.DEFINE_string("data_dir", "data", "Where it was prepared.")
_SPLIT = flags.DEFINE_string("split", "train", "In TFDS's notation.")
_INDEX = flags.DEFINE_integer("index", 0, "Which example.", lower_bound=0)


def main():
  examples = reading.load_examples(
      _DATASET.value, _SPLIT.value, _DATA_DIR.value, vocabulary.VOCABULARY
  )
  if _INDEX.value >= len(examples):
    raise ValueError(
        f"--index={_INDEX.value}: {_DATASET.value} has {len(examples)} "
        f"examples in {_SPLIT.value!r}."
    )
  meta = json.loads(examples[_INDEX.value]["meta"])
  print(reader.format_record(records.Record.from_json(meta)))


if __name__ == "__main__":
  command.run(main)
