"""Batches from a TFDS data source, as a pure function of (seed, step).

There is no iterator to save or to restore: the batch of step `s` is the same
whether or not training was interrupted before it.

Attention is what costs, so programs of like length share a batch, which is
trimmed to the shortest of a few lengths that holds it, and to the symbols that
programs of that length have.
"""

from collections.abc import Iterator, Sequence
import functools
from typing import Any, NamedTuple

import jax
from jepa import label_budget
from jepa import types
import numpy as np

_SORTED_BATCHES = 8  # Programs are sorted by length within this many batches.
_SYMBOLS = 16  # Numbers of symbols are rounded up to a multiple of it.


class Source(NamedTuple):
  """A dataset, and what ordering and trimming it need.

  examples: random access to the examples of `jepa.datasets.features`.
  lengths: nodes of the longest program of each example, shape `[examples]`.
  num_symbols: rows of the largest table of symbols of each, with its padding
    row, shape `[examples]`.
  num_labelled: how many come first of which half of every batch is made; 0
    where all are alike.
  """
  examples: Sequence[Any]
  lengths: np.ndarray
  num_symbols: np.ndarray
  num_labelled: int = 0


def make_source(
    examples: Sequence[Any], num_labelled: int = 0, others: str = "absent"
) -> Source:
  """Reads the sizes of every example, once.

  Args:
    examples: of `jepa.datasets.features`.
    num_labelled, others: see `label_budget`; 0 is all of them.

  Raises:
    ValueError: there is no example.
  """
  if not len(examples):
    raise ValueError("The dataset's split has no example: nothing to train on.")
  if num_labelled:
    examples = label_budget.Budgeted(examples, num_labelled, others)
  if num_labelled >= len(examples):  # No other is there.
    num_labelled = 0
  sizes = np.array([(_length(x), _num_symbols(x)) for x in examples])
  return Source(examples, *sizes.T, num_labelled)


def _length(example) -> int:
  return int(
      max(
          example["obs_t"]["mask"].sum(),
          example["obs_next"]["mask"].sum(axis=-1).max(),
      )
  )


def _num_symbols(example) -> int:
  programs = example["obs_t"], example["obs_next"]
  names = [p["nodes"][..., 0] for p in programs] + [example["actions"]["args"]]
  # The last axis is that of pieces, the one before that of symbols.
  said = [np.nonzero(p["symbols"])[-2] for p in programs]
  return 1 + max(int(x.max(initial=0)) for x in (*names, *said))


