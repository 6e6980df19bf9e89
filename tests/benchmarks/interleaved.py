"""Times programs that do the same, turn by turn, each in its own process.

On a machine that others use, the ratio of CPU times within a round says more
than any single time: whatever slows one contestant slows the next one, too.
"""

from collections.abc import Callable, Mapping, Sequence
import importlib.util
import multiprocessing
import os
import time

import jax
from jepa import stats
import numpy as np

# Keeps freed memory in the process instead of faulting it in again: large
# arrays of PyTorch cost 3 times as much without.
_MALLOC = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(10**12),
}

# name -> function of a seed; made in the process that is to be timed.
Maker = Callable[[str], Callable[[int], None]]


def settle(num_cores: int) -> int:
  """Keeps this process and its children to some cores; returns how many.

  This process has JAX on the CPU; see `time_calls` for its children.
  """
  jax.config.update("jax_platforms", "cpu")
  cores = sorted(os.sched_getaffinity(0))[:num_cores]
  os.sched_setaffinity(0, cores)
  os.environ.update(_MALLOC)
  # Contestants share the memory of a GPU.
  os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
  return len(cores)


def has_torch() -> bool:
  """Says so where PyTorch is not there to be a baseline."""
  if importlib.util.find_spec("torch") is not None:
    return True
  print("PyTorch is not installed: that baseline is left out.")
  return False


def time_calls(
    make_call: Maker,
    names: Sequence[str],
    num_rounds: int,
    *,
    num_untimed: int = 0,
    platform: str = "cpu",
) -> dict[str, np.ndarray]:
  """Returns milliseconds by name: wall and CPU, shape `[num_rounds, 2]`.

  Args:
    make_call: can be pickled.
    names: what to time.
    num_rounds: besides two before, which compile and warm up.
    num_untimed: calls before each timed one, that bring pages and caches back.
    platform: of JAX, such as "cuda"; a call returns when the device is done.
  """
  context = multiprocessing.get_context("spawn")
  pipes = {}
  for name in names:
    pipes[name], end = context.Pipe()
    context.Process(
        target=_serve, args=(end, make_call, name, num_untimed, platform),
        daemon=True,
    ).start()
  seconds = {name: [] for name in names}
  for seed in range(num_rounds + 2):
    for name, pipe in pipes.items():
      pipe.send(seed)
      seconds[name].append(pipe.recv())
  for pipe in pipes.values():
    pipe.send(None)
  return {name: 1e3 * np.array(row[2:]) for name, row in seconds.items()}


def _serve(
    pipe, make_call: Maker, name: str, num_untimed: int, platform: str
) -> None:
  """Answers each seed with the seconds a call took: of the wall, of the CPU."""
  jax.config.update("jax_platforms", platform)
  call = make_call(name)
  for seed in iter(pipe.recv, None):
    for _ in range(num_untimed):
      call(seed)
    wall, cpu = time.perf_counter(), time.process_time()
    call(seed)
    pipe.send((time.perf_counter() - wall, time.process_time() - cpu))


def show(times: Mapping[str, np.ndarray], reference: str = "this") -> None:
  """Prints medians, minima, and the paired ratio to `reference`."""
  for column, clock in enumerate(("wall", "CPU")):
    print(f"{clock} ms     median      min   over {reference} [95% interval]")
    for name, row in times.items():
      ratio = stats.paired_ratio(row[:, column], times[reference][:, column])
      print(
          f"{name:10} {np.median(row[:, column]):7.1f} "
          f"{row[:, column].min():8.1f}   "
          f"{ratio.estimate:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
      )
