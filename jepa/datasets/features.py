"""Branches as fixed-size arrays: the on-disk form that all worlds share."""

import dataclasses
from typing import Any

from jepa.domains import base
from jepa.domains import symbols as symbols_lib
import numpy as np
import tensorflow_datasets.public_api as tfds

# Indices and categories are small; the input pipeline widens them to int32.
_INT = np.int16


class SizeError(ValueError):
  """A branch has more of something than the dataset's arrays can hold."""


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
    vocabulary: base.Vocabulary, sizes: Sizes
) -> tfds.features.FeaturesDict:
  """Returns the features of one `types.Branch`, without the batch axis."""
  tensor = tfds.features.Tensor
  k, s = sizes.num_candidates, len(vocabulary.signals)

  def program(*axes):
    u = (*axes, sizes.num_symbols, vocabulary.num_pieces)
    n = (*axes, sizes.num_nodes, 1 + len(vocabulary.node_features))
    return tfds.features.FeaturesDict({
        "symbols": tensor(shape=u, dtype=_INT),
        "nodes": tensor(shape=n, dtype=_INT),
        "mask": tensor(shape=n[:-1], dtype=np.bool_),
    })

  return tfds.features.FeaturesDict({
      "obs_t": program(),
      "actions": tfds.features.FeaturesDict({
          "kind": tensor(shape=(k,), dtype=_INT),
          "site": tensor(shape=(k, 2), dtype=_INT),
          "args": tensor(shape=(k, vocabulary.num_args), dtype=_INT),
          "mask": tensor(shape=(k,), dtype=np.bool_),
      }),
      "outcomes": tfds.features.FeaturesDict({
          "signals": tensor(shape=(k, s), dtype=np.float32),
          "mask": tensor(shape=(k,), dtype=np.bool_),
      }),
      "obs_next": program(sizes.num_next),
      "next_action": tensor(shape=(sizes.num_next,), dtype=_INT),
      "next_mask": tensor(shape=(sizes.num_next,), dtype=np.bool_),
      "origin": tfds.features.Text(),
      "meta": tfds.features.Text(),
  })


def encode_observation(
    observation: base.Observation,
    vocabulary: base.Vocabulary,
    *,
    num_nodes: int,
    num_symbols: int,
) -> dict[str, np.ndarray]:
  """Pads an observation to `types.Program` without the batch axis.

  Raises:
    SizeError: there are more nodes or symbols than room.
    VocabularyError: a node feature is outside the size that the vocabulary
      gives it.
  """
  _check_room("nodes", len(observation.nodes), num_nodes)
  _check_room("symbols", len(observation.symbols), num_symbols)
  symbols = np.zeros((num_symbols, vocabulary.num_pieces), _INT)
  for i, text in enumerate(observation.symbols):
    symbols[i] = symbols_lib.pieces(
        text,
        num_hashes=vocabulary.num_hashes,
        num_pieces=vocabulary.num_pieces,
    )
  nodes = np.zeros((num_nodes, 1 + len(vocabulary.node_features)), _INT)
  if observation.nodes:
    nodes[: len(observation.nodes)] = observation.nodes
  _check_features(nodes, len(observation.symbols), vocabulary)
  mask = np.arange(num_nodes) < len(observation.nodes)
  return {"symbols": symbols, "nodes": nodes, "mask": mask}


def encode_candidates(
    candidates: tuple[base.Candidate, ...],
    vocabulary: base.Vocabulary,
    *,
    num_candidates: int,
) -> dict[str, np.ndarray]:
  """Pads candidates to `types.Action` without the batch axis.

  Arguments past the vocabulary's `num_args` are dropped.
  """
  _check_room("candidates", len(candidates), num_candidates)
  kind = np.zeros(num_candidates, _INT)
  site = np.zeros((num_candidates, 2), _INT)
  args = np.zeros((num_candidates, vocabulary.num_args), _INT)
  for i, c in enumerate(candidates):
    kind[i] = c.kind
    site[i] = c.start, c.end
    kept = c.args[: vocabulary.num_args]
    args[i, : len(kept)] = kept
  mask = np.arange(num_candidates) < len(candidates)
  return {"kind": kind, "site": site, "args": args, "mask": mask}


def encode_branch(
    branch: base.Branch, vocabulary: base.Vocabulary, sizes: Sizes, meta: str
) -> dict[str, Any]:
  """Returns the example that `branch_features` describes.

  Args:
    branch: what the world generated.
    vocabulary: of the same world.
    sizes: the room of the dataset.
    meta: JSON text kept beside the arrays, for readers.

  Raises:
    SizeError: the branch does not fit.
    VocabularyError: the branch is not of this vocabulary.
  """
  room = dict(num_nodes=sizes.num_nodes, num_symbols=sizes.num_symbols)
  _check_room("next states", len(branch.next_states), sizes.num_next)
  signals = np.zeros(
      (sizes.num_candidates, len(vocabulary.signals)), np.float32
  )
  executed = np.zeros(sizes.num_candidates, np.bool_)
  for i, row in enumerate(branch.signals):
    signals[i] = row
    executed[i] = True

  empty = base.Observation(symbols=("",), nodes=())
  padding = [(0, empty)] * (sizes.num_next - len(branch.next_states))
  following = [*branch.next_states, *padding]
  encoded = [encode_observation(o, vocabulary, **room) for _, o in following]
  return {
      "obs_t": encode_observation(branch.state, vocabulary, **room),
      "actions": encode_candidates(
          branch.candidates, vocabulary, num_candidates=sizes.num_candidates
      ),
      "outcomes": {"signals": signals, "mask": executed},
      "obs_next": {
          key: np.stack([x[key] for x in encoded]) for key in encoded[0]
      },
      "next_action": np.array([i for i, _ in following], _INT),
      "next_mask": np.arange(sizes.num_next) < len(branch.next_states),
      "origin": branch.origin,
      "meta": meta,
  }


def _check_room(what: str, count: int, room: int) -> None:
  if count > room:
    raise SizeError(f"{count} {what} do not fit into {room}.")


def _check_features(nodes, num_symbols, vocabulary) -> None:
  names = ["symbol", *(name for name, _ in vocabulary.node_features)]
  limits = np.array([num_symbols, *(n for _, n in vocabulary.node_features)])
  wrong = np.argwhere((nodes < 0) | (nodes >= limits[None, :]))
  if len(wrong):
    node, feature = wrong[0]
    raise base.VocabularyError(
        f"node {node} has {names[feature]}={nodes[node, feature]}, outside "
        f"[0, {limits[feature]}) of world {vocabulary.world!r}."
    )
