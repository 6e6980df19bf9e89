"""From programs to the arrays that baselines look at.

Words and parts are hashed into a fixed number of columns, so that there is no
vocabulary to keep, and words of other programs have a place too.
"""

from collections.abc import Iterable, Sequence
import zlib

from jepa.baselines.orb import inputs
from jepa.domains.orb import census
from jepa.domains.orb import loose_ends
from jepa.domains.orb import program as program_lib
import numpy as np

NUM_WORDS = 256
NUM_PARTS = 256
NUM_FEATURES = 64
NUM_TRAITS = 32  # The first ones; larger programs are rare.


def hashed(texts: Iterable[str], size: int) -> np.ndarray:
  """Returns which columns the texts fall into, shape `[size]`, 0 or 1."""
  row = np.zeros(size, np.float32)
  for text in texts:
    row[zlib.crc32(text.encode("utf-8", "surrogatepass")) % size] = 1.0
  return row


def of_sets(
    words: Sequence[Iterable[str]], parts: Sequence[Iterable[str]]
) -> inputs.Composition:
  """Returns the composition of programs, given as words and parts."""
  return inputs.Composition(
      words=np.stack([hashed(w, NUM_WORDS) for w in words]),
      parts=np.stack([hashed(p, NUM_PARTS) for p in parts]),
  )


def parts(program: program_lib.Program) -> list[str]:
  """Returns the subjects and behaviours of a program's orbitals."""
  return [
      part
      for _, orbital in program_lib.orbitals(program)
      for part in (census.subject(orbital), *census.behaviors(orbital))
  ]


def of_wiring(
    programs: Sequence[program_lib.Program],
) -> inputs.Composition:
  """Returns the traits and wires of programs."""
  graphs = [_graph(program) for program in programs]
  return inputs.Composition(
      nodes=np.stack([nodes for nodes, _ in graphs]),
      wires=np.stack([wires for _, wires in graphs]),
  )


def _graph(program) -> tuple[np.ndarray, np.ndarray]:
  nodes = np.zeros((NUM_TRAITS, NUM_FEATURES), np.float32)
  wires = np.zeros((NUM_TRAITS, NUM_TRAITS), np.float32)
  traits = list(program_lib.traits(program))[:NUM_TRAITS]
  for i, (path, trait) in enumerate(traits):
    orbital = program_lib.get(program, path[:2])
    behavior = census.behavior(trait, orbital)
    words = [behavior, *behavior.split("-"), f"in {path[1]}", "trait"]
    nodes[i] = hashed(words, NUM_FEATURES)
  for source, target, _ in wiring(program):
    if source < NUM_TRAITS and target < NUM_TRAITS:
      wires[source, target] = 1.0
  return nodes, wires


def wiring(
    program: program_lib.Program,
) -> list[tuple[int, int, program_lib.Path]]:
  """Returns emitter, listener and the listener's path, for every wire.

  Traits are numbered in order of appearance. A listener that names its source
  hears that trait only.
  """
  traits = list(program_lib.traits(program))
  emitted = [loose_ends.emitted(trait) for _, trait in traits]
  found = []
  for target, (path, trait) in enumerate(traits):
    for i, listener in loose_ends.dicts(trait.get("listens")):
      event = listener.get("event")
      named = program_lib.find(listener, ("source", "trait"))
      for source, (_, other) in enumerate(traits):
        is_meant = named is None or other.get("name") == named
        if source != target and event in emitted[source] and is_meant:
          found.append((source, target, (*path, "listens", i)))
  return found
