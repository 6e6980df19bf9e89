"""Does a model that goes on training on a project's repairs get better there?

  python -m tests.benchmarks.learning_benchmark --checkpoint=model.npz

Repairs every other small project with the model and logs what is executed,
goes on training on that log, and repairs the rest with both: by the model as it
was, which is the baseline, and as it is now. The small projects share files, as
bugs of one repository do, but no bug.
"""

import pathlib
import tempfile

from absl import app
from absl import flags
from configs import finetune
from jepa import checkpoint
from jepa import stats
from jepa import train
from jepa.datasets.code_repair import traces
from jepa.domains.code_repair import vocabulary
from jepa.planning import repair
from jepa.traces import log
from tests.planning.repair import projects

_CHECKPOINT = flags.DEFINE_string("checkpoint", None, "To start from.")
_MAX_EXECUTIONS = flags.DEFINE_integer("max_executions", 600, "Of a bug.")
_NUM_STEPS = flags.DEFINE_integer("num_steps", 60, "Of training.")


def main(_):
  learned, new = projects.BUGS[0::2], projects.BUGS[1::2]
  with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "traces.log")
    with log.TraceLog(path, sync=False) as opened:
      for bug in learned:
        _repair(bug, _CHECKPOINT.value, opened)
    tuned = _train(path, folder)
    before, after = [], []
    for bug in new:
      before.append(_repair(bug, _CHECKPOINT.value))
      after.append(_repair(bug, tuned))
      print(f"{bug.name:20} {before[-1]:5} -> {after[-1]:5}", flush=True)
  ratio = stats.paired_ratio(after, before)
  print(
      f"executions, geometric mean: {stats.geometric_mean(before):.1f} -> "
      f"{stats.geometric_mean(after):.1f}; ratio {ratio.estimate:.2f} "
      f"[{ratio.low:.2f}, {ratio.high:.2f}]"
  )


def _repair(bug, model, opened=None) -> int:
  """Returns the executions it takes, those allowed where none repairs it."""
  watcher = repair.Watcher()
  with tempfile.TemporaryDirectory() as folder:
    root = bug.write(pathlib.Path(folder))
    if opened is not None:
      watcher = repair.recording(watcher, opened, root)
    request = repair.Request(
        root=root, test_command=bug.test_command, checkpoint=model,
        budget=repair.Budget(executions=_MAX_EXECUTIONS.value),
    )
    try:
      report = repair.repair(request, watcher)
    except repair.RepairError:
      return _MAX_EXECUTIONS.value
  return report.executions


def _train(path: pathlib.Path, folder: str) -> str:
  config = finetune.get_config(_CHECKPOINT.value)
  config.num_steps = _NUM_STEPS.value
  train.train(
      config, folder, vocabulary=vocabulary.VOCABULARY,
      examples=traces.load_examples(path),
      params=checkpoint.load_model(config.start_from).params,
  )
  return f"{folder}/{checkpoint.MODEL_FILE}"


if __name__ == "__main__":
  flags.mark_flag_as_required("checkpoint")
  app.run(main)
