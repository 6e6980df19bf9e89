"""From a world's plain records to padded arrays."""

from collections.abc import Sequence
import itertools

from jepa.domains import base
from jepa.domains import symbols as symbols_lib
import numpy as np

# Indices and categories are small; the input pipeline widens them to int32.
INT = np.int16


class SizeError(ValueError):
  """A state has more of something than the arrays have room for."""


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
  check_room("nodes", len(observation.nodes), num_nodes)
  check_room("symbols", len(observation.symbols), num_symbols)
  symbols = np.zeros((num_symbols, vocabulary.num_pieces), INT)
  for i, text in enumerate(observation.symbols):
    symbols[i] = symbols_lib.pieces(
        text,
        num_hashes=vocabulary.num_hashes,
        num_pieces=vocabulary.num_pieces,
    )
  nodes = np.zeros((num_nodes, 1 + len(vocabulary.node_features)), INT)
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

  Arguments past the vocabulary's `num_args` are dropped, and so are hints past
  its `num_hints`.
  """
  check_room("candidates", len(candidates), num_candidates)
  columns = {
      "kind": ([(c.kind,) for c in candidates], 1),
      "site": ([(c.start, c.end) for c in candidates], 2),
      "args": ([c.args for c in candidates], vocabulary.num_args),
      "hints": ([c.hints for c in candidates], vocabulary.num_hints),
  }
  encoded = {
      name: _pad(rows, num_candidates, width)
      for name, (rows, width) in columns.items() if width
  }
  encoded["kind"] = encoded["kind"][:, 0]
  encoded["mask"] = np.arange(num_candidates) < len(candidates)
  return encoded


def _pad(
    rows: Sequence[tuple[int, ...]], num_rows: int, width: int
) -> np.ndarray:
  """Returns rows of any length in an array, cut or padded with zeros."""
  rows = [row if len(row) <= width else row[:width] for row in rows]
  lengths = np.fromiter(map(len, rows), np.intp, len(rows))
  is_filled = np.arange(width) < lengths[:, None]
  padded = np.zeros((num_rows, width), INT)
  flat = itertools.chain.from_iterable(rows)
  padded[: len(rows)][is_filled] = np.fromiter(flat, INT, lengths.sum())
  return padded


def check_room(what: str, count: int, room: int) -> None:
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
