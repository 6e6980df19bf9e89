"""Records: executed states as JSON, and the branches they are encoded into.

A record holds all that was learned by executing and nothing that was encoded,
so that a new vocabulary needs no new execution.
"""

import collections
from collections.abc import Mapping, Sequence
import dataclasses
import random
from typing import Any

from jepa.domains import base
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence as evidence_lib
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import pairs
from jepa.domains.code_repair import signals
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tries

VERSION = 2
_MAX_MESSAGE = 200
_UNTRIED = 0.4  # Share of states in which nothing was tried yet.


@dataclasses.dataclass(frozen=True, kw_only=True)
class Observed:
  """One program that was executed: the function's text and what it showed."""
  text: str
  spectrum: localization.Spectrum
  failure: failure_lib.Failure | None

  def to_json(self) -> dict[str, Any]:
    return {
        "text": self.text,
        "spectrum": self.spectrum.to_json(),
        "failure": self.failure and self.failure.to_json(),
    }

  @classmethod
  def from_json(cls, x: Mapping[str, Any]) -> "Observed":
    return cls(
        text=x["text"],
        spectrum=localization.Spectrum.from_json(x["spectrum"]),
        failure=x["failure"] and failure_lib.Failure.from_json(x["failure"]),
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
  """A broken function, edits of it, and what executing each of them gave.

  package: name and version of where it comes from.
  target: the function; its lines are those of the broken program.
  broken: the state.
  exceptions: type of the exception of each failing test, by nodeid.
  candidates: edits of the broken function.
  executions: one for each candidate.
  fix: index of the candidate that restores the original program or another
    spelling of it, or that repairs it as well as the tests can tell.
  following: pairs of a candidate's index and what its program showed.
  second: where the function was broken twice, index of the candidate that
    restores it together with `fix`; -1 where `fix` does so alone.
  pairs: where pairs were executed, for each of `following` its execution
    together with each candidate; None where they are in each other's way.
  """
  package: str
  target: evidence_lib.Target
  broken: Observed
  exceptions: Mapping[str, str]
  candidates: tuple[edits_lib.Edit, ...]
  executions: tuple[evidence_lib.Execution, ...]
  fix: int
  following: tuple[tuple[int, Observed], ...]
  second: int = -1
  pairs: tuple[tuple[evidence_lib.Execution | None, ...], ...] = ()

  def to_json(self) -> dict[str, Any]:
    """Leaves out what a record of single edits does not have."""
    of_two = {} if self.second < 0 else {
        "second": self.second,
        "pairs": [
            [e and _execution_to_json(e) for e in row] for row in self.pairs
        ],
    }
    return {
        "version": VERSION,
        "package": self.package,
        "target": dataclasses.asdict(self.target),
        "broken": self.broken.to_json(),
        "exceptions": dict(self.exceptions),
        "candidates": [e.to_json() for e in self.candidates],
        "executions": [_execution_to_json(e) for e in self.executions],
        "fix": self.fix,
        "following": [(i, o.to_json()) for i, o in self.following],
        **of_two,
    }

  @classmethod
  def from_json(cls, x: Mapping[str, Any]) -> "Record":
    """Reads what `to_json` wrote.

    Raises:
      ValueError: it was written by another version.
    """
    if x.get("version") != VERSION:
      raise ValueError(
          f"A record of version {x.get('version')}, not {VERSION}: generate "
          "the data again."
      )
    return cls(
        package=x["package"],
        target=evidence_lib.Target(**x["target"]),
        broken=Observed.from_json(x["broken"]),
        exceptions=x["exceptions"],
        candidates=tuple(map(edits_lib.Edit.from_json, x["candidates"])),
        executions=tuple(
            evidence_lib.Execution(**e) for e in x["executions"]
        ),
        fix=x["fix"],
        following=tuple(
            (i, Observed.from_json(o)) for i, o in x["following"]
        ),
        second=x.get("second", -1),
        pairs=tuple(
            tuple(e and evidence_lib.Execution(**e) for e in row)
            for row in x.get("pairs", ())
        ),
    )

  def function(self, observed: Observed) -> source.Function:
    """Returns the function of one of the record's programs."""
    return restore_function(observed.text, self.target)

  def original(self) -> source.Function:
    """Returns the function before it was broken."""
    broken, fix = self.function(self.broken), self.candidates[self.fix]
    if self.second < 0:
      return edits_lib.apply_edit(broken, fix)
    text = pairs.both(broken, fix, self.candidates[self.second])
    return restore_function(text, self.target)

  def state(self, observed: Observed) -> observation.State:
    return observation.State(
        function=self.function(observed),
        spectrum=observed.spectrum,
        failure=observed.failure,
    )


def make_branch(
    record: Record, max_nodes: int, tried: Sequence[int] = ()
) -> base.Branch:
  """Encodes a record; its meta is the record's JSON, and what was tried.

  Args:
    record: what to encode.
    max_nodes: of an observation.
    tried: indices of failed candidates to show as tried already: they are none
      of the candidates of the branch. See `choose_tried`.
  """
  left = [i for i in range(len(record.candidates)) if i not in tried]
  place = {i: k for k, i in enumerate(left)}
  state = dataclasses.replace(
      record.state(record.broken),
      tried=tries.make_tries(
          ((record.candidates[i], record.executions[i]) for i in tried),
          record.exceptions,
      ),
  )
  to_signals = lambda e: signals.make_signals(e, record.exceptions)
  observed, candidates = observation.encode_candidates(
      [record.candidates[i] for i in left],
      observation.encode_state(state, max_nodes),
      state,
  )
  return base.Branch(
      state=observed,
      candidates=candidates,
      signals=tuple(to_signals(record.executions[i]) for i in left),
      next_states=tuple(
          (place[i], observation.encode_state(record.state(o), max_nodes))
          for i, o in record.following
      ),
      pair_signals=tuple(
          tuple(row[i] and to_signals(row[i]) for i in left)
          for row in record.pairs
      ),
      origin=record.package,
      meta={**record.to_json(), "tried": list(tried)},
  )


def choose_tried(record: Record) -> list[int]:
  """Draws which candidates to show as tried: equal for equal records.

  Only such as failed, and whose next state is not known. Candidates crowd
  about the fix, see `sampling`; what was tried must not, or else it would
  betray the place. So lines are drawn as often as they are long.
  """
  rng = random.Random(f"{record.package}/{record.target}/{record.broken.text}")
  # One fix of two fails alone, too.
  kept = {record.fix, record.second, *(i for i, _ in record.following)}
  failed = [
      i
      for i, e in enumerate(record.executions)
      if e.status in ("failed", "hang", "crash") and i not in kept
  ]
  if not failed or rng.random() < _UNTRIED:
    return []
  count = rng.randint(1, min(tries.MAX_SHOWN, len(failed)))
  function = record.function(record.broken)
  lines = {i: _line(function, record.candidates[i]) for i in failed}
  length = collections.Counter(t.line for t in function.tokens)
  crowd = collections.Counter(lines.values())
  # The largest of u ** (1 / weight) are a weighted sample (Efraimidis 2006).
  keys = {i: rng.random() ** (crowd[k] / length[k]) for i, k in lines.items()}
  return sorted(failed, key=keys.get)[-count:]


def _line(function: source.Function, edit: edits_lib.Edit) -> int:
  return function.tokens[localization.touched_tokens(function, edit)[0]].line


def restore_function(
    text: str, target: evidence_lib.Target
) -> source.Function:
  """Returns a function from its own lines alone.

  Its tokens are those of the function in its file, but for their offsets:
  lines before the function's are blank, and what else the file held is gone.
  """
  blank = "\n" * (target.lineno - 1)
  if text[0] in " \t\f":
    blank = blank[:-1] + "if 1:\n"  # It was in the body of a class.
  found = source.functions((blank + text).encode(), target.path)
  return dataclasses.replace(found[0], qualname=target.qualname)


def _execution_to_json(execution: evidence_lib.Execution) -> dict[str, Any]:
  """Leaves out defaults, and the time, which is never twice the same."""
  default = evidence_lib.Execution(status=execution.status)
  x = dataclasses.asdict(execution)
  x["message"] = failure_lib.without_addresses(x["message"])[:_MAX_MESSAGE]
  x["seconds"] = 0.0
  return {
      name: value
      for name, value in x.items()
      if name == "status" or value != getattr(default, name)
  }
