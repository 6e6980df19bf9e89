r"""Fits the Orb advisors and keeps them in one file, for `advise`.

  python -m jepa.apps.fit_advisors --out=advisors.npz
  python -m jepa.apps.fit_advisors --out=advisors.npz --checkpoint=runs/orb \
      --programs=DIR

They are fitted on generated programs and, with --programs, on those in a folder
too. With --checkpoint they look through a world model as well.
"""

from absl import flags
from jepa.apps import command
from jepa.apps import progress
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
from jepa.planning.advisors import suite as suite_lib

_OUT = flags.DEFINE_string("out", None, "File to write.", required=True)
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint", None, "A training run of the Orb world, or its model file."
)
_PROGRAMS = flags.DEFINE_string("programs", None, "A folder of Orb programs.")
_NUM_GENERATED = flags.DEFINE_integer(
    "num_generated", 200, "Programs to generate.", lower_bound=0
)


def main():
  samples = samples_lib.generated(_NUM_GENERATED.value)
  if _PROGRAMS.value:
    samples += samples_lib.public(_PROGRAMS.value)
  reader, model = None, ""
  if _CHECKPOINT.value:
    exported = reading.load_model(_CHECKPOINT.value)
    reader = reading.make_reader(exported)
    model = suite_lib.digest(exported.params)
  progress.line(f"fitting on {len(samples)} programs")
  suite_lib.save(
      _OUT.value, suite_lib.fit(samples, reader, model=model)
  )
  progress.line(f"wrote {_OUT.value}", is_last=True)


if __name__ == "__main__":
  command.run(main)
