"""CPU time of one training step, beside the same model in eager PyTorch.

  pip install torch==2.13.0    # Optional, of the CPU; only this needs it.
  python -m tests.benchmarks.train_step_benchmark [--platform=cuda]

A step is all of it: symbol dropout, encoding states and next states,
predicting, the losses with SIGReg on both latents, the gradient, clipping,
AdamW and the average of the encoder. Sizes and settings are those of
`configs/pretrain.py` for code repair. The twin (`torch_world_model.py` and
`torch_step.py`) starts from the same weights; before anything is timed, its
outputs, its loss and its gradients are compared with ours on a small batch. It
has a fused AdamW.

Each side has a process of its own, kept alive, and takes its turn in every
round, on the same cores, with a malloc told to keep what is freed. On a machine
that others use, read the ratio of CPU time on one core: with more, threads of
PyTorch that wait for one another count as busy.

Measured 2026-11-26 on one core of an AMD EPYC (--num_threads=1 --num_rounds=8),
PyTorch 2.13.0: PyTorch takes 1.05 [1.04, 1.05] of the CPU time of ours, 822 ms
beside 777 at best. The twin differs by at most 8e-7 of the largest number in
outputs and loss and by 5e-7 in gradients. Before symbol tables were trimmed,
the proposal computed once and YNNPACK left out (`jepa/compiler.py`), PyTorch
took .85 to .94 of ours. On one H100, with TF32 in both (JAX 0.11.2,
PyTorch 2.11.0): 8.5 ms, and 49 ms in eager PyTorch. That was these two calls in
one process, turn by turn: `--platform=cuda` itself no GPU has run yet.
"""

from collections.abc import Callable, Sequence
import functools
import os

from absl import app
from absl import flags
from configs import pretrain
from flax import traverse_util
import jax
import jax.numpy as jnp
from jepa import compiler
from jepa import optimizer
from jepa import state as state_lib
from jepa import step as step_lib
from jepa import types
from jepa.domains import registry
from jepa.losses import sigreg
from jepa.models import proposal
from jepa.models import world_model
import numpy as np
from tests.benchmarks import interleaved

_BATCH_SIZE = flags.DEFINE_integer("batch_size", 32, "States of a batch, B.")
_NUM_NODES = flags.DEFINE_integer("num_nodes", 192, "Nodes of a program, N.")
_NUM_ROUNDS = flags.DEFINE_integer("num_rounds", 10, "Timed steps of each.")
_PLATFORM = flags.DEFINE_enum(
    "platform", "cpu", ["cpu", "cuda"], "Where both take their steps."
)
_NUM_THREADS = flags.DEFINE_integer("num_threads", 2, "Cores to run on.")

# As the pipeline trims batches of this length.
_NUM_SYMBOLS, _NUM_CANDIDATES, _NUM_NEXT = 112, 32, 2


