"""The training step of `torch_world_model`, written plainly in PyTorch.

For `train_step_benchmark` only. Axes are those of `jepa/types.py`.
"""

from collections.abc import Callable, Mapping

from jepa import types
import ml_collections
import numpy as np
from tests.benchmarks import torch_world_model as twin
import torch
from torch.nn import functional

Tensor = torch.Tensor
_KNOTS = torch.linspace(0, 3, 17)
_GAUSSIAN = torch.exp(-0.5 * _KNOTS**2)
_WEIGHTS = 2 * 3 / 16 * _GAUSSIAN * torch.tensor([0.5] + [1.0] * 15 + [0.5])


def _mean(values: Tensor, mask: Tensor) -> Tensor:
  return (values * mask).sum() / mask.sum().clamp(min=1)


def sigreg(z: Tensor, directions: Tensor) -> Tensor:
  """The published formula, as in `sigreg_benchmark`; directions `[M, D]`."""
  xt = (z @ directions.T).unsqueeze(-1) * _KNOTS
  gap_cos = xt.cos().mean(0) - _GAUSSIAN
  gap_sin = xt.sin().mean(0)
  return len(z) * ((gap_cos**2 + gap_sin**2) @ _WEIGHTS).mean()


def draw_directions(num_slices: int, width: int) -> Tensor:
  return functional.normalize(torch.randn(num_slices, width), dim=1)


def _contrast(said, z_next, batch, temperature):
  z_t = said.z_t.detach()[:, None, :]
  predicted, observed = said.z_tp1_hat - z_t, z_next - z_t
  scale = _mean((observed**2).mean(dim=-1), batch.next_mask).clamp(min=1e-4)
  products = observed @ predicted.transpose(1, 2)  # [B, J, K]
  logits = 2 * products - (predicted**2).sum(dim=-1)[:, None, :]
  logits = logits / (scale.detach() * z_t.shape[-1]) / temperature
  logits = logits.masked_fill(~batch.actions.mask[:, None, :], -1e30)
  own = batch.next_action[..., None]
  loss = -logits.log_softmax(dim=-1).gather(2, own)[..., 0]
  is_action = batch.actions.mask.gather(1, batch.next_action)
  has_siblings = batch.actions.mask.sum(dim=1, keepdim=True) >= 2
  return _mean(loss, batch.next_mask & is_action & has_siblings)


def _ranking(logits, batch):
  mask = batch.outcomes.mask
  is_success = mask & (batch.outcomes.signals[..., 0] > 0.5)
  log_sum = lambda where: logits.masked_fill(~where, -1e30).logsumexp(dim=-1)
  has_both = is_success.any(dim=-1) & (mask & ~is_success).any(dim=-1)
  return _mean(log_sum(mask) - log_sum(is_success), has_both)


def _proposal(log_p, batch):
  is_success = batch.outcomes.mask & (batch.outcomes.signals[..., 0] > 0.5)
  count = is_success.sum(dim=1)  # [B]
  best = log_p.masked_fill(~is_success, -1e30).logsumexp(dim=1)
  return _mean(count.clamp(min=1).log() - best, count > 0)


def loss(
    tensors: Mapping[str, Tensor],
    target: Mapping[str, Tensor],
    batch: types.Branch,
    config: ml_collections.ConfigDict,
    directions: tuple[Tensor, Tensor],
) -> Tensor:
  """Is `step.make_loss` of the `jepa` arm, with an averaged target."""
  said = twin.forward(tensors, batch)
  flat = types.Program(*(x.flatten(0, 1) for x in batch.obs_next))
  with torch.no_grad():
    z_next = twin.encode(twin.Weights(target, "encode/params/"), flat).z
  z_next = z_next.view(*batch.next_mask.shape, -1)
  own = twin.gather(said.z_tp1_hat, batch.next_action)
  executed, signals = batch.outcomes.mask, batch.outcomes.signals
  outcome = functional.binary_cross_entropy_with_logits(
      said.outcome, signals, reduction="none"
  )
  inverse = functional.cross_entropy(
      said.inverse.transpose(1, 2), batch.actions.kind, reduction="none"
  )
  squares = ((own - z_next) ** 2).mean(dim=-1)
  return (
      config.prediction.weight * _mean(squares, batch.next_mask)
      + config.contrast.weight
      * _contrast(said, z_next, batch, config.contrast.temperature)
      + config.sigreg.weight * sigreg(said.z_t, directions[0])
      + config.sigreg.predictor_weight
      * sigreg(said.z_tp1_hat[batch.actions.mask], directions[1])
      + config.inverse.weight * _mean(inverse, batch.actions.mask)
      + config.outcome.weight * _mean(outcome.mean(dim=-1), executed)
      + config.outcome.ranking_weight * _ranking(said.outcome[..., 0], batch)
      + config.proposal.weight * _proposal(said.log_p, batch)
  )


def make_step(
    arrays: Mapping[str, np.ndarray], config: ml_collections.ConfigDict
) -> Callable[[types.Branch], Tensor]:
  """Returns a function that trains on a batch: `step.make_train_step`.

  Args:
    arrays: the weights to start from, under Flax's names.
    config: the experiment.
  """
  tensors = {
      k: torch.tensor(v, requires_grad=True) for k, v in arrays.items()
  }
  target = {
      k: torch.tensor(v) for k, v in arrays.items() if k.startswith("encode/")
  }
  averaged = [list(target.values()), [tensors[k] for k in target]]
  decay = config.optimizer.weight_decay
  optimizer = torch.optim.AdamW(
      [{"params": [x for x in tensors.values() if x.ndim > 1],
        "weight_decay": decay},
       {"params": [x for x in tensors.values() if x.ndim < 2],
        "weight_decay": 0.0}],
      lr=config.optimizer.schedule.peak_value,
      betas=(0.9, config.optimizer.b2), fused=True,
  )
  width = config.model.encoder.width

  def step(batch: types.Branch) -> Tensor:
    batch = _drop_symbols(batch, config.symbol_dropout)
    directions = tuple(
        draw_directions(config.loss.sigreg.num_slices, width) for _ in range(2)
    )
    optimizer.zero_grad(set_to_none=True)
    value = loss(tensors, target, batch, config.loss, directions)
    value.backward()
    torch.nn.utils.clip_grad_norm_(
        tensors.values(), config.optimizer.clip_norm
    )
    optimizer.step()
    with torch.no_grad():
      torch._foreach_lerp_(*averaged, 1.0 - config.loss.target_decay)
    return value.detach()

  return step


def _drop_symbols(batch: types.Branch, rate: float) -> types.Branch:
  """Blanks symbols at random; not the same ones before and after."""
  def drop(program):
    kept = torch.rand(program.symbols.shape[:-1]) >= rate
    return program._replace(symbols=program.symbols * kept[..., None])

  return batch._replace(
      obs_t=drop(batch.obs_t), obs_next=drop(batch.obs_next)
  )
