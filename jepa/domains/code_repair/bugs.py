"""Records of real bugs: wrong functions whose fix is found by trying all edits.

A checkout may list functions that are wrong, in place of those that it has on
disk. The fix of a record is the first of its candidates that passes: nobody
says which one was meant.
"""

from collections.abc import Iterator
import dataclasses
import functools
import json
import pathlib
import random

from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import pools
from jepa.domains.code_repair import records
from jepa.domains.code_repair import sampling
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair import trials

# A fix that takes something away is hardly ever the one that was meant.
_DELETING = frozenset((
    "delete_stmt", "drop_clause", "drop_operand", "unwrap_call",
))


def read(file: pathlib.Path) -> list[dict[str, str]]:
  """Reads the wrong functions of a checkout: each a qualname and a text."""
  return [json.loads(line) for line in file.read_text().splitlines()]


def put_in_place(
    checkout: settings_lib.Checkout, bug: dict[str, str]
) -> source.Function:
  """Returns a wrong function as it would stand in the checkout's file.

  Raises:
    SourceError: it does not parse there.
    ValueError: the checkout has no function of that name.
  """
  for path in checkout.files:
    content = (checkout.root / path).read_bytes()
    for function in source.functions(content, path):
      if function.qualname == bug["qualname"]:
        text = bug["text"].rstrip("\n").encode() + b"\n"
        return source.replace_source(
            function,
            content[: function.start] + text + content[function.end :],
        )
  raise ValueError(f"{checkout.name} has no function {bug['qualname']}.")


def make_records(
    checkout: settings_lib.Checkout,
    settings: settings_lib.Settings,
    *,
    part: int = 0,
    num_parts: int = 1,
) -> Iterator[records.Record]:
  """Yields a record of each bug of a part that one edit repairs.

  Args:
    checkout: holds the functions as they should be, and a file of bugs.
    settings: all edits are executed, whatever `num_candidates` says.
    part, num_parts: every `num_parts`-th bug from `part` on.

  Raises:
    executor.ExecutorError: the tests cannot be run.
  """
  bugs = read(checkout.root / checkout.bugs)
  random.Random(settings.seed).shuffle(bugs)
  with trials.make_executor(checkout) as executor:
    mine = bugs[settings.skip :][: settings.num_states]
    for bug in mine[part::num_parts]:
      try:
        function = put_in_place(checkout, bug)
      except source.SourceError:
        continue
      if len(function.tokens) <= settings.max_tokens:
        record = _make_record(checkout, settings, executor, function)
        if record is not None:
          yield record


def _make_record(
    checkout, settings, executor, function
) -> records.Record | None:
  target = trials.target_of(function)
  tests = executor.covering(target)
  wrong, = executor.execute_many(target, [function.text], tests)
  if wrong.status != "failed":
    return None
  read_text = functools.partial(trials.read_text, checkout.root)
  observe = functools.partial(
      trials.observe, executor, tests=tests, read_text=read_text
  )
  (evidence, observed), = observe([function])
  exceptions = trials.exceptions_of(evidence)
  if not exceptions:
    return None
  candidates = edits_lib.enumerate_edits(
      function, pools.make_pools(observed.failure)
  )
  known = [t.nodeid for t in executor.baseline.tests]
  executions = list(executor.execute_many(
      target,
      [trials.edited_text(function, e) for e in candidates],
      tests,
      {i for i in tests if known[i] in exceptions},
  ))
  passing = [i for i, e in enumerate(executions) if e.status == "passed"]
  if not passing:
    return None
  fix = min(passing, key=lambda i: (candidates[i].kind in _DELETING, i))
  after = edits_lib.apply_edit(function, candidates[fix])
  following = ((fix, observe([after])[0][1]),)
  return records.Record(
      package=checkout.name,
      target=target,
      broken=observed,
      exceptions=exceptions,
      candidates=tuple(candidates),
      executions=tuple(executions),
      fix=fix,
      following=following[: settings.num_next],
  )


def thin_out(record: records.Record, count: int) -> records.Record:
  """Returns a record with `count` of its candidates, as training has them."""
  function = record.function(record.broken)
  kept = sampling.choose_candidates(
      function,
      record.candidates,
      record.candidates[record.fix],
      localization.token_scores(function, record.broken.spectrum),
      random.Random(record.broken.text),
      count,
  )
  places = {edit: i for i, edit in enumerate(record.candidates)}
  indices = [places[edit] for edit in kept]
  return dataclasses.replace(
      record,
      candidates=kept,
      executions=tuple(record.executions[i] for i in indices),
      fix=indices.index(record.fix),
      following=tuple(
          (indices.index(i), observed)
          for i, observed in record.following
          if i in indices
      ),
  )
