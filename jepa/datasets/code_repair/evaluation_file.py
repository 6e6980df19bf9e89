"""The evaluation set beside a dataset: states with every candidate executed.

Their number of candidates varies by orders of magnitude, so they are records,
not arrays.
"""

from collections.abc import Iterator
import pathlib

from jepa.domains.code_repair import generation
from jepa.domains.code_repair import records

NAME = "evaluation.jsonl.gz"


def find(dataset: str, data_dir: str) -> pathlib.Path:
  """Returns the newest evaluation set of `dataset` ("world/config").

  Raises:
    FileNotFoundError: the dataset has not been prepared.
  """
  found = sorted(pathlib.Path(data_dir, dataset).glob(f"*/{NAME}"))
  if not found:
    raise FileNotFoundError(
        f"No evaluation set of {dataset} in {data_dir}: run python -m "
        f"jepa.apps.prepare --dataset={dataset} --data_dir={data_dir}"
    )
  return found[-1]


def read(path: pathlib.Path) -> Iterator[records.Record]:
  """Yields the records of an evaluation set."""
  return generation.read_shard(path)
