"""Compiles as it is fastest on the backend at hand."""

from collections.abc import Callable
import functools
from typing import Any

import jax

# No kernels of YNNPACK. Around them, what would be one loop goes through
# memory: with them, value and gradient of a block of the encoder cost a sixth
# more, and scoring candidates a twentieth.
_ON_CPU = {"xla_cpu_experimental_ynn_fusion_type": ""}


def jit(function: Callable[..., Any], **kwargs: Any) -> Any:
  """Is `jax.jit`, with what this backend's compiler should be told."""
  return jax.jit(function, compiler_options=_options(), **kwargs)


@functools.cache
def _options() -> dict[str, str]:
  if jax.default_backend() != "cpu":
    return {}
  try:
    jax.jit(lambda: 0, compiler_options=_ON_CPU).lower().compile()
  except jax.errors.JaxRuntimeError:
    return {}  # An experiment of XLA's that has ended.
  return _ON_CPU
