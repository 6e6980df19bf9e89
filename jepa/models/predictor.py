"""Predictor: the latent dynamics, modulated by the action through FiLM.

All that is costly happens once a state. An action gathers a few rows of the
latents and passes through small layers: a thousand cost milliseconds.
"""

import functools

import chex
from flax import linen as nn
import jax
import jax.numpy as jnp
from jepa import types
from jepa.models import attention
from jepa.models import embedding
from jepa.models import normalization

_HINT_WIDTH = 32
_hint_init = nn.initializers.normal(_HINT_WIDTH**-0.5)


def _gather(x: chex.Array, index: chex.Array) -> chex.Array:
  """Gathers rows of `[B, N, D]` by `[B, K]`: `[B, K, D]`."""
  return jnp.take_along_axis(x, index[..., None], axis=1)


def _span_mean(x, start, end):
  """Averages `[B, N, D]` over spans `[start, end)`; zero where empty."""
  place = jnp.arange(x.shape[1])[None, None, :]
  is_in = (place >= start[..., None]) & (place < end[..., None])  # [B, K, N]
  length = jnp.maximum(end - start, 1)[..., None]
  return (is_in.astype(x.dtype) @ x) / length


def named(
    args: chex.Array, rows: chex.Array, weight: chex.Array
) -> chex.Array:
  """Sums the weights of the arguments that name a node.

  Args:
    args: shape `[B, K, A]`.
    rows: shape `[B, N]`.
    weight: of each argument, shape `[A]`.

  Returns:
    Sums of shape `[B, K, N]`.
  """
  args = jnp.where(args > 0, args, -1)  # Padding names nothing.
  columns = jnp.split(args, args.shape[-1], axis=-1)
  # Unrolled, so that a CPU makes one loop of it.
  return sum(
      jnp.where(column == rows[:, None, :], weight[i], 0.0)
      for i, column in enumerate(columns)
  )


class Lookup(nn.Module):
  """Lets each action look up nodes: what its arguments name, what is near.

  Whether a name is taken, or a state is there to go to, depends on nodes far
  from the site. Each head has a bias for the distance to the site, and one for
  nodes that say what an argument says.
  """
  num_heads: int

  @nn.compact
  def __call__(
      self, x: chex.Array, latents: types.Latents, action: types.Action
  ) -> chex.Array:
    """Returns what actions `x`, shape `[B, K, H]`, see, shape `[B, K, D]`."""
    num_nodes, width = latents.nodes.shape[1:]
    num_args = action.args.shape[-1]
    q = nn.Dense(width, name="q")(x) * (width / self.num_heads) ** -0.5
    k = nn.Dense(width, use_bias=False, name="k")(latents.nodes)
    v = nn.Dense(width, use_bias=False, name="v")(latents.nodes)
    near = self.param(
        "distance", attention.near_first, (self.num_heads, attention.DISTANCES)
    )
    same = self.param(
        "same", nn.initializers.constant(2.0), (num_args, self.num_heads)
    )
    # A row for each place that a site may have: many actions share it.
    place = jnp.arange(num_nodes)[None, :] - jnp.arange(num_nodes + 1)[:, None]
    near = near[:, attention.clip_distance(place)]  # [heads, N + 1, N]
    site = jnp.clip(action.site[..., 0], 0, num_nodes)
    off = jnp.where(latents.mask, 0.0, -1e9)[:, None, :]
    seen = []
    # One head after another, without a copy of anything in another order.
    for i, (q_i, k_i, v_i) in enumerate(zip(*(
        jnp.split(y, self.num_heads, axis=-1) for y in (q, k, v)
    ))):
      scores = jnp.einsum("bkd,bnd->bkn", q_i, k_i) + near[i][site] + off
      scores += named(action.args, latents.rows, same[:, i])
      seen.append(_attend(scores, v_i))
    return jnp.concatenate(seen, axis=-1)


def _attend(scores: chex.Array, v: chex.Array) -> chex.Array:
  """Is `softmax(scores) @ v`, divided last: fewer numbers are left then."""
  largest = jax.lax.stop_gradient(scores.max(axis=-1, keepdims=True))
  weight = jnp.exp(scores - largest)  # [B, K, N]
  total = normalization.row_sum(weight)
  return jnp.einsum("bkn,bnd->bkd", weight, v) / total


