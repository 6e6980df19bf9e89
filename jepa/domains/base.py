"""What every world shares: its vocabulary, and the plain form of its branches.

Pure Python: no array library is imported here, so that a world can be read,
tested and executed without the model.
"""

import dataclasses
import hashlib
import json
from typing import Any, NamedTuple


class VocabularyError(ValueError):
  """A model and a world, or two datasets, do not speak the same vocabulary."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Vocabulary:
  """All that a model must agree on with the world that feeds it.

  world: name of the world.
  version: raised when the meaning of any feature changes.
  kinds: names of the action kinds; an action's kind is an index here.
  signals: names of the verifier's signals; the first is success.
  node_features: name and size of each node feature after the symbol.
  num_hashes: symbols' pieces are in `[0, num_hashes)`, 0 being padding.
  num_pieces: pieces of a symbol, `G`.
  num_args: arguments of an action at the most, `A`.
  num_hints: hints of an action at the most, `H`; 0 where a world has none.
  num_hint_hashes: hints are in `[0, num_hint_hashes)`, 0 being padding.
  """
  world: str
  version: int
  kinds: tuple[str, ...]
  signals: tuple[str, ...]
  node_features: tuple[tuple[str, int], ...]
  num_hashes: int
  num_pieces: int
  num_args: int
  num_hints: int = 0
  num_hint_hashes: int = 0

  def to_json(self) -> dict[str, Any]:
    """Leaves out what a world does not have."""
    known = json.loads(json.dumps(dataclasses.asdict(self)))
    return {k: v for k, v in known.items() if v != 0}

  @property
  def fingerprint(self) -> str:
    """A hash of every field: equal if and only if the vocabularies are."""
    text = json.dumps(self.to_json(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Observation:
  """An encoded state in plain lists, not yet padded.

  symbols: text of each symbol; index 0 is padding, the empty string.
  nodes: for each node, its symbol's index and then the node features.
  """
  symbols: tuple[str, ...]
  nodes: tuple[tuple[int, ...], ...]


class Candidate(NamedTuple):
  """An encoded action: kind, half-open span of nodes, argument symbols.

  There are thousands in a state, and a tuple is made in half the time.

  args: indices into the symbols of the state that the action is taken in.
  hints: hashes of what the world says of state and action together.
  """
  kind: int
  start: int
  end: int
  args: tuple[int, ...]
  hints: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Branch:
  """One state, the candidates executed in it, and some states that followed.

  signals: for each candidate, the verifier's signals, each in [0, 1].
  next_states: pairs of a candidate's index and the state after it.
  origin: package or program that the state comes from: the unit of splitting.
  meta: anything a reader may want back, JSON-serialisable.
  pair_signals: for each of `next_states` the signals of each candidate after
    it, against the first state, None where it was not executed; empty where no
    second action was tried.
  """
  state: Observation
  candidates: tuple[Candidate, ...]
  signals: tuple[tuple[float, ...], ...]
  next_states: tuple[tuple[int, Observation], ...]
  origin: str
  meta: dict[str, Any]
  pair_signals: tuple[tuple[tuple[float, ...] | None, ...], ...] = ()
