"""The world model, written plainly in PyTorch.

For `train_step_benchmark` only. Weights are a flat dictionary under the names
that Flax gives them, so both sides start from the same ones and can be compared
number by number. Axes are those of `jepa/types.py`.
"""

from collections.abc import Mapping
import itertools
from typing import Any, NamedTuple

from jepa import types
import numpy as np
import torch
from torch.nn import functional

Tensor = torch.Tensor
_FAR = 32
_FAR_BELOW = -1e9


class Predicted(NamedTuple):
  """What the model says of a batch: shapes as in `models.WorldModel`."""
  z_t: Tensor
  z_tp1_hat: Tensor
  outcome: Tensor
  inverse: Tensor
  log_p: Tensor


class Weights:
  """A view of a dictionary of tensors below a prefix, as modules nest."""

  def __init__(self, tensors: Mapping[str, Tensor], prefix: str = ""):
    self._tensors, self._prefix = tensors, prefix

  def __getitem__(self, name: str) -> Tensor:
    return self._tensors[self._prefix + name]

  def __contains__(self, name: str) -> bool:
    return self._prefix + name in self._tensors

  def below(self, name: str) -> "Weights":
    return Weights(self._tensors, f"{self._prefix}{name}/")

  def dense(self, name: str, x: Tensor) -> Tensor:
    own = self.below(name)
    bias = own["bias"] if "bias" in own else None
    return functional.linear(x, own["kernel"].T, bias)

  def norm(self, name: str, x: Tensor) -> Tensor:
    own = self.below(name)
    return functional.layer_norm(
        x, x.shape[-1:], own["scale"], own["bias"], eps=1e-6
    )

  def embed(self, name: str, index: Tensor) -> Tensor:
    return functional.embedding(index, self.below(name)["embedding"])

  def embed_set(self, name: str, members: Tensor) -> Tensor:
    """Sums embeddings over the last axis; member 0 pads."""
    sums = functional.embedding_bag(
        members.flatten(0, -2),
        self.below(name)["embedding"],
        mode="sum",
        padding_idx=0,
    )
    return sums.view(*members.shape[:-1], -1)


def to_tensors(tree: Any) -> Any:
  """Returns a named tuple of arrays as one of tensors; integers as int64."""
  if tree is None:
    return None
  if isinstance(tree, tuple):
    return type(tree)(*map(to_tensors, tree))
  x = torch.tensor(np.array(tree))
  return x.long() if x.dtype == torch.int32 else x


def _gelu(x: Tensor) -> Tensor:
  return functional.gelu(x, approximate="tanh")


def gather(x: Tensor, index: Tensor) -> Tensor:
  """Gathers rows of `[B, N, D]` by `[B, K]`: `[B, K, D]`."""
  first = torch.arange(len(x))[:, None] * x.shape[1]
  return functional.embedding(index + first, x.reshape(-1, x.shape[-1]))


def _bias(near: Tensor, distance: Tensor) -> Tensor:
  """Looks biases `[H, distances]` up: shape `[*distance.shape, H]`."""
  index = distance.clamp(-_FAR, _FAR) + _FAR
  return functional.embedding(index, near.T)


def _attention(w: Weights, x: Tensor, mask: Tensor, is_same: Tensor) -> Tensor:
  batch_size, num_nodes, width = x.shape
  near = w["distance"]
  split = lambda y: y.view(
      batch_size, num_nodes, len(near), -1
  ).transpose(1, 2)  # [B, H, N, D / H]
  q, k, v = map(split, w.dense("Dense_0", x).chunk(3, dim=-1))
  place = torch.arange(num_nodes)
  bias = _bias(near, place[None, :] - place[:, None]).permute(2, 0, 1)
  gate = w.dense("Dense_1", x).transpose(1, 2)[..., None]  # [B, H, N, 1]
  scores = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3)
  scores = scores + bias + gate * is_same[:, None].to(x.dtype)
  scores = scores.masked_fill(~mask[:, None, None, :], _FAR_BELOW)
  attended = (scores.softmax(dim=-1) @ v).transpose(1, 2)
  return w.dense("Dense_2", attended.reshape(batch_size, num_nodes, width))


