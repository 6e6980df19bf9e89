"""The executed evaluation set that lies beside a prepared dataset."""

from collections.abc import Iterator
import pathlib

from jepa.datasets import reading
from jepa.domains.code_repair import generation
from jepa.domains.code_repair import records

FILE = "evaluation.jsonl.gz"


def load_records(name: str, data_dir: str) -> Iterator[records.Record]:
  """Yields broken states of validation packages with all edits executed.

  Unlike those of the splits, these records hold every candidate that the
  grammar enumerates, up to the `max_executed` of the configuration.

  Args:
    name: "code_repair/config".
    data_dir: where `jepa.apps.prepare` wrote.

  Raises:
    FileNotFoundError: the dataset has not been prepared.
  """
  builder = reading.open_builder(name, data_dir)
  return generation.read_shard(pathlib.Path(builder.data_path, FILE))
