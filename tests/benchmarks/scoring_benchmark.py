r"""What it costs to enumerate, encode and score edits, on one core.

  python -m tests.benchmarks.scoring_benchmark [--checkpoint=model.npz]

Beside it, executing them at 400 a second and core, which scoring is to save.
Without --checkpoint, the model has random weights: they cost the same.

Measured on 2026-11-26 in four turns with the tree of the day before, with the
model that ships, on a core of an AMD EPYC that others used: a thousand edits
cost 22 to 24 CPU ms, with the tree before 24 to 29: .83 of it, .92 in one turn.
Of 33 ms for 1,381 edits, enumerating took 7, encoding 14, scoring 12. The hour
matters more: a day before, the tree before took 76 to 89.
"""

import inspect
import os
import statistics
import textwrap
import time

from absl import app
from absl import flags
from configs import pretrain
import jax
from jepa import checkpoint
from jepa import manifest
from jepa import types
from jepa.domains import registry
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import source
from jepa.models import world_model
from jepa.planning import rank

_CHECKPOINT = flags.DEFINE_string("checkpoint", "", "A trained model.")
_REPEATS = flags.DEFINE_integer("repeats", 20, "Timed runs.", lower_bound=3)
_EXECUTIONS_PER_SECOND = 400


def main(argv):
  del argv
  os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # Before JAX starts.
  state = _state()
  score = rank.make_scorer(_load(state))
  counts = {}

  def run():
    start = [time.process_time()]
    edits = edits_lib.enumerate_edits(state.function)
    start.append(time.process_time())
    seen, candidates = observation.encode_candidates(
        edits, observation.encode_state(state), state
    )
    start.append(time.process_time())
    score(seen, candidates)
    start.append(time.process_time())
    counts["edits"] = len(edits)
    return [1e3 * (b - a) for a, b in zip(start, start[1:])]

  run()  # Compiles.
  times = [run() for _ in range(_REPEATS.value)]
  medians = [statistics.median(part) for part in zip(*times)]
  print(f"{counts['edits']} edits of a function of "
        f"{len(state.function.tokens)} tokens, one core, CPU ms")
  for name, value in zip(("enumerate", "encode", "score"), medians):
    print(f"  {name:12} {value:8.1f}")
  total = statistics.median(map(sum, times))
  per_thousand = total * 1000 / counts["edits"]
  print(f"  {'all':12} {total:8.1f}")
  print(f"  {'a thousand':12} {per_thousand:8.1f}")
  print(f"  {'execute all':12} "
        f"{1e3 * counts['edits'] / _EXECUTIONS_PER_SECOND:8.1f}")


def _load(state) -> checkpoint.Exported:
  if _CHECKPOINT.value:
    return checkpoint.load_model(_CHECKPOINT.value)
  vocabulary = registry.vocabulary("code_repair")
  config = pretrain.get_config("code_repair")
  model = world_model.make_world_model(config.model, vocabulary)
  program = rank.encode_state(observation.encode_state(state), vocabulary)
  spec = types.Branch(
      program, rank.encode_actions([], vocabulary, 1), *[None] * 4
  )
  params = jax.jit(model.init)(jax.random.key(0), spec)
  return checkpoint.Exported(
      params, vocabulary, manifest.make_manifest(config, vocabulary)
  )


def _state() -> observation.State:
  """Returns a function of the standard library as if a test failed there."""
  method = textwrap.TextWrapper._fix_sentence_endings
  text = textwrap.dedent(inspect.getsource(method))
  (function,) = source.functions(text.encode(), "wrap.py")
  lines = range(function.lineno, function.end_lineno + 1)
  spectrum = localization.Spectrum(
      num_failing=1, num_passing=0, failing=dict.fromkeys(lines, 1), passing={}
  )
  return observation.State(function=function, spectrum=spectrum, failure=None)


if __name__ == "__main__":
  app.run(main)
