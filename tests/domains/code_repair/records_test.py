"""Tests of what a branch shows of a record: what was tried, what is left."""

from absl.testing import absltest
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import failure
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import records
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tries

_TEXT = """def f(a, b):
  x = a + b
  y = a - b
  if x < y:
    x = y + 1
  for i in range(a):
    y += i * x
  return x - y
"""
_FUNCTION, = source.functions(_TEXT.encode(), "f.py")
_FIX_LINE = 4
_LINE = {
    e: _FUNCTION.tokens[localization.touched_tokens(_FUNCTION, e)[0]].line
    for e in edits.enumerate_edits(_FUNCTION)
}


def _candidates() -> tuple[edits.Edit, ...]:
  """Returns 16 candidates of the line of the fix, and 8 of other lines."""
  near = [e for e in _LINE if _LINE[e] == _FIX_LINE][:16]
  far = [e for e in _LINE if _LINE[e] != _FIX_LINE]
  return (*near, *far[:: len(far) // 8][:8])


def _record(package: str = "p-1.0") -> records.Record:
  """The first candidate is the fix, the last passes, one next state is kept."""
  candidates = _candidates()
  spectrum = localization.Spectrum(
      num_failing=1, num_passing=1, failing={_FIX_LINE: 1}, passing={2: 1}
  )
  shown = failure.Failure(
      nodeid="t.py::test_f", exception="AssertionError", message="",
      expected="1", observed="2",
  )
  observed = records.Observed(text=_TEXT, spectrum=spectrum, failure=shown)
  failed = evidence.Execution(
      status="failed", num_run=1, failed_test="t.py::test_f",
      exception="TypeError",
  )
  passed = evidence.Execution(status="passed", num_run=2, num_fixed=1)
  return records.Record(
      package=package,
      target=evidence.Target(path="f.py", qualname="f", lineno=1),
      broken=observed,
      exceptions={"t.py::test_f": "AssertionError"},
      candidates=candidates,
      executions=(passed, *[failed] * (len(candidates) - 2), passed),
      fix=0,
      following=((0, observed), (3, observed)),
  )


class ChooseTriedTest(absltest.TestCase):

  def test_only_what_failed_and_has_no_next_state(self):
    counts = set()
    for i in range(200):
      tried = records.choose_tried(_record(f"p-{i}"))
      self.assertTrue({0, 3, 23}.isdisjoint(tried))
      self.assertLen(set(tried), len(tried))
      counts.add(len(tried))
    self.assertEqual(counts, set(range(tries.MAX_SHOWN + 1)))

  def test_equal_records_give_equal_tries(self):
    self.assertEqual(
        records.choose_tried(_record()), records.choose_tried(_record())
    )

  def test_does_not_betray_the_line_of_the_fix(self):
    first = []
    for i in range(600):
      record = _record(f"p-{i}")
      tried = records.choose_tried(record)[-1:]
      first += [_LINE[record.candidates[k]] == _FIX_LINE for k in tried]
    own = sum(t.line == _FIX_LINE for t in _FUNCTION.tokens)
    lines = {_LINE[e] for e in _candidates()}
    reached = sum(t.line in lines for t in _FUNCTION.tokens)
    self.assertAlmostEqual(sum(first) / len(first), own / reached, delta=0.1)


class MakeBranchTest(absltest.TestCase):

  def test_what_was_tried_is_a_node_and_no_candidate(self):
    for i in range(20):
      record = _record(f"p-{i}")
      tried = records.choose_tried(record)
      branch = records.make_branch(record, 256, tried)
      self.assertEqual(branch.meta["tried"], tried)
      role = observation.ROLES.index("tried")
      nodes = [n for n in branch.state.nodes if n[1] == role]
      self.assertLen(nodes, len(tried))
      self.assertLen(branch.candidates, len(record.candidates) - len(tried))
      self.assertLen(branch.signals, len(branch.candidates))
      left = [
          e for k, e in enumerate(record.candidates) if k not in tried
      ]
      for edit, candidate in zip(left, branch.candidates, strict=True):
        self.assertEqual(edits.KINDS[candidate.kind], edit.kind)
      followed = [left[k] for k, _ in branch.next_states]
      self.assertEqual(
          followed, [record.candidates[0], record.candidates[3]]
      )

  def test_its_meta_is_the_record(self):
    record = _record()
    branch = records.make_branch(record, 256)
    again = records.Record.from_json(branch.meta)
    self.assertEqual(again, record)


if __name__ == "__main__":
  absltest.main()
