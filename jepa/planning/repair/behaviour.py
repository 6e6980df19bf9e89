"""Patches in groups that behave alike, and inputs that tell them apart."""

from collections.abc import Mapping, Sequence
import dataclasses
import time
from typing import Any, NamedTuple

from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair.calls import inputs
from jepa.domains.code_repair.calls import process

_NUM_CALLS = 150  # Of each function.


class Program(NamedTuple):
  """A patched program.

  files: contents of the changed files, by path.
  functions: path and qualified name of each function that is changed.
  """
  files: Mapping[str, bytes]
  functions: frozenset[tuple[str, str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Difference:
  """What tells a group of patches from the first group.

  group: its index.
  call: the shortest call that was found to differ, as it would be written.
  first, other: what it gives in the first group and in this one.
  """
  group: int
  call: str
  first: str
  other: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grouping:
  """Programs that did the same on all calls, in groups.

  groups: indices of programs; the groups in the order of their first.
  differences: one for each group but the first.
  num_calls: calls that were compared.
  """
  groups: tuple[tuple[int, ...], ...]
  differences: tuple[Difference, ...]
  num_calls: int


def group(
    project: executor_lib.Project,
    limits: executor_lib.Limits,
    programs: Sequence[Program],
    tests: Sequence[str],
    seconds: float,
) -> Grouping | None:
  """Compares programs on calls that tests make, and on variations of these.

  Args:
    project: without any patch.
    limits: of each process.
    programs: at least two, the preferable first.
    tests: node ids of tests that reach the functions.
    seconds: wall time that may be spent.

  Returns:
    None where no call could be recorded, or none that all of them reach in
    time gives the same twice.
  """
  deadline = time.monotonic() + seconds
  left = lambda: max(0.1, deadline - time.monotonic())
  functions = sorted(frozenset().union(*(p.functions for p in programs)))
  with process.Prober(project, limits) as prober:
    originals = {
        path: (project.root / path).read_bytes()
        for program in programs for path in program.files
    }
    run = lambda p: prober.replay(
        originals | dict(p.files), calls, recorded["path"], left()
    )
    recorded = prober.record(
        originals | dict(programs[0].files), functions, tests, left()
    )
    if recorded is None:
      return None
    calls = _calls(functions, recorded)
    once, twice = run(programs[0]), run(programs[0])
    found = [once, *(run(program) for program in programs[1:])]
  steady = [
      k for k, given in once.items()
      if twice.get(k) == given and all(k in outcomes for outcomes in found)
  ]
  return _compare(calls, steady, found) if steady else None


def _calls(
    functions: Sequence[tuple[str, str]], recorded: Mapping[str, Any]
) -> list[dict[str, Any]]:
  return [
      {
          "module": found["module"],
          "qualname": qualname,
          "calls": inputs.vary(found["calls"], _NUM_CALLS),
      }
      for (_, qualname), found in zip(functions, recorded["functions"])
      if found["calls"]
  ]


def _compare(
    calls: Sequence[Mapping[str, Any]],
    steady: Sequence[tuple[int, int]],
    found: Sequence[Mapping[tuple[int, int], tuple[str, str]]],
) -> Grouping:
  by_outcome: dict[tuple[str, ...], list[int]] = {}
  for index, outcomes in enumerate(found):
    digests = tuple(outcomes[k][0] for k in steady)
    by_outcome.setdefault(digests, []).append(index)
  groups = list(by_outcome.values())
  differences = []
  for number, members in enumerate(groups[1:], 1):
    one, other = found[groups[0][0]], found[members[0]]
    texts = {
        k: inputs.text(calls[k[0]]["qualname"], calls[k[0]]["calls"][k[1]])
        for k in steady
        if one[k] != other[k]
    }
    key = min(texts, key=lambda k: (len(texts[k]), texts[k]))
    differences.append(Difference(
        group=number,
        call=texts[key],
        first=one[key][1],
        other=other[key][1],
    ))
  return Grouping(
      groups=tuple(map(tuple, groups)),
      differences=tuple(differences),
      num_calls=len(steady),
  )
