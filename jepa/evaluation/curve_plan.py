"""What a learning curve trains: arms, sizes, seeds and arguments."""

from collections.abc import Iterator, Sequence
import dataclasses
import os
from typing import NamedTuple

from jepa import checkpoint
from jepa.evaluation import curve

PRETRAINED = "unlabelled"
_FROM_PRETRAINED = ("probe", "finetuned")


class Planned(NamedTuple):
  """A model to train.

  arm, seed: of the experiment.
  num_states: that show their outcomes, the first so many.
  num_steps: of training.
  start_seed: of the model that it starts from, if it does.
  """
  arm: str
  num_states: int
  seed: int
  num_steps: int
  start_seed: int

  @property
  def name(self) -> str:
    """Of its folder."""
    return f"{self.arm}-{self.num_states}-{self.seed}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  """What all models of a curve share.

  config: the experiment, up to the name of the arm.
  dataset, data_dir: learned from.
  runs: folder of the models.
  batch_size: states of a batch.
  max_epochs, min_steps: how long to train on a size.
  overrides: "name=value" of the experiment.
  """
  config: str
  dataset: str
  data_dir: str
  runs: str
  batch_size: int = 32
  max_epochs: float = 2.0
  min_steps: int = 200
  overrides: tuple[str, ...] = ()

  def model(self, planned: Planned) -> str:
    """Returns the file that training writes."""
    return os.path.join(self.runs, planned.name, checkpoint.MODEL_FILE)


def num_states(branches: Sequence[str], size: curve.Size) -> list[int]:
  """Returns how many states have about so many branches, ascending.

  Args:
    branches: numbers, or "all"; those beyond the dataset are left out.
    size: of the whole dataset.
  """
  per_state = size.num_branches / size.num_states
  asked = [
      size.num_states if b == "all" else max(1, round(int(b) / per_state))
      for b in branches
  ]
  return sorted({n for n in asked if n <= size.num_states})


def plan(
    settings: Settings,
    sizes: Sequence[int],
    arms: Sequence[str],
    seeds: Sequence[int],
    num_large_seeds: int | None = None,
) -> Iterator[Planned]:
  """Yields the models to train, those that others start from first.

  Args:
    settings: of the curve.
    sizes: numbers of states, ascending; the last is all of them.
    arms: of the experiment.
    seeds: of each.
    num_large_seeds: how many of them in the larger half of the sizes, and of
      what others start from, which cost the most; None for all.
  """
  few = seeds[:num_large_seeds]
  starts = {seed: few[i % len(few)] for i, seed in enumerate(seeds)}
  if set(arms) & set(_FROM_PRETRAINED):
    for seed in few:
      yield _planned(settings, PRETRAINED, sizes[-1], seed, seed)
  for i, size in enumerate(sizes):
    is_small = 2 * i < len(sizes)
    for seed in seeds if is_small else few:
      for arm in arms:
        yield _planned(settings, arm, size, seed, starts[seed])


def _planned(settings, arm, size, seed, start_seed) -> Planned:
  steps = round(settings.max_epochs * size / settings.batch_size)
  return Planned(arm, size, seed, max(steps, settings.min_steps), start_seed)


def train_arguments(
    settings: Settings, planned: Planned, all_states: int
) -> list[str]:
  """Returns the arguments of `jepa.apps.train` that train a model."""
  values = {
      "dataset.name": settings.dataset,
      "dataset.data_dir": settings.data_dir,
      "labels.num_labelled": planned.num_states,
      "num_steps": planned.num_steps,
      "batch_size": min(settings.batch_size, planned.num_states),
      "seed": planned.seed,
      "probe.num_examples": 0,
  }
  if planned.arm in _FROM_PRETRAINED:
    start = planned._replace(
        arm=PRETRAINED, num_states=all_states, seed=planned.start_seed
    )
    values["start_from"] = settings.model(start)
  return [
      f"--config={settings.config}{planned.arm}",
      f"--workdir={os.path.join(settings.runs, planned.name)}",
      *(f"--config.{name}={value}" for name, value in values.items()),
      *(f"--config.{item}" for item in settings.overrides),
  ]
