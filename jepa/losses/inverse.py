"""Inverse dynamics: which action links a state to the one predicted after it?

Fed with `(z_t, z_tp1_hat)`, not with two encoded states: a program before and
after an edit tells the edit by mere comparison, whereas the prediction tells it
only if the predictor used the action. Without such a term world models of this
family drift to slow features (PLDM, Sobal et al., 2025; EB-JEPA's ablation).
"""

import chex
import jax.numpy as jnp
from jepa.losses import masking
import optax


def kind_loss(
    logits: chex.Array, kind: chex.Array, mask: chex.Array
) -> chex.Array:
  """Cross-entropy of the kinds of actions.

  Args:
    logits: shape `[B, K, C]`, over the `C` kinds of the vocabulary.
    kind: the kind of each action, shape `[B, K]` int.
    mask: shape `[B, K]` bool, false where an action is padding.

  Returns:
    The mean over actions, shape `[]`; zero if there is none.
  """
  chex.assert_rank(logits, 3)
  chex.assert_shape([kind, mask], logits.shape[:2])
  loss = optax.softmax_cross_entropy_with_integer_labels(logits, kind)
  return masking.masked_mean(loss, mask)


def site_loss(
    logits: chex.Array,
    site: chex.Array,
    *,
    node_mask: chex.Array,
    mask: chex.Array,
) -> chex.Array:
  """Cross-entropy of the nodes at which actions take place.

  An action that appends takes place past the last node; no node can be named
  for it, and it is left out.

  Args:
    logits: shape `[B, K, N]`, over the nodes of the state.
    site: the first node each action touches, shape `[B, K]` int.
    node_mask: shape `[B, N]` bool, false where a node is padding.
    mask: shape `[B, K]` bool, false where an action is padding.

  Returns:
    The mean over actions that have a node, shape `[]`; zero if there is none.
  """
  chex.assert_rank(logits, 3)
  chex.assert_shape([site, mask], logits.shape[:2])
  chex.assert_shape(node_mask, (logits.shape[0], logits.shape[2]))
  logits = jnp.where(node_mask[:, None, :], logits, masking.FAR_BELOW)
  has_node = jnp.take_along_axis(
      node_mask, site, axis=1, mode="fill", fill_value=False
  )
  site = jnp.where(has_node, site, 0)
  loss = optax.softmax_cross_entropy_with_integer_labels(logits, site)
  return masking.masked_mean(loss, mask & has_node)
