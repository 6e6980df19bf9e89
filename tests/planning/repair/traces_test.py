"""Tests for `traces`: what was executed comes back as records."""

import dataclasses
import pathlib

from absl.testing import absltest
from jepa.datasets.code_repair import traces as reading
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import records
from jepa.planning.repair import beliefs as beliefs_lib
from jepa.planning.repair import request
from jepa.planning.repair import search
from jepa.planning.repair import traces
from jepa.traces import log
from tests.planning.repair import queue_test


def make_trial(number, suspect, status):
  return search.Trial(
      number=number,
      proposal=beliefs_lib.Proposal(
          suspect=suspect, edit=suspect.edits[number], score=0.0
      ),
      probability=0.5,
      execution=evidence.Execution(status=status, num_run=1),
  )


class TracesTest(absltest.TestCase):

  def test_there_and_back(self):
    first, second = queue_test.make_suspects()
    seen = []
    trials = [
        make_trial(0, first, "failed"),
        make_trial(0, second, "failed"),
        make_trial(1, first, "invalid"),
        make_trial(2, first, "hang"),
        make_trial(3, first, "passed"),
    ]
    path = pathlib.Path(self.create_tempdir().full_path, "traces.log")
    with log.TraceLog(path, sync=False) as opened:
      watcher = traces.recording(
          request.Watcher(on_trial=seen.append), opened, pathlib.Path("shop")
      )
      for trial in trials:
        watcher.on_trial(trial)
    self.assertEqual(seen, trials)
    self.assertEqual(log.count(path, "code_repair"), 4)
    (record,) = reading.read_records(path)  # Nothing has mended the second.
    self.assertEqual(record.package, "shop")
    self.assertEqual(record.target, first.target)
    self.assertEqual(
        record.candidates, tuple(first.edits[i] for i in (0, 2, 3))
    )
    self.assertEqual(
        [e.status for e in record.executions], ["failed", "hang", "passed"]
    )
    self.assertEqual(record.fix, 2)
    self.assertEqual(record.broken.spectrum, first.state.spectrum)
    branch = records.make_branch(record, max_nodes=256)
    self.assertEqual([s[0] for s in branch.signals], [0.0, 0.0, 1.0])

  def test_second_edits_are_of_the_program_with_the_first(self):
    first = queue_test.make_suspects()[0]
    edit = first.edits[0]
    state = dataclasses.replace(
        first.state, function=edits_lib.apply_edit(first.function, edit)
    )
    second = dataclasses.replace(
        first, state=state, origin=first, first=edit
    )
    path = pathlib.Path(self.create_tempdir().full_path, "traces.log")
    with log.TraceLog(path, sync=False) as opened:
      watcher = traces.recording(
          request.Watcher(), opened, pathlib.Path("shop")
      )
      watcher.on_trial(make_trial(0, first, "failed"))
      watcher.on_trial(make_trial(1, second, "passed"))
    (record,) = reading.read_records(path)
    self.assertEqual(record.broken.text, first.text(edit))
    self.assertEqual(record.candidates, (second.edits[1],))
    self.assertEqual(record.original().text, second.text(second.edits[1]))


if __name__ == "__main__":
  absltest.main()