def _epoch_order(
    lengths: np.ndarray, batch_size: int, seed: int, epoch: int
) -> np.ndarray:
  """Returns the batches of an epoch, shape `[batches, B]`.

  A permutation, sorted by length within chunks, whose batches are then
  permuted within each chunk.
  """
  rng = np.random.default_rng((seed, epoch))
  order = rng.permutation(len(lengths))
  order = order[: len(lengths) // batch_size * batch_size]
  chunks = []
  for start in range(0, len(order), _SORTED_BATCHES * batch_size):
    chunk = order[start : start + _SORTED_BATCHES * batch_size]
    chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
    chunks.append(rng.permutation(chunk.reshape(-1, batch_size)))
  return np.concatenate(chunks)


def make_order(lengths: np.ndarray, *, batch_size: int, seed: int):
  """Returns `step -> [B]` indices of the global batch of that step.

  Raises:
    ValueError: a batch is larger than the dataset.
  """
  per_epoch = len(lengths) // batch_size
  if per_epoch == 0:
    raise ValueError(
        f"batch_size={batch_size} is more than the {len(lengths)} examples of "
        "the split; a batch holds no example twice."
    )

  @functools.lru_cache(maxsize=2)
  def epoch_order(epoch):
    return _epoch_order(lengths, batch_size, seed, epoch)

  def indices(step: int) -> np.ndarray:
    epoch, i = divmod(step, per_epoch)
    return epoch_order(epoch)[i]

  return indices


def order_of(source: Source, batch_size: int, seed: int):
  """Returns `step -> [B]`; half of a batch is labelled if some are not."""
  if not source.num_labelled:
    return make_order(source.lengths, batch_size=batch_size, seed=seed)
  n, half = source.num_labelled, batch_size // 2
  parts = source.lengths[:n], source.lengths[n:]
  labelled, others = (
      make_order(x, batch_size=half, seed=seed) for x in parts
  )
  return label_budget.half_and_half(
      labelled, lambda step: n + others(step), source.lengths, seed
  )


def trimmed_length(length: int, buckets: Sequence[int], room: int) -> int:
  """Returns the smallest of `buckets` that holds `length`, or `room`."""
  return min((b for b in (*buckets, room) if b >= length), default=room)


def symbols_beside(num_nodes: int, source: Source) -> int:
  """Returns how many symbols programs of up to `num_nodes` have, rounded up.

  One number for each length, so that it brings no further program to compile.
  """
  is_held = source.lengths <= num_nodes
  most = int(source.num_symbols[is_held].max(initial=1))
  return -(-most // _SYMBOLS) * _SYMBOLS


def collate(
    examples: Sequence[dict[str, Any]],
    num_nodes: int,
    num_symbols: int | None = None,
    has_pairs: bool = False,
) -> types.Branch:
  """Stacks examples into a host-local batch.

  Args:
    examples: of `jepa.datasets.features`.
    num_nodes: of the batch's programs; what is beyond is cut off.
    num_symbols: of the batch's tables, likewise; by default all.
    has_pairs: whether to tell of pairs of actions, also where none has any.
  """
  stack = lambda *xs: np.stack(xs)
  left_out = ("origin", "meta") if has_pairs else ("origin", "meta", "pairs")
  examples = [
      {k: v for k, v in x.items() if k not in left_out}
      for x in examples
  ]
  if has_pairs:
    examples = [_without_pairs(x) for x in examples]
  x = jax.tree.map(_widen, jax.tree.map(stack, *examples))

  def program(p):
    nodes, mask = p["nodes"][..., :num_nodes, :], p["mask"][..., :num_nodes]
    return types.Program(p["symbols"][..., :num_symbols, :], nodes, mask)

  return types.Branch(
      obs_t=program(x["obs_t"]),
      actions=types.Action(**x["actions"]),
      outcomes=types.Outcome(**x["outcomes"]),
      obs_next=program(x["obs_next"]),
      next_action=x["next_action"],
      next_mask=x["next_mask"],
      pairs=types.Outcome(**x["pairs"]) if has_pairs else None,
  )


def _without_pairs(example):
  """Says of an example that no two of its actions were executed."""
  num_next, signals = len(example["next_mask"]), example["outcomes"]["signals"]
  mask = np.zeros((num_next, len(signals)), np.bool_)
  return {
      "pairs": {
          "signals": np.zeros((num_next, *signals.shape), signals.dtype),
          "mask": mask,
      },
      **example,
  }


def _widen(x: np.ndarray) -> np.ndarray:
  return x.astype(np.int32) if x.dtype == np.int16 else x


def batches(
    source: Source,
    *,
    batch_size: int,
    buckets: Sequence[int],
    seed: int,
    start: int,
    sharding: jax.sharding.NamedSharding,
    has_pairs: bool = False,
) -> Iterator[types.Branch]:
  """Yields global, sharded batches from step `start` on; see `collate`."""
  order = order_of(source, batch_size, seed)
  room = source.examples[0]["obs_t"]["mask"].shape[-1]
  local = slice(jax.process_index(), None, jax.process_count())
  step = start
  while True:
    ids = order(step)
    num_nodes = trimmed_length(source.lengths[ids].max(), buckets, room)
    batch = collate(
        [source.examples[int(i)] for i in ids[local]],
        num_nodes,
        symbols_beside(num_nodes, source),
        has_pairs,
    )
    yield jax.tree.map(
        lambda x: jax.make_array_from_process_local_data(sharding, x), batch
    )
    step += 1
