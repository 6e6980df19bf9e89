"""Branches as fixed-size arrays: the on-disk form that all worlds share."""

import dataclasses
from typing import Any

from jepa import encoding
from jepa.domains import base
import numpy as np
import tensorflow_datasets.public_api as tfds


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sizes:
  """How much room an example has; the axes of `jepa.types`.

  num_nodes: nodes of a program, `N`.
  num_symbols: rows of a symbol table with its padding row, `U`.
  num_candidates: actions of a state, `K`.
  num_next: next observations, `J`.
  """
  num_nodes: int = 256
  num_symbols: int = 224
  num_candidates: int = 24
  num_next: int = 2


def branch_features(
    vocabulary: base.Vocabulary, sizes: Sizes, has_pairs: bool = False
) -> tfds.features.FeaturesDict:
  """Returns the features of one `types.Branch`, without the batch axis.

  Args:
    vocabulary: of the world.
    sizes: the room of the dataset.
    has_pairs: whether second actions were tried after first ones.
  """
  tensor = tfds.features.Tensor
  k, s = sizes.num_candidates, len(vocabulary.signals)

  def program(*axes):
    u = (*axes, sizes.num_symbols, vocabulary.num_pieces)
    n = (*axes, sizes.num_nodes, 1 + len(vocabulary.node_features))
    return tfds.features.FeaturesDict({
        "symbols": tensor(shape=u, dtype=encoding.INT),
        "nodes": tensor(shape=n, dtype=encoding.INT),
        "mask": tensor(shape=n[:-1], dtype=np.bool_),
    })

  actions = {
      "kind": tensor(shape=(k,), dtype=encoding.INT),
      "site": tensor(shape=(k, 2), dtype=encoding.INT),
      "args": tensor(shape=(k, vocabulary.num_args), dtype=encoding.INT),
      "mask": tensor(shape=(k,), dtype=np.bool_),
  }
  if vocabulary.num_hints:
    actions["hints"] = tensor(
        shape=(k, vocabulary.num_hints), dtype=encoding.INT
    )

  def outcomes(*axes):
    return tfds.features.FeaturesDict({
        "signals": tensor(shape=(*axes, k, s), dtype=np.float32),
        "mask": tensor(shape=(*axes, k), dtype=np.bool_),
    })

  pairs = {"pairs": outcomes(sizes.num_next)} if has_pairs else {}
  return tfds.features.FeaturesDict({
      "obs_t": program(),
      "actions": tfds.features.FeaturesDict(actions),
      "outcomes": outcomes(),
      **pairs,
      "obs_next": program(sizes.num_next),
      "next_action": tensor(shape=(sizes.num_next,), dtype=encoding.INT),
      "next_mask": tensor(shape=(sizes.num_next,), dtype=np.bool_),
      "origin": tfds.features.Text(),
      "meta": tfds.features.Text(),
  })


def encode_branch(
    branch: base.Branch, vocabulary: base.Vocabulary, sizes: Sizes, meta: str,
    has_pairs: bool = False,
) -> dict[str, Any]:
  """Returns the example that `branch_features` describes.

  Args:
    branch: what the world generated.
    vocabulary: of the same world.
    sizes: the room of the dataset.
    meta: JSON text kept beside the arrays, for readers.
    has_pairs: whether there is room for second actions.

  Raises:
    SizeError: the branch does not fit.
    VocabularyError: the branch is not of this vocabulary.
  """
  room = dict(num_nodes=sizes.num_nodes, num_symbols=sizes.num_symbols)
  encoding.check_room("next states", len(branch.next_states), sizes.num_next)
  no_row = ((),) * (sizes.num_next - len(branch.pair_signals))
  pairs = {"pairs": _stack([
      _encode_signals(row, vocabulary, sizes)
      for row in (*branch.pair_signals, *no_row)
  ])} if has_pairs else {}
  empty = base.Observation(symbols=("",), nodes=())
  padding = [(0, empty)] * (sizes.num_next - len(branch.next_states))
  following = [*branch.next_states, *padding]
  encoded = [
      encoding.encode_observation(o, vocabulary, **room) for _, o in following
  ]
  return {
      "obs_t": encoding.encode_observation(branch.state, vocabulary, **room),
      "actions": encoding.encode_candidates(
          branch.candidates, vocabulary, num_candidates=sizes.num_candidates
      ),
      "outcomes": _encode_signals(branch.signals, vocabulary, sizes),
      **pairs,
      "obs_next": _stack(encoded),
      "next_action": np.array([i for i, _ in following], encoding.INT),
      "next_mask": np.arange(sizes.num_next) < len(branch.next_states),
      "origin": branch.origin,
      "meta": meta,
  }


def _encode_signals(rows, vocabulary, sizes) -> dict[str, np.ndarray]:
  """Pads the signals of candidates; a row that is None was not executed."""
  signals = np.zeros(
      (sizes.num_candidates, len(vocabulary.signals)), np.float32
  )
  mask = np.zeros(sizes.num_candidates, np.bool_)
  for i, row in enumerate(rows):
    if row is not None:
      signals[i], mask[i] = row, True
  return {"signals": signals, "mask": mask}


def _stack(encoded) -> dict[str, np.ndarray]:
  return {key: np.stack([x[key] for x in encoded]) for key in encoded[0]}
