"""Action contrast: which of the actions tried here led to this state?

An InfoNCE (van den Oord et al., 2018, arXiv 1807.03748) whose negatives are the
predictions for the *other actions of the same state*. A predictor that ignores
the action cannot lower it, however well it predicts on average.
"""

import chex
import jax
from jax import lax
import jax.numpy as jnp
from jepa.losses import masking

# Mean square of a displacement, per dimension, below which it counts as none:
# latents have about 1.
_MIN_SCALE = 1e-4


def action_contrast_loss(
    z_hat: chex.Array,
    z_next: chex.Array,
    next_action: chex.Array,
    *,
    z_t: chex.Array,
    action_mask: chex.Array,
    next_mask: chex.Array,
    temperature: float = 0.1,
) -> chex.Array:
  """Cross-entropy of the action that led to each next state.

  The logit of action `k` for next state `j` is minus the squared distance from
  `z_hat[k]` to `z_next[j]`, in units of the batch's mean squared displacement
  `|z_next - z_t|^2`. So an edit that moves the latent little is told from its
  siblings as sharply as one that moves it far, and the gradient is finite where
  a predictor starts: at no displacement at all.

  Args:
    z_hat: prediction for each action of the branch, shape `[B, K, D]`.
    z_next: observed next states, shape `[B, J, D]`.
    next_action: which action led to each of them, shape `[B, J]` int.
    z_t: the state that the branch leaves, shape `[B, D]`.
    action_mask: shape `[B, K]` bool, false where an action is padding.
    next_mask: shape `[B, J]` bool, false where a next state is padding.
    temperature: divides the logits.

  Returns:
    The mean over next states of branches with at least two actions, shape
    `[]`; zero if there is none, `log K` for a predictor blind to the action.
  """
  chex.assert_rank([z_hat, z_next], 3)
  chex.assert_equal_shape([z_hat, z_next], dims=(0, 2))
  chex.assert_shape(z_t, (z_hat.shape[0], z_hat.shape[2]))
  chex.assert_shape([next_action, next_mask], z_next.shape[:2])
  chex.assert_shape(action_mask, z_hat.shape[:2])
  logits = _logits(z_hat - z_t[:, None, :], z_next - z_t[:, None, :], next_mask)
  logits = jnp.where(
      action_mask[:, None, :], logits / temperature, masking.FAR_BELOW
  )
  own = next_action[:, :, None]
  of_own = lambda x: jnp.take_along_axis(x, own, axis=-1, mode="clip")[:, :, 0]
  has_siblings = jnp.sum(action_mask, axis=-1, keepdims=True) >= 2
  is_asked = next_mask & of_own(action_mask[:, None, :]) & has_siblings
  return masking.masked_mean(-of_own(jax.nn.log_softmax(logits)), is_asked)


def _logits(predicted, observed, next_mask):
  """Minus squared distances of displacements, `[B, J, K]`, up to a constant.

  The constant, `|observed|^2`, is the same for every action: it is left out.
  """
  scale = masking.masked_mean(jnp.mean(observed**2, axis=-1), next_mask)
  scale = lax.stop_gradient(jnp.maximum(scale, _MIN_SCALE))
  products = jnp.einsum("bjd,bkd->bjk", observed, predicted)
  squares = jnp.sum(predicted**2, axis=-1)[:, None, :]
  return (2 * products - squares) / (scale * predicted.shape[-1])