def random_batch(
    batch_size: int, num_nodes: int, num_symbols: int = _NUM_SYMBOLS
) -> types.Branch:
  """Returns a batch of the shapes of code repair, as NumPy arrays."""
  vocabulary, rng = registry.vocabulary("code_repair"), np.random.default_rng(0)
  integers = lambda high, *shape: rng.integers(high, size=shape, dtype=np.int32)
  k, j = _NUM_CANDIDATES, _NUM_NEXT

  def program(*axes):
    columns = [integers(num_symbols, *axes, num_nodes)] + [
        integers(size, *axes, num_nodes)
        for _, size in vocabulary.node_features
    ]
    length = rng.integers(num_nodes // 2, num_nodes + 1, size=axes)
    return types.Program(
        symbols=integers(
            vocabulary.num_hashes, *axes, num_symbols, vocabulary.num_pieces
        ),
        nodes=np.stack(columns, axis=-1),
        mask=np.arange(num_nodes) < length[..., None],
    )

  start = integers(num_nodes // 2, batch_size, k)
  args = integers(num_symbols, batch_size, k, vocabulary.num_args)
  is_there = rng.random((batch_size, k)) < 0.9
  signals = rng.random((batch_size, k, len(vocabulary.signals))) < 0.2
  return types.Branch(
      obs_t=program(batch_size),
      actions=types.Action(
          kind=integers(len(vocabulary.kinds), batch_size, k),
          site=np.stack([start, start + integers(4, batch_size, k)], axis=-1),
          args=args * (rng.random(args.shape) < 0.3),
          mask=is_there,
          hints=integers(
              vocabulary.num_hint_hashes, batch_size, k, vocabulary.num_hints
          ),
      ),
      outcomes=types.Outcome(signals.astype(np.float32), is_there),
      obs_next=program(batch_size, j),
      next_action=integers(k, batch_size, j),
      next_mask=rng.random((batch_size, j)) < 0.8,
  )


def make_model() -> world_model.WorldModel:
  config = pretrain.get_config("code_repair")
  return world_model.make_world_model(
      config.model, registry.vocabulary("code_repair")
  )


def init_weights(batch: types.Branch) -> dict[str, np.ndarray]:
  """Returns random weights by Flax's names, none of which is zero."""
  shapes = jax.eval_shape(make_model().init, jax.random.key(0), batch)
  rng = np.random.default_rng(1)

  def init(name, x):
    noise = rng.normal(size=x.shape)
    if x.ndim > 1:
      return np.float32(noise * x.shape[0] ** -0.5)
    return np.float32(name.endswith("scale") + 0.02 * noise)

  flat = traverse_util.flatten_dict(shapes, sep="/")
  return {name: init(name, x) for name, x in flat.items()}


def make_jax_call(batch: types.Branch) -> Callable[[int], None]:
  config = pretrain.get_config("code_repair")
  model, tx = make_model(), optimizer.make_optimizer(config.optimizer)
  params = jax.tree.map(
      jnp.array, traverse_util.unflatten_dict(init_weights(batch), sep="/")
  )
  state = state_lib.TrainState(
      step=jnp.zeros((), jnp.int32),
      params=params,
      target_params=jax.tree.map(jnp.copy, params["encode"]),
      opt_state=tx.init(params),
  )
  train_step = compiler.jit(
      step_lib.make_train_step(
          model, tx, config.loss, symbol_dropout=config.symbol_dropout
      ),
      donate_argnums=0,
  )
  batch, key, held = jax.device_put(batch), jax.random.key(1), [state]

  def call(unused_seed):
    held[0], metrics = train_step(held[0], batch, key)
    jax.block_until_ready((held[0], metrics))

  return call


def make_torch_call(
    batch: types.Branch, platform: str
) -> Callable[[int], None]:
  import torch  # Optional, and heavy: only this baseline's process has it.

  torch.set_default_device(platform)  # Also of constants of what follows.
  torch.set_num_threads(len(os.sched_getaffinity(0)))
  if platform == "cuda":
    torch.set_float32_matmul_precision("high")  # As XLA multiplies there.
  from tests.benchmarks import torch_step
  from tests.benchmarks import torch_world_model
  step = torch_step.make_step(
      init_weights(batch), pretrain.get_config("code_repair")
  )
  batch = torch_world_model.to_tensors(batch)
  # To read a number waits for all that a GPU was asked for before.
  return lambda unused_seed: step(batch).item()


def make_call(
    name: str, shape: Sequence[int], platform: str
) -> Callable[[int], None]:
  batch = random_batch(*shape)
  if name == "PyTorch":
    return make_torch_call(batch, platform)
  return make_jax_call(batch)


def compare() -> dict[str, float]:
  """Returns the largest difference of the twin to ours, relative, by name."""
  from tests.benchmarks import torch_step
  from tests.benchmarks import torch_world_model as twin
  import torch

  config = pretrain.get_config("code_repair")
  batch = random_batch(4, 24, 16)
  arrays = init_weights(batch)
  params = traverse_util.unflatten_dict(arrays, sep="/")
  model, key = make_model(), jax.random.key(2)
  loss = step_lib.make_loss(model, config.loss)
  (value, _), gradient = jax.jit(jax.value_and_grad(loss, has_aux=True))(
      params, params["encode"], batch, key
  )
  latents = model.encode(params["encode"], batch.obs_t)
  z_tp1_hat = model.predict(params["predict"], latents, batch.actions)
  ours = twin.Predicted(
      latents.z, z_tp1_hat,
      world_model.judge(model, params, latents, z_tp1_hat, batch.actions),
      model.inverse(params["inverse"], latents.z, z_tp1_hat),
      proposal.of_actions(
          model.propose(params["propose"], latents), batch.actions
      ),
  )

  tensors = {
      k: torch.tensor(v, requires_grad=True) for k, v in arrays.items()
  }
  target = {k: x.detach() for k, x in tensors.items()}
  num_slices = config.loss.sigreg.num_slices
  directions = [
      torch.tensor(np.array(sigreg.unit_directions(k, num_slices, 128)))
      for k in (key, jax.random.fold_in(key, 1))
  ]
  as_tensors = twin.to_tensors(batch)
  theirs = twin.forward(tensors, as_tensors)
  their_value = torch_step.loss(
      tensors, target, as_tensors, config.loss, directions
  )
  their_value.backward()
  found = {
      name: _error(x, y.detach().numpy())
      for name, x, y in zip(ours._fields, ours, theirs)
  }
  found["loss"] = _error(value, their_value.detach().numpy())
  flat = traverse_util.flatten_dict(gradient, sep="/")
  # As one vector: some are zero but for rounding, such as of a softmax's bias.
  join = lambda xs: np.concatenate([np.ravel(x) for x in xs])
  found["gradient"] = _error(
      join(flat[k] for k in tensors),
      join(x.grad.numpy() for x in tensors.values()),
  )
  return found


def _error(ours, theirs) -> float:
  ours = np.asarray(ours)
  scale = max(float(jnp.abs(ours).max()), 1e-6)
  return float(np.abs(ours - theirs).max()) / scale


def main(argv: Sequence[str]) -> None:
  if len(argv) > 1:
    raise app.UsageError(f"Unexpected arguments: {argv[1:]}")
  num_cores, names = interleaved.settle(_NUM_THREADS.value), ["this"]
  if interleaved.has_torch():
    names.append("PyTorch")
    for name, error in compare().items():
      print(f"twin's {name:10} differs by {error:.1e} of the largest")
      if error > 1e-4:
        raise AssertionError("The twin is another model: mend it first.")
  shape = _BATCH_SIZE.value, _NUM_NODES.value
  weights = init_weights(random_batch(*shape))
  print(
      f"One step, (B, N, K, J, U) = "
      f"{(*shape, _NUM_CANDIDATES, _NUM_NEXT, _NUM_SYMBOLS)}, "
      f"{sum(x.size for x in weights.values())} parameters, "
      f"{num_cores} cores"
  )
  interleaved.show(interleaved.time_calls(
      functools.partial(make_call, shape=shape, platform=_PLATFORM.value),
      names, _NUM_ROUNDS.value, platform=_PLATFORM.value,
  ))


if __name__ == "__main__":
  app.run(main)
