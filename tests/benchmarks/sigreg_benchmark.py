"""Times SIGReg, value and gradient, against the plain formula.

  python -m tests.benchmarks.sigreg_benchmark

The baselines run in the same rounds: the formula written out and jitted, and
the same in eager PyTorch, as published implementations have it (`pip install
torch` for that line; it is left out otherwise). Each has a process of its own,
kept alive, and takes its turn in every round, after an untimed call that brings
its pages and caches back. All run on the same few cores, with a malloc told to
keep what is freed: PyTorch would be 3 times slower without. Directions are
drawn anew in each call, as in training.

On a machine that others use, read the ratio of CPU time. Measured 2026-11-21 on
2 busy cores of an AMD EPYC, PyTorch 2.13.0, at (B, D, M) = (1024, 256, 1024):
the plain formula took 10.1 [9.0, 11.1] times as much CPU time, and PyTorch 4.5
[4.2, 4.9] times. With little else running: 27 ms, and 284 ms for the plain one.
It is made for the caches of a CPU. On one H100 (2026-11-26; these calls in one
process, since this program stays on the CPU) it takes 4.9 ms, the plain formula
1.0 and PyTorch 2.0. Why was not measured; it loops over slices.
"""

from collections.abc import Callable, Sequence
import functools
import os
from typing import Any

from absl import app
from absl import flags
import jax
import jax.numpy as jnp
from jepa.losses import sigreg
import numpy as np
from tests.benchmarks import interleaved

_BATCH_SIZE = flags.DEFINE_integer("batch_size", 1024, "Rows of the batch, B.")
_WIDTH = flags.DEFINE_integer("width", 256, "Width of a latent, D.")
_NUM_SLICES = flags.DEFINE_integer("num_slices", 1024, "Directions, M.")
_NUM_ROUNDS = flags.DEFINE_integer("num_rounds", 15, "Timed calls of each.")
_NUM_THREADS = flags.DEFINE_integer("num_threads", 2, "Cores to run on.")

_KNOTS = np.linspace(0, 3, 17, dtype=np.float32)
_GAUSSIAN = np.exp(-0.5 * _KNOTS**2)
_WEIGHTS = 2 * 3 / 16 * _GAUSSIAN * np.float32([0.5] + [1] * 15 + [0.5])


def plain_sigreg(
    z: jax.Array, key: jax.Array, *, num_slices: int
) -> jax.Array:
  """The formula as one would write it: shape `[B, D]` to `[]`."""
  directions = sigreg.unit_directions(key, num_slices, z.shape[1])
  xt = (z @ directions.T)[:, :, None] * _KNOTS[None, None, :]  # [B, M, K]
  gap_cos = jnp.cos(xt).mean(axis=0) - _GAUSSIAN[None, :]
  gap_sin = jnp.sin(xt).mean(axis=0)
  return z.shape[0] * jnp.mean((gap_cos**2 + gap_sin**2) @ _WEIGHTS)


def numpy_sigreg(
    z: np.ndarray, directions: np.ndarray
) -> tuple[float, np.ndarray]:
  """The formula in float64, slice by slice, and its gradient."""
  z, t = np.float64(z), np.linspace(0, 3, 17)
  gaussian = np.exp(-0.5 * t**2)
  weights = 2 * 3 / 16 * gaussian
  weights[[0, -1]] /= 2
  loss, gradient = 0.0, np.zeros_like(z)
  for direction in np.float64(directions):
    waves = np.exp(1j * (z @ direction)[:, None] * t[None, :])
    gap = waves.mean(axis=0) - gaussian
    loss += len(z) * weights @ np.abs(gap) ** 2
    slope = 2 * np.real(1j * waves * gap.conj()[None, :]) @ (weights * t)
    gradient += slope[:, None] * direction[None, :]
  return loss / len(directions), gradient / len(directions)