def _block(w: Weights, x: Tensor, mask: Tensor, is_same: Tensor) -> Tensor:
  x = x + _attention(
      w.below("Attention_0"), w.norm("LayerNorm_0", x), mask, is_same
  )
  h = functional.relu(w.dense("Dense_0", w.norm("LayerNorm_1", x)))
  return x + w.dense("Dense_1", h)


def encode(w: Weights, program: types.Program) -> types.Latents:
  """Is `models.encoder.Encoder`."""
  nodes, mask = program.nodes, program.mask
  symbols = w.embed_set("symbols", program.symbols)
  symbol = nodes[..., 0]
  x = gather(symbols, symbol)
  for i in range(nodes.shape[-1] - 1):
    x = x + w.embed(f"Embed_{i}", nodes[..., 1 + i])
  is_same = symbol[:, :, None] == symbol[:, None, :]
  for i in itertools.count():
    if f"Block_{i}/Dense_0/kernel" not in w:
      break
    x = _block(w.below(f"Block_{i}"), x, mask, is_same)
  x = w.norm("LayerNorm_0", x) * mask[..., None]
  readout = w.below("Readout_0")
  scores = readout.dense("Dense_0", x)
  scores = scores.masked_fill(~mask[..., None], _FAR_BELOW).softmax(dim=1)
  pooled = scores.transpose(1, 2) @ x  # [B, Q, D]
  is_use = symbol[:, None, :] == torch.arange(symbols.shape[1])[None, :, None]
  is_use = (is_use & mask[:, None, :]).to(x.dtype)  # [B, U, N]
  count = is_use.sum(dim=-1, keepdim=True)
  uses = (is_use @ x) / count.clamp(min=1.0)
  return types.Latents(
      z=readout.dense("Dense_1", pooled.flatten(1)),
      nodes=x,
      rows=symbol,
      symbols=torch.cat([symbols, uses, count.clamp(max=1.0)], dim=-1),
      mask=mask,
  )


def _encode_actions(
    w: Weights, latents: types.Latents, action: types.Action
) -> Tensor:
  nodes, (start, end) = latents.nodes, action.site.unbind(dim=-1)
  last = (latents.mask.sum(dim=1) - 1).clamp(min=0)[:, None]
  site = [
      gather(nodes, torch.minimum(place.clamp(min=0), last))
      for place in (start - 1, start, end - 1, end)
  ]
  place = torch.arange(nodes.shape[1])[None, None, :]
  is_in = (place >= start[..., None]) & (place < end[..., None])
  length = (end - start).clamp(min=1)[..., None]
  site = torch.cat([*site, (is_in.to(nodes.dtype) @ nodes) / length], dim=-1)
  x = w.embed("Embed_0", action.kind) + w.dense("site", site)
  x = x + _arguments(w, latents, action) + _sizes(w, action)
  x = x + w.dense("hinted", w.embed_set("hints", action.hints))
  seen = _look_up(
      w.below("Lookup_0"), w.norm("LayerNorm_0", x), latents, action
  )
  return x + w.dense("seen", seen)


def _arguments(w, latents, action):
  is_arg = (action.args > 0).to(latents.nodes.dtype)  # [B, K, A]
  rows = gather(latents.symbols, action.args.flatten(1))
  rows = rows.view(*action.args.shape, -1)
  weighed = (rows * w["position"] * is_arg[..., None]).sum(dim=2)
  count = is_arg.sum(dim=-1, keepdim=True).clamp(min=1.0)
  return w.dense("argument", weighed / count.sqrt())


def _sizes(w, action):
  removed = action.site[..., 1] - action.site[..., 0]
  brought = (action.args > 0).sum(dim=-1)
  sizes = torch.stack([removed, brought], dim=-1).clamp(max=16) / 8.0
  return w.dense("sizes", sizes)


