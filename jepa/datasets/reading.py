"""Reading prepared datasets, without TensorFlow."""

from collections.abc import Sequence
from typing import Any

from jepa.domains import base
import tensorflow_datasets.public_api as tfds


def load_examples(
    name: str, split: str, data_dir: str, vocabulary: base.Vocabulary
) -> Sequence[dict[str, Any]]:
  """Returns the examples of a prepared dataset: random access, from disk.

  Args:
    name: "world/config".
    split: in TFDS's notation, such as "train" or "train[:10%]".
    data_dir: where `jepa.apps.prepare` wrote.
    vocabulary: what the reader speaks.

  Raises:
    FileNotFoundError: the dataset has not been prepared.
    VocabularyError: it was prepared with another vocabulary.
  """
  try:
    builder = tfds.core.read_only_builder.builder_from_files(
        name, data_dir=data_dir
    )
  except tfds.core.DatasetNotFoundError as e:
    raise FileNotFoundError(
        f"No dataset {name} in {data_dir}: run python -m jepa.apps.prepare "
        f"--dataset={name} --data_dir={data_dir}"
    ) from e
  known = (builder.info.metadata or {}).get("fingerprint")
  if known != vocabulary.fingerprint:
    raise base.VocabularyError(
        f"{builder.data_path} was prepared with another vocabulary of "
        f"{vocabulary.world!r} ({known}, not {vocabulary.fingerprint}): "
        "prepare it again."
    )
  return builder.as_data_source(split=split)
