"""Reading prepared datasets, without TensorFlow."""

import bisect
from collections.abc import Sequence
import itertools
from typing import Any

from jepa.datasets import building
from jepa.domains import base
import tensorflow_datasets.public_api as tfds


def load_examples(
    name: str, split: str, data_dir: str, vocabulary: base.Vocabulary
) -> Sequence[dict[str, Any]]:
  """Returns the examples of a prepared dataset: random access, from disk.

  Args:
    name: "world/config", or several joined by "+", one after another; one that
      is named twice is there twice.
    split: in TFDS's notation, such as "train" or "train[:10%]".
    data_dir: where `jepa.apps.prepare` wrote.
    vocabulary: what the reader speaks.

  Raises:
    FileNotFoundError: the dataset has not been prepared.
    VocabularyError: it was prepared with another vocabulary.
  """
  parts = [
      _load(one, split, data_dir, vocabulary) for one in name.split("+")
  ]
  return parts[0] if len(parts) == 1 else Joined(parts)


def spread(examples: Sequence[Any], count: int) -> list[Any]:
  """Returns `count` of the examples, evenly spread, or all of them."""
  count = min(count, len(examples))
  return [examples[i * len(examples) // count] for i in range(count)]


class Joined(Sequence):
  """Several sequences as one; nothing is copied."""

  def __init__(self, parts: Sequence[Sequence[Any]]):
    self._parts = parts
    self._bounds = list(itertools.accumulate(map(len, parts), initial=0))

  def __len__(self) -> int:
    return self._bounds[-1]

  def __getitem__(self, index: int) -> Any:
    if not 0 <= index < len(self):
      raise IndexError(f"No example {index}; there are {len(self)}.")
    part = bisect.bisect_right(self._bounds, index) - 1
    return self._parts[part][index - self._bounds[part]]


def _load(name, split, data_dir, vocabulary):
  builder = open_builder(name, data_dir)
  known = (builder.info.metadata or {}).get("fingerprint")
  if known != vocabulary.fingerprint:
    raise base.VocabularyError(
        f"{builder.data_path} was prepared with another vocabulary of "
        f"{vocabulary.world!r} ({known}, not {vocabulary.fingerprint}): "
        "prepare it again."
    )
  return builder.as_data_source(split=split)


def open_builder(name: str, data_dir: str) -> tfds.core.DatasetBuilder:
  """Returns the builder of a prepared dataset, to read it only.

  Of several joined by "+", that of the first.

  Raises:
    FileNotFoundError: the dataset has not been prepared.
  """
  name = name.partition("+")[0]
  if ":" in name:  # What a user named has a folder name of its own.
    named = building.make_builder(name, data_dir)
    name = f"{named.name}/{named.builder_config.name}"
  try:
    return tfds.core.read_only_builder.builder_from_files(
        name, data_dir=data_dir
    )
  except tfds.core.DatasetNotFoundError as e:
    raise FileNotFoundError(
        f"No dataset {name} in {data_dir}: run python -m jepa.apps.prepare "
        f"--dataset={name} --data_dir={data_dir}"
    ) from e
