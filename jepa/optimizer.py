"""The optimiser: AdamW under a warm-up and a cosine."""

import jax
import ml_collections
import optax


def make_optimizer(
    config: ml_collections.ConfigDict,
) -> optax.GradientTransformation:
  """Returns the optimiser; decay spares vectors (biases, norms, gates)."""
  schedule = optax.warmup_cosine_decay_schedule(0.0, **config.schedule)
  return optax.chain(
      optax.clip_by_global_norm(config.clip_norm),
      optax.adamw(
          schedule,
          b2=config.b2,
          weight_decay=config.weight_decay,
          mask=lambda params: jax.tree.map(lambda x: x.ndim > 1, params),
      ),
  )
