r"""Asks the Orb advisors about a program, and a plan for it if there is one.

  python -m jepa.apps.advise --program=FILE [--plan=FILE] [--json]

Says whether the plan hangs together, which orbital the program may lack, and
which knobs and wires are set as nobody would set them. Advice comes before any
verdict: no compiler is needed.

--advisors names what `fit_advisors` wrote; without it, advisors are fitted on a
few generated programs first. A plan is a JSON list of actions.
"""

import json
import sys

from absl import flags
from jepa.apps import command
from jepa.apps import progress
from jepa.planning.advisors import advice as advice_lib
from jepa.planning.advisors import asking
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
from jepa.planning.advisors import suite as suite_lib

_PROGRAM = flags.DEFINE_string(
    "program", None, "A file with an Orb program.", required=True
)
_PLAN = flags.DEFINE_string("plan", None, "A file with a plan.")
_INTENT = flags.DEFINE_string("intent", "", "Words: what is wanted.")
_ADVISORS = flags.DEFINE_string("advisors", None, "From `fit_advisors`.")
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint", None, "The model that the advisors were fitted with."
)
_JSON = flags.DEFINE_bool("json", False, "One JSON object on stdout.")

_FEW = 80  # Generated programs, when no fitted advisors are given.


def main():
  question = asking.read_question(
      _PROGRAM.value, _PLAN.value, _INTENT.value.split()
  )
  advisors = _load_advisors()
  answers = [advise(question) for advise in advisors]
  if _JSON.value:
    json.dump({"advice": [a.to_json() for a in answers]}, sys.stdout, indent=2)
    print()
  else:
    print("\n\n".join(map(advice_lib.format_advice, answers)))


def _load_advisors():
  reader, model = None, ""
  if _CHECKPOINT.value:
    exported = reading.load_model(_CHECKPOINT.value)
    reader = reading.make_reader(exported)
    model = suite_lib.digest(exported.params)
  if _ADVISORS.value:
    suite = suite_lib.load(_ADVISORS.value)
    suite_lib.check_model(suite, model, _ADVISORS.value)
  else:
    progress.line(f"no --advisors: fitting on {_FEW} generated programs")
    samples = samples_lib.generated(_FEW)
    suite = suite_lib.fit(samples, reader, model=model)
    progress.line("", is_last=True)
  return suite_lib.make_advisors(suite, reader)


if __name__ == "__main__":
  command.run(main)
