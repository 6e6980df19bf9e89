"""TFDS builder of Orb construction steps, judged by the real compiler.

The configurations "public" and "traces" read what a user names: prepare
`orb/public:FOLDER` or `orb/traces:FILE`.
"""

from collections.abc import Callable
import dataclasses
import hashlib
import json
import pathlib
from typing import Any, Literal

from jepa.datasets import features
from jepa.domains.orb import actions
from jepa.domains.orb import corpus
from jepa.domains.orb import generation
from jepa.domains.orb import traced
from jepa.domains.orb import vocabulary
from jepa.domains.orb import walk
from jepa.traces import log
import tensorflow_datasets.public_api as tfds

SIZES = features.Sizes(
    num_nodes=256, num_symbols=192, num_candidates=12, num_next=2
)
_SPLITS = ("train", "validation", "test")


@dataclasses.dataclass(kw_only=True)
class OrbConfig(tfds.core.BuilderConfig):
  """Where construction steps come from.

  source: our own programs, a folder of programs, or a trace log.
  argument: the folder or the log.
  num_walks: of generated programs, for each split; of a public program, all
    in all.
  habits: of walks.
  num_workers: processes that compile; None for one per core.
  """
  source: Literal["generated", "public", "traces"] = "generated"
  argument: str = ""
  num_walks: dict[str, int] | int = 0
  habits: walk.Habits = walk.Habits()
  num_workers: int | None = None


class Builder(tfds.core.GeneratorBasedBuilder):
  """States of programs, the actions tried in each, and what followed."""

  VERSION = tfds.core.Version("1.0.0")
  RELEASE_NOTES = {"1.0.0": "Initial release."}
  BUILDER_CONFIGS = [
      OrbConfig(
          name="generated",
          description="About 10,000 steps, in a few minutes on two cores.",
          num_walks={"train": 60, "validation": 10, "test": 10},
      ),
      OrbConfig(
          name="generated_large",
          description="About 90,000 steps.",
          num_walks={"train": 700, "validation": 40, "test": 40},
      ),
      OrbConfig(
          name="tiny",
          description="For tests.",
          num_walks={"train": 4, "validation": 1, "test": 1},
          habits=walk.Habits(max_length=4),
      ),
  ]

  # Called with a line of text as the work goes on.
  report: Callable[[str], None] = staticmethod(lambda text: None)

  def __init__(self, *, config: OrbConfig | str | None = None, **kwargs: Any):
    """As in TFDS; `config` may name a source: "public:FOLDER"."""
    if isinstance(config, str) and ":" in config:
      config = make_config(*config.split(":", 1))
    super().__init__(config=config, **kwargs)

  def _info(self) -> tfds.core.DatasetInfo:
    return self.dataset_info_from_configs(
        features=features.branch_features(vocabulary.VOCABULARY, SIZES),
        metadata=tfds.core.MetadataDict({
            "vocabulary": vocabulary.VOCABULARY.to_json(),
            "fingerprint": vocabulary.VOCABULARY.fingerprint,
        }),
    )

  def _split_generators(self, dl_manager):
    del dl_manager  # Nothing is downloaded.
    jobs = _JOBS[self.builder_config.source](self.builder_config)
    return {
        split: self._generate_examples(split, jobs[split])
        for split in _SPLITS
        if jobs[split]
    }

  def _generate_examples(self, split, jobs):
    settings = generation.Settings(
        cache=str(pathlib.Path(self.data_dir_root, "cache", "orb")),
        num_workers=self.builder_config.num_workers,
    )
    total = 0
    for i, (job, branches) in enumerate(generation.run(jobs, settings), 1):
      total += len(branches)
      self.report(f"{split}: {i}/{len(jobs)} jobs, {total} states: {job.key}")
      for j, branch in enumerate(branches):
        yield f"{job.key}/{j:04d}", features.encode_branch(
            branch, vocabulary.VOCABULARY, SIZES, json.dumps(branch.meta)
        )


def make_config(source: str, argument: str) -> OrbConfig:
  """Returns the configuration of a folder or a log that a user names.

  Raises:
    ValueError: `source` reads nothing.
  """
  if source not in ("public", "traces"):
    raise ValueError(f"{source!r} is not public:FOLDER or traces:FILE.")
  path = pathlib.Path(argument).resolve()
  # A name for the folder of the dataset: readable, and one for each place.
  mark = hashlib.sha256(str(path).encode()).hexdigest()[:8]
  return OrbConfig(
      name=f"{source}_{path.stem}_{mark}",
      description=f"Steps from {path.name}.",
      source=source,
      argument=str(path),
      num_walks=4,
      habits=walk.Habits(max_length=6),
  )


def _generated_jobs(config: OrbConfig) -> dict[str, list[generation.Job]]:
  return {
      split: [
          generation.GeneratedJob(key=f"{split}/{i:06d}", habits=config.habits)
          for i in range(config.num_walks.get(split, 0))
      ]
      for split in _SPLITS
  }


def _public_jobs(config: OrbConfig) -> dict[str, list[generation.Job]]:
  entries = corpus.distinct(corpus.read_folder(config.argument))
  return _by_split(
      generation.PublicJob(
          entry=entry, num_walks=config.num_walks, habits=config.habits
      )
      for entry in entries
  )


def _traced_jobs(config: OrbConfig) -> dict[str, list[generation.Job]]:
  steps = []
  for trace in log.read(config.argument, vocabulary.VOCABULARY.world):
    try:
      steps.append(traced.read_step(dataclasses.asdict(trace)))
    except actions.ActionError:
      continue  # Another build system's record: not in our terms.
  return _by_split(traced.make_jobs(steps, config.habits))


_JOBS = {
    "generated": _generated_jobs,
    "public": _public_jobs,
    "traces": _traced_jobs,
}


def _by_split(jobs) -> dict[str, list[generation.Job]]:
  """Shares out jobs by a hash of their keys: eight, one and one in ten."""
  splits: dict[str, list[generation.Job]] = {split: [] for split in _SPLITS}
  for job in jobs:
    number = int(hashlib.sha256(job.key.encode()).hexdigest(), 16) % 10
    splits["train" if number < 8 else _SPLITS[number - 7]].append(job)
  return splits
