"""Writing prepared datasets, without TensorFlow."""

from collections.abc import Callable
import contextlib
import importlib
import os

from jepa.domains import registry
import tensorflow_datasets.public_api as tfds


def make_builder(dataset: str, data_dir: str) -> tfds.core.DatasetBuilder:
  """Returns the TFDS builder of "world/config".

  Raises:
    ValueError: there is no such world or configuration.
  """
  world, _, config = dataset.partition("/")
  if world not in registry.WORLDS:
    raise ValueError(
        f"No world {world!r}, of dataset {dataset!r}; there are "
        f"{', '.join(registry.WORLDS)}."
    )
  module = importlib.import_module(
      f"jepa.datasets.{world}.{world}_dataset_builder"
  )
  known = [c.name for c in module.Builder.BUILDER_CONFIGS]
  if ":" not in config and config not in known:
    raise ValueError(
        f"No configuration {config!r} of {world}; there are {', '.join(known)}."
    )
  return module.Builder(config=config, data_dir=data_dir)


def prepare(
    dataset: str, data_dir: str, report: Callable[[str], None]
) -> tfds.core.DatasetBuilder:
  """Makes a dataset as ArrayRecord, unless it is there already.

  Args:
    dataset: "world/config".
    data_dir: where to write. What was executed is cached below it, so that a
      run which was killed goes on where it stopped.
    report: called with a line of text as the work goes on.

  Raises:
    ValueError: as `make_builder`.
  """
  builder = make_builder(dataset, data_dir)
  builder.report = report
  tfds.disable_progress_bar()
  # TFDS prints its own account of the same work on stdout.
  with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
    builder.download_and_prepare(file_format="array_record")
  return builder