def make_jax_call(
    loss: Callable[..., jax.Array], shape: Sequence[int]
) -> Callable[[int], Any]:
  batch_size, width, num_slices = shape
  z = jax.random.normal(jax.random.key(0), (batch_size, width))
  f = jax.jit(
      jax.value_and_grad(functools.partial(loss, num_slices=num_slices))
  )
  return lambda seed: jax.block_until_ready(f(z, jax.random.key(seed)))


def make_torch_call(shape: Sequence[int]) -> Callable[[int], Any]:
  import torch  # Optional, and heavy: only this baseline's process has it.

  torch.set_num_threads(len(os.sched_getaffinity(0)))
  batch_size, width, num_slices = shape
  z = torch.randn(batch_size, width, requires_grad=True)
  knots, gaussian, weights = map(
      torch.from_numpy, (_KNOTS, _GAUSSIAN, _WEIGHTS)
  )

  def call(seed):
    torch.manual_seed(seed)
    directions = torch.randn(width, num_slices)
    directions = directions / directions.norm(dim=0)
    xt = (z @ directions).unsqueeze(-1) * knots
    gap_cos = xt.cos().mean(0) - gaussian
    gap_sin = xt.sin().mean(0)
    loss = batch_size * ((gap_cos**2 + gap_sin**2) @ weights).mean()
    return loss, torch.autograd.grad(loss, z)

  return call


_MAKERS = {
    "this": functools.partial(make_jax_call, sigreg.sliced_sigreg),
    "plain JAX": functools.partial(make_jax_call, plain_sigreg),
    "PyTorch": make_torch_call,
}


def make_call(name: str, shape: Sequence[int]) -> Callable[[int], Any]:
  return _MAKERS[name](shape)


def temporaries(loss: Callable[..., jax.Array], shape: Sequence[int]) -> float:
  """Megabytes that the compiled value and gradient needs beside its arrays."""
  batch_size, width, num_slices = shape
  f = jax.value_and_grad(functools.partial(loss, num_slices=num_slices))
  lowered = jax.jit(f).lower(jnp.zeros((batch_size, width)), jax.random.key(0))
  return lowered.compile().memory_analysis().temp_size_in_bytes / 1e6


def relative_errors(shape: Sequence[int]) -> tuple[float, float]:
  """Relative errors of loss and gradient against float64 NumPy."""
  batch_size, width, num_slices = shape
  z, key = jax.random.normal(jax.random.key(0), shape[:2]), jax.random.key(1)
  f = jax.value_and_grad(sigreg.sliced_sigreg)
  loss, gradient = f(z, key, num_slices=num_slices)
  directions = sigreg.unit_directions(key, num_slices, width)
  true_loss, true_gradient = numpy_sigreg(z, directions)
  error = np.linalg.norm(gradient - true_gradient)
  return (
      abs(float(loss) - true_loss) / true_loss,
      float(error / np.linalg.norm(true_gradient)),
  )


def main(argv: Sequence[str]) -> None:
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments: {argv[1:]}")
  shape = _BATCH_SIZE.value, _WIDTH.value, _NUM_SLICES.value
  num_cores = interleaved.settle(_NUM_THREADS.value)
  names = [x for x in _MAKERS if x != "PyTorch" or interleaved.has_torch()]
  print(f"SIGReg, value and gradient, (B, D, M) = {shape}, {num_cores} cores")
  interleaved.show(interleaved.time_calls(
      functools.partial(make_call, shape=shape),
      names, _NUM_ROUNDS.value, num_untimed=1,
  ))
  loss_error, gradient_error = relative_errors(shape)
  print(f"Relative error: loss {loss_error:.1e}, gradient {gradient_error:.1e}")
  large = 4096, 256, 1024
  print(f"Temporaries at {large}:")
  for name, loss in {
      "this": sigreg.sliced_sigreg,
      "plain JAX": plain_sigreg,
  }.items():
    print(f"{name:10} {temporaries(loss, large):7.1f} MB")


if __name__ == "__main__":
  app.run(main)
