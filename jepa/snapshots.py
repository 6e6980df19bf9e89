"""Train states on disk with Orbax, so that a run goes on where it stopped."""

import os

from jepa import state as state_lib
import orbax.checkpoint as ocp


def make_manager(workdir: str, *, save_every: int, keep: int):
  return ocp.CheckpointManager(
      os.path.abspath(f"{workdir}/checkpoints"),
      options=ocp.CheckpointManagerOptions(
          max_to_keep=keep,
          save_interval_steps=save_every,
          cleanup_tmp_directories=True,
      ),
  )


def save(
    manager: ocp.CheckpointManager, step: int, state: state_lib.TrainState
) -> None:
  manager.save(step, args=ocp.args.StandardSave(state))


def restore_or(
    manager: ocp.CheckpointManager, state: state_lib.TrainState
) -> state_lib.TrainState:
  """Returns the latest snapshot, or `state` where there is none."""
  if (step := manager.latest_step()) is None:
    return state
  return manager.restore(step, args=ocp.args.StandardRestore(state))
