r"""Asks the Orb advisors about a program, and a plan for it if there is one.

  python -m jepa.apps.advise --program=FILE [--plan=FILE] [--intent=WORDS]

Says whether the plan hangs together, which orbital the program may lack, and
which knobs and wires are set as nobody would set them. Advice comes before any
verdict: no compiler is needed, and it takes a second or two.

The advisors that ship with the package are fitted on generated programs only;
--advisors names others, which `fit_advisors` wrote. A plan is a JSON list of
actions. With --json, one JSON object is on stdout and the table on stderr.
"""

import json
import sys

from absl import flags
from jepa.apps import command
from jepa.planning.advisors import advice as advice_lib
from jepa.planning.advisors import asking
from jepa.planning.advisors import suite as suite_lib

_PROGRAM = flags.DEFINE_string(
    "program", None, "A file with an Orb program.", required=True
)
_PLAN = flags.DEFINE_string("plan", None, "A file with a plan.")
_INTENT = flags.DEFINE_string("intent", "", "Words: what is wanted.")
_ADVISORS = flags.DEFINE_string(
    "advisors", suite_lib.SHIPPED, "From `fit_advisors`."
)
_CHECKPOINT = flags.DEFINE_string(
    "checkpoint", None, "The model that the advisors were fitted with."
)
_JSON = flags.DEFINE_bool("json", False, "One JSON object on stdout.")


def main():
  question = asking.read_question(
      _PROGRAM.value, _PLAN.value, _INTENT.value.split()
  )
  answers = [advise(question) for advise in _load_advisors()]
  shown = "\n\n".join(map(advice_lib.format_advice, answers))
  print(shown, file=sys.stderr if _JSON.value else sys.stdout)
  if _JSON.value:
    record = {
        "program": _PROGRAM.value,
        "plan": _PLAN.value,
        "advice": [a.to_json() for a in answers],
    }
    json.dump(record, sys.stdout, indent=2)
    print()


def _load_advisors():
  suite = suite_lib.load(_ADVISORS.value)
  reader, model = None, ""
  if _CHECKPOINT.value:
    # Seconds, so not before it is needed.
    from jepa.planning.advisors import model_reading

    exported = model_reading.load_model(_CHECKPOINT.value)
    reader = model_reading.make_reader(exported)
    model = model_reading.digest(exported.params)
  suite_lib.check_model(suite, model, _ADVISORS.value)
  return suite_lib.make_advisors(suite, reader)


if __name__ == "__main__":
  command.run(main)
