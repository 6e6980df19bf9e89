"""The state of training: one pytree of arrays, and no functions."""

import chex
from flax import struct
import jax
import jax.numpy as jnp
from jepa import types
from jepa.models import world_model as world_model_lib
import optax


@struct.dataclass
class TrainState:
  """Everything that a step reads and writes.

  step: `[]` int32, the only clock: keys and data order derive from it.
  params: all of the model's parameters, trained by gradient.
  target_params: the encoder's parameters, averaged over time.
  opt_state: the optimiser's state.
  """
  step: chex.Array
  params: types.Params
  target_params: types.Params
  opt_state: optax.OptState


def init_state(
    key: chex.PRNGKey,
    branch: types.Branch,
    *,
    model: world_model_lib.WorldModel,
    tx: optax.GradientTransformation,
) -> TrainState:
  """Returns the state at step 0. `branch` gives shapes only."""
  params = model.init(key, branch)
  return TrainState(
      step=jnp.zeros((), jnp.int32),
      params=params,
      target_params=jax.tree.map(jnp.copy, params["encode"]),
      opt_state=tx.init(params),
  )


def start_from(state: TrainState, params: types.Params) -> TrainState:
  """Returns a state at step 0 with the parameters of a trained model.

  Raises:
    ValueError: they are those of a model of another shape.
  """
  chex.assert_trees_all_equal_shapes_and_dtypes(
      state.params, params,
      custom_message="the checkpoint is of a model of another shape",
      exception_type=ValueError,
  )
  like = lambda new, old: jax.device_put(new, old.sharding)
  params = jax.tree.map(like, params, state.params)
  return state.replace(
      params=params, target_params=jax.tree.map(jnp.copy, params["encode"])
  )