class Site(nn.Module):
  """A dense layer on what is before, at and after the site of each action."""
  features: int

  @nn.compact
  def __call__(
      self, latents: types.Latents, action: types.Action
  ) -> chex.Array:
    """Returns shape `[B, K, features]`."""
    nodes, start, end = latents.nodes, action.site[..., 0], action.site[..., 1]
    last = jnp.maximum(latents.mask.sum(axis=1) - 1, 0)[:, None]  # [B, 1]
    # Before the site, its first node, its last node, after it, and all of it.
    looks = [
        functools.partial(_gather, index=jnp.clip(place, 0, last))
        for place in (start - 1, start, end - 1, end)
    ]
    looks.append(functools.partial(_span_mean, start=start, end=end))
    shape = (len(looks) * nodes.shape[-1], self.features)
    kernel = self.param("kernel", nn.initializers.lecun_normal(), shape)
    kernels = jnp.split(kernel, len(looks))
    # Fewer nodes are to be mapped, or the same ones for many blocks of actions.
    if action.kind.shape[1] > nodes.shape[1] or nodes.shape[0] == 1:
      return sum(look(nodes @ w) for look, w in zip(looks, kernels))
    return sum(look(nodes) @ w for look, w in zip(looks, kernels))


class ActionEncoder(nn.Module):
  """Encodes actions by kind, site, arguments, hints, and what these refer to.

  num_hints: hashes of hints; 0 where they are not looked at.
  """
  num_kinds: int
  width: int
  num_heads: int
  num_hints: int = 0

  @nn.compact
  def __call__(
      self, latents: types.Latents, action: types.Action
  ) -> chex.Array:
    """Returns encoded actions, shape `[B, K, H]`."""
    x = nn.Embed(self.num_kinds, self.width)(action.kind)
    x += Site(self.width, name="site")(latents, action)
    x += self._arguments(latents, action) + self._sizes(action)
    if self.num_hints:
      hints = embedding.SetEmbedding(
          self.num_hints, _HINT_WIDTH, _hint_init, name="hints"
      )(action.hints)
      x += nn.Dense(self.width, use_bias=False, name="hinted")(hints)
    seen = Lookup(self.num_heads)(
        normalization.LayerNorm()(x), latents, action
    )
    return x + nn.Dense(self.width, use_bias=False, name="seen")(seen)

  def _arguments(self, latents, action):
    """Sums the arguments, each weighed by its position and its content."""
    is_arg = (action.args > 0).astype(jnp.float32)  # [B, K, A]
    shape = (action.args.shape[-1], latents.symbols.shape[-1])
    scale = self.param("position", nn.initializers.ones, shape)
    count = jnp.maximum(is_arg.sum(axis=-1, keepdims=True), 1.0)
    weight = is_arg / jnp.sqrt(count)
    # One position after another: all rows at once would leave the cache.
    weighed = sum(
        _gather(latents.symbols, action.args[..., i])
        * (weight[..., i, None] * scale[None, None, i])
        for i in range(action.args.shape[-1])
    )
    return nn.Dense(self.width, use_bias=False, name="argument")(weighed)

  def _sizes(self, action):
    """Tells how many nodes an action removes and how many it brings."""
    removed = action.site[..., 1] - action.site[..., 0]
    brought = (action.args > 0).sum(axis=-1)
    sizes = jnp.stack([removed, brought], axis=-1)
    sizes = jnp.minimum(sizes, 16) / 8.0  # [B, K, 2]
    return nn.Dense(self.width, use_bias=False, name="sizes")(sizes)


class FilmPredictor(nn.Module):
  """Residual MLP on the state whose layers the action scales and shifts.

  The output projection starts at zero: the predictor starts as "nothing
  changes".

  is_normed: whether state and action are normalised before they meet, so that
    neither drowns the other.
  """
  num_kinds: int
  hidden: int
  depth: int
  num_heads: int
  num_hints: int = 0
  is_normed: bool = True

  @nn.compact
  def __call__(
      self, latents: types.Latents, action: types.Action
  ) -> chex.Array:
    """Returns `z_tp1_hat` of every action, shape `[B, K, D]`."""
    z_t = latents.z
    chex.assert_rank([z_t, action.kind, action.site, action.args], [2, 2, 3, 3])
    a = ActionEncoder(
        self.num_kinds, self.hidden, self.num_heads, self.num_hints
    )(latents, action)
    x = nn.Dense(self.hidden)(z_t)[:, None, :]  # [B, 1, H]
    if self.is_normed:
      a, x = normalization.LayerNorm()(a), normalization.LayerNorm()(x)
    a = nn.gelu(a)
    x = x + nn.Dense(self.hidden)(a)
    # Zero-initialised: at first a layer treats all actions alike.
    film = nn.Dense(
        2 * self.depth * self.hidden,
        kernel_init=nn.initializers.zeros,
        name="film",
    )
    films = jnp.split(film(a), 2 * self.depth, axis=-1)
    for scale, shift in zip(films[::2], films[1::2]):
      h = nn.Dense(self.hidden)(normalization.LayerNorm()(x))
      x += nn.Dense(self.hidden)(nn.gelu(h * (1.0 + scale) + shift))
    change = nn.Dense(z_t.shape[-1], kernel_init=nn.initializers.zeros)
    return z_t[:, None, :] + change(normalization.LayerNorm()(x))