def _look_up(w, x, latents, action):
  near, width = w["distance"], latents.nodes.shape[-1]
  split = lambda y: y.view(*y.shape[:2], len(near), -1).transpose(1, 2)
  q = split(w.dense("q", x)) * (width / len(near)) ** -0.5  # [B, H, K, .]
  k, v = (split(w.dense(name, latents.nodes)) for name in "kv")
  place = torch.arange(latents.nodes.shape[1])[None, None, :]
  bias = _bias(near, place - action.site[..., :1])  # [B, K, N, H]
  is_named = action.args[..., None] == latents.rows[:, None, None, :]
  is_named = is_named & (action.args > 0)[..., None]  # [B, K, A, N]
  named = is_named.to(x.dtype).transpose(2, 3) @ w["same"]
  scores = q @ k.transpose(2, 3) + (bias + named).permute(0, 3, 1, 2)
  scores = scores.masked_fill(~latents.mask[:, None, None, :], _FAR_BELOW)
  seen = (scores.softmax(dim=-1) @ v).transpose(1, 2)
  return seen.reshape(*x.shape[:2], width)


def predict(
    w: Weights, latents: types.Latents, action: types.Action
) -> Tensor:
  """Is `models.predictor.FilmPredictor`."""
  a = _encode_actions(w.below("ActionEncoder_0"), latents, action)
  a = _gelu(w.norm("LayerNorm_0", a))
  x = w.norm("LayerNorm_1", w.dense("Dense_0", latents.z))[:, None, :]
  x = x + w.dense("Dense_1", a)
  films = w.dense("film", a).split(2 * x.shape[-1], dim=-1)
  for i, film in enumerate(films):
    scale, shift = film.chunk(2, dim=-1)
    h = w.dense(f"Dense_{2 + 2 * i}", w.norm(f"LayerNorm_{2 + i}", x))
    h = _gelu(h * (1.0 + scale) + shift)
    x = x + w.dense(f"Dense_{3 + 2 * i}", h)
  x = w.norm(f"LayerNorm_{2 + len(films)}", x)
  return latents.z[:, None, :] + w.dense(f"Dense_{2 + 2 * len(films)}", x)


def _head(w: Weights, z_t: Tensor, z_tp1: Tensor) -> Tensor:
  before, after, change = w.below("Pair_0")["kernel"].chunk(3)
  h = (z_t @ (before - change) + w.below("Pair_0")["bias"])[:, None, :]
  return w.dense("Dense_0", _gelu(h + z_tp1 @ (after + change)))


def propose(w: Weights, latents: types.Latents) -> Tensor:
  """Is `models.proposal.ProposalHead`."""
  z = latents.z[:, None, :].expand_as(latents.nodes)
  h = _gelu(w.dense("Dense_0", torch.cat([latents.nodes, z], dim=-1)))
  logits = w.dense("Dense_1", h)
  logits = logits.masked_fill(~latents.mask[..., None], _FAR_BELOW)
  return logits.flatten(1).log_softmax(dim=-1).view(logits.shape)


def _of_actions(proposed: Tensor, actions: types.Action) -> Tensor:
  num_nodes, num_kinds = proposed.shape[1:]
  place = actions.site[..., 0].clamp(0, num_nodes - 1)
  return proposed.flatten(1).gather(1, place * num_kinds + actions.kind)


def forward(tensors: Mapping[str, Tensor], batch: types.Branch) -> Predicted:
  part = lambda name: Weights(tensors, f"{name}/params/")
  latents = encode(part("encode"), batch.obs_t)
  actions = batch.actions
  z_tp1_hat = predict(part("predict"), latents, actions)
  proposed = propose(part("propose"), latents)
  log_p = _of_actions(proposed, actions)
  even = torch.log(latents.mask.sum(dim=-1) * proposed.shape[-1])[:, None]
  hinted = part("hint").embed_set("SetEmbedding_0", actions.hints)[..., 0]
  outcome = _head(part("outcome"), latents.z, z_tp1_hat)
  success = outcome[..., :1] + (log_p + even + 8.0 * hinted)[..., None]
  return Predicted(
      latents.z,
      z_tp1_hat,
      torch.cat([success, outcome[..., 1:]], dim=-1),
      _head(part("inverse"), latents.z, z_tp1_hat),
      log_p,
  )
