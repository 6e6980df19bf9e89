r"""Fits the Orb advisors and keeps them in one file, for `advise`.

  python -m jepa.apps.fit_advisors --out=advisors.npz
  python -m jepa.apps.fit_advisors --out=advisors.npz --checkpoint=runs/orb \
      --programs=DIR

They are fitted on generated programs and, with --programs, on those in a folder
too. With --checkpoint they look through a world model as well. Those that ship
are written, with no other flag, by

  python -m jepa.apps.fit_advisors --out=jepa/checkpoints/orb_advisors.npz
"""

import os

from absl import flags
from jepa.apps import command
from jepa.apps import progress
from jepa.planning.advisors import fitting
from jepa.planning.advisors import model_reading
from jepa.planning.advisors import samples as samples_lib
from jepa.planning.advisors import suite as suite_lib

_OUT = flags.DEFINE_string("out", None, "File to write.", required=True)
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint", None, "A training run of the Orb world, or its model file."
)
_PROGRAMS = flags.DEFINE_string("programs", None, "A folder of Orb programs.")
_NUM_GENERATED = flags.DEFINE_integer(
    "num_generated", 300, "Programs to generate.", lower_bound=0
)
_SEED = flags.DEFINE_integer("seed", 0, "Of the fit.")


def main():
  samples = samples_lib.generated(_NUM_GENERATED.value)
  if _PROGRAMS.value:
    samples += samples_lib.public(_PROGRAMS.value)
  reader, model = None, ""
  if _CHECKPOINT.value:
    exported = model_reading.load_model(_CHECKPOINT.value)
    reader = model_reading.make_reader(exported)
    model = model_reading.digest(exported.params)
  progress.line(f"fitting on {len(samples)} programs")
  suite = fitting.fit_suite(
      samples, reader, model=model, seed=_SEED.value
  )
  suite_lib.save(_OUT.value, suite)
  size = os.path.getsize(_OUT.value) // 1000
  progress.line(f"wrote {_OUT.value}, {size} KB", is_last=True)


if __name__ == "__main__":
  command.run(main)
