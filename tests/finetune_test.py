"""Tests for learning from what repairs of one project executed."""

import math
import pathlib

from absl.testing import absltest
from configs import finetune
from jepa import checkpoint
from jepa import train
from jepa.datasets.code_repair import traces
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import source
from jepa.domains.code_repair import vocabulary
from jepa.planning import rank
from jepa.planning import repair
from jepa.planning.repair import beliefs
from jepa.planning.repair import queue as queue_lib
from jepa.planning.repair import ranking
from jepa.planning.repair import search
from jepa.planning.repair import suspects
from jepa.traces import log
from tests import train_test

# Whoever wrote this project keeps forgetting that `range` leaves out its end.
_BROKEN = """
def {name}({a}, {b}):
  {total} = {a}
  for i in range({b}):
    {total} {op}= i * {number}
  return {total}
"""
_WORDS = ("price", "count", "weight", "length", "share", "level", "rate",
          "size", "score", "depth", "width", "order")


def make_suspect(index: int) -> suspects.Suspect:
  """Returns the index-th function of the project, with that bug."""
  a, b, total = (_WORDS[(index * k + k) % len(_WORDS)] for k in (1, 5, 7))
  text = _BROKEN.format(
      name=f"{a}_of_{b}_{index}", a=a, b=f"{b}_end", total=f"{total}_sum",
      op="+-"[index % 2], number=index % 5 + 2,
  )
  (function,) = source.functions(text.encode(), "shop.py")
  lines = range(function.lineno + 1, function.end_lineno + 1)
  spectrum = localization.Spectrum(
      num_failing=1, num_passing=0, failing=dict.fromkeys(lines, 1), passing={}
  )
  state = observation.State(
      function=function, spectrum=spectrum, failure=None
  )
  return suspects.Suspect(state=state, num_failing=1)


def is_fix(proposal: beliefs.Proposal) -> bool:
  """Whether an edit makes `range(end)` into `range(end + 1)`."""
  edited = proposal.suspect.text(proposal.edit)
  return "_end + 1):" in edited.splitlines()[2]


def repair_until_fixed(suspect, ranker, on_trial=lambda trial: None) -> int:
  """Returns how many candidates it takes; only one of them passes."""
  queue = queue_lib.Queue([suspect], ranker)
  for number in range(1, 10_000):
    proposal = queue.pop()
    status = "passed" if is_fix(proposal) else "failed"
    on_trial(search.Trial(
        number=number,
        proposal=proposal,
        probability=queue.probability(proposal),
        execution=evidence.Execution(status=status, num_run=1),
    ))
    if status == "passed":
      return number
  raise AssertionError("the fix is among the candidates")


class FinetuneTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.folder = pathlib.Path(self.create_tempdir().full_path)
    self.log = self.folder / "traces.log"

  def _log_repairs(self, indices):
    with log.TraceLog(self.log, sync=False) as opened:
      watcher = repair.recording(repair.Watcher(), opened, self.folder)
      for i in indices:
        repair_until_fixed(
            make_suspect(i), ranking.static(), watcher.on_trial
        )

  def _train(self, config, name, **kwargs):
    train.train(
        config, str(self.folder / name), vocabulary=vocabulary.VOCABULARY,
        examples=traces.load_examples(self.log), **kwargs,
    )
    return str(self.folder / name / checkpoint.MODEL_FILE)

  def _executions(self, ranker):
    """Geometric mean over bugs that were not learned from."""
    counts = [
        repair_until_fixed(make_suspect(i), ranker) for i in range(20, 26)
    ]
    return math.exp(sum(map(math.log, counts)) / len(counts))

  def test_new_bugs_of_the_project_take_fewer_executions(self):
    self._log_repairs(range(12))
    config = train_test.small_config("supervised")
    config.world = "code_repair"
    config.num_steps = 0  # It knows nothing yet.
    base = self._train(config, "base")

    config = finetune.get_config(base)
    config.num_steps = 30
    config.optimizer.schedule.peak_value = 1e-2
    config.optimizer.schedule.decay_steps = 30
    params = checkpoint.load_model(config.start_from).params
    tuned = self._train(config, "tuned", params=params)

    ranker = ranking.learned(
        rank.make_scorer(checkpoint.load_model(tuned)), "tiny"
    )
    before = self._executions(ranking.static())
    after = self._executions(ranker)
    self.assertLess(after, before / 2)
    self.assertLess(after, 10)

  def test_a_log_without_a_patch_teaches_nothing(self):
    with log.TraceLog(self.log, sync=False):
      pass
    with self.assertRaisesRegex(ValueError, "nothing to learn from"):
      traces.load_examples(self.log)

  def test_every_candidate_is_learned_from_beside_the_fix(self):
    self._log_repairs([0])
    (record,) = traces.read_records(self.log)
    examples = traces.load_examples(self.log)
    num_others = sum(int(x["outcomes"]["mask"].sum()) - 1 for x in examples)
    self.assertEqual(num_others, len(record.candidates) - 1)
    for example in examples:
      signals = example["outcomes"]["signals"]
      self.assertEqual(signals[:, 0].sum(), 1.0)
      self.assertEqual(signals[0, 0], 1.0)


if __name__ == "__main__":
  absltest.main()
