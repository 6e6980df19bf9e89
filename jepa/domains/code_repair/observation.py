"""A function under repair and the evidence against it, as nodes with features.

The function's tokens come first, each at its index in `Function.tokens`, so
that the span of an edit is its site among the nodes. Then come the clues.
"""

from collections.abc import Iterable, Iterator
import dataclasses
import functools
import itertools

from jepa.domains import base
from jepa.domains import symbols as symbols_lib
from jepa.domains.code_repair import clues
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import hints
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import nodes
from jepa.domains.code_repair import tries
from jepa.domains.code_repair import values as values_lib

NODE_FEATURES = nodes.NODE_FEATURES
ROLES = nodes.ROLES
State = nodes.State

_NO_LIMIT = 1 << 30
_VARIABLES = frozenset(("name_load", "name_store", "parameter", "call_name"))


def encode_state(
    state: State, max_nodes: int | None = None
) -> base.Observation:
  """Returns the nodes of `state`, at most `max_nodes` where that is given.

  To have the model take a failed attempt into account, encode the state again
  with one more of `State.tried`.

  Raises:
    ValueError: the function alone has more than `max_nodes` tokens.
  """
  tokens = state.function.tokens
  if max_nodes is not None and len(tokens) > max_nodes:
    raise ValueError(
        f"{state.function.qualname} has {len(tokens)} tokens, more than the "
        f"{max_nodes} nodes of an observation."
    )
  found = list(_function_nodes(state))
  for part in clues.PARTS:
    room = _NO_LIMIT if max_nodes is None else max_nodes - len(found)
    found.extend(itertools.islice(part(state, room), room))
  table = symbols_lib.SymbolTable()
  rows = tuple(n.row(table.add(n.text)) for n in found)
  return base.Observation(symbols=table.texts(), nodes=rows)


def encode_candidates(
    edits: Iterable[edits_lib.Edit],
    observation: base.Observation,
    state: State,
) -> tuple[base.Observation, tuple[base.Candidate, ...]]:
  """Encodes edits of the observed function.

  Args:
    edits: to be encoded.
    observation: of `state`.
    state: what the hints are read off.

  Returns:
    The observation with the symbols of all inserted tokens added, and the
    candidates, whose arguments are rows of those symbols.
  """
  table = symbols_lib.SymbolTable(observation.symbols)
  hint = hints.make_encoder(state)
  symbols = functools.cache(table.add_all)
  candidates = tuple(
      base.Candidate(
          kind=nodes.KIND[e.kind], start=e.start, end=e.end,
          args=symbols(e.insert),
          hints=hint(e),
      )
      for e in edits
  )
  return dataclasses.replace(observation, symbols=table.texts()), candidates


def _function_nodes(state: State) -> Iterator[nodes.Node]:
  spectrum, function = state.spectrum, state.function
  lines = localization.traced_lines(function, spectrum)
  scores = localization.token_scores(function, spectrum)
  marks = _marks(state.failure)
  held = _held(state.failure)
  touched = _touched(state)
  for i, (token, line, score) in enumerate(
      zip(function.tokens, lines, scores)
  ):
    failing = spectrum.failing.get(line, 0) / max(1, spectrum.num_failing)
    passing = spectrum.passing.get(line, 0) / max(1, spectrum.num_passing)
    yield nodes.Node(
        text=token.text,
        role="function",
        syntax=token.syntax,
        depth=token.depth,
        line=token.line - function.lineno,
        failing=nodes.bucket(failing, nodes.COVERED),
        passing=nodes.bucket(passing, nodes.COVERED),
        blamed=nodes.bucket(score, nodes.OCHIAI),
        mark=marks.get(line, 0),
        value=held.get(token.text, 0) if token.syntax in _VARIABLES else 0,
        outcome=max(touched[i], default=0),
        tries=nodes.bucket(len(touched[i]), nodes.TRIES),
    )


def _held(failure: failure_lib.Failure | None) -> dict[str, int]:
  """Maps the names of variables to the class of what they held."""
  values = failure.values if failure else ()
  return {v.name: nodes.VALUE[values_lib.classify(v)] for v in values}


def _touched(state: State) -> list[list[int]]:
  """Returns the outcomes of the tries that touched each token."""
  touched = [[] for _ in state.function.tokens]
  for item in tries.shown(state.tried):
    for i in localization.touched_tokens(state.function, item.edit):
      touched[i].append(nodes.OUTCOME[item.outcome])
  return touched


def _marks(failure: failure_lib.Failure | None) -> dict[int, int]:
  if failure is None:
    return {}
  if not failure.target_lines:
    return {failure.exit_line: 3}
  marks = dict.fromkeys(failure.target_lines, 1)
  if failure.is_raised_in_target:
    marks[failure.target_lines[-1]] = 2
  return marks
