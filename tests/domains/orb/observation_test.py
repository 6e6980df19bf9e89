"""Tests of observations: what they show, and that they stay in bounds."""

import random

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from jepa import encoding
from jepa.domains.orb import actions
from jepa.domains.orb import branches
from jepa.domains.orb import observation
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import proposals
from jepa.domains.orb import verdict as verdict_lib
from jepa.domains.orb import vocabulary
from tests.domains.orb import samples

_TRAIT = ("orbitals", 0, "traits", 0)
_FEATURES = [name for name, _ in vocabulary.VOCABULARY.node_features]


def _rows(seen):
  """Returns each node as (role, text)."""
  return [
      (vocabulary.ROLES[node[1]], seen.symbols[node[0]]) for node in seen.nodes
  ]


def _observe(program, verdict=None, **kwargs):
  verdict = verdict or verdict_lib.Verdict(compiles=True, passed=5, total=7)
  return observation.observe(program, verdict, **kwargs)


def _covered(seen, candidate):
  return _rows(seen)[candidate.start : candidate.end]


class ObservationTest(parameterized.TestCase):

  def test_shows_program_intent_and_tests(self):
    seen, _ = _observe(samples.wired(), intent=("shop", "Order"))
    rows = _rows(seen)
    for row in (
        ("program", "App"), ("orbital", "TaskOrbital"), ("entity", "Order"),
        ("field", "id"), ("trait", "TaskToggle"), ("state", "off"),
        ("transition", "SELECT"), ("effect", "fetch"), ("emit", "TASK_DONE"),
        ("pattern", "page-header"), ("listener", "TASK_DONE"),
        ("trigger", "REFRESH"), ("path", "/orders"),
        ("attachment", "OrderBrowse"), ("intent", "shop"),
        ("compiles", "compiles"), ("tests", "skipped"),
    ):
      self.assertIn(row, rows)
    # A name is one symbol wherever it is used.
    self.assertLen(set(seen.symbols), len(seen.symbols))
    counts = {
        text: node[1 + _FEATURES.index("count")]
        for node, (role, text) in zip(seen.nodes, rows)
        if role == "tests"
    }
    self.assertEqual(counts, {"passed": 3, "failed": 0, "skipped": 2})

  def test_transitions_follow_their_state(self):
    rows = _rows(_observe(samples.wired())[0])
    first, second = rows.index(("state", "off")), rows.index(("state", "on"))
    leaving = [t for r, t in rows[first:second] if r == "transition"]
    self.assertEqual(leaving, ["INIT", "SELECT"])
    machine = (*_TRAIT, "stateMachine", "transitions", 1)
    lost = actions.apply(
        samples.wired(), samples.step("set_knob", *machine, slots=("from", "x"))
    )
    self.assertIn(("source", "x"), _rows(_observe(lost)[0]))

  def test_codes_follow_what_they_name(self):
    transition = "orbitals[0].traits[0].stateMachine.transitions[1]"
    verdict = verdict_lib.Verdict(
        errors=(
            verdict_lib.Issue(code="E1", path=f"{transition}.effects[0][2]"),
            verdict_lib.Issue(code="E1", path=f"{transition}.effects[0][1]"),
            verdict_lib.Issue(code="E2", path="nonsense[3].x"),
        ),
        warnings=(
            verdict_lib.Issue(code="W1", path="traits.OrderBrowse"),
            verdict_lib.Issue(code="W2", path="traits"),
            verdict_lib.Issue(
                code="W3", path="orbitals[0].traits[0].stateMachine.states"
            ),
        ),
    )
    rows = _rows(_observe(samples.wired(), verdict)[0])
    self.assertEqual(rows[1:3], [("error", "E2"), ("warning", "W2")])
    self.assertEqual(rows[rows.index(("error", "E1")) - 1][0], "effect")
    self.assertEqual(rows.count(("error", "E1")), 1)
    for code, trait in (("W1", "OrderBrowse"), ("W3", "TaskToggle")):
      before = rows[rows.index(("warning", code)) - 1]
      self.assertEqual(before, ("trait", trait))
    self.assertIn(("compiles", "rejected"), rows)

  @parameterized.parameters(
      (samples.step("add_transition", *_TRAIT, slots=("on", "X", "off")),
       ("state", "on"), ["on", "X", "off"]),
      (samples.step("add_transition", *_TRAIT, slots=("nowhere", "X", "off")),
       ("trait", "TaskToggle"), ["nowhere", "X", "off"]),
      (samples.step("set_initial", *_TRAIT, slots=("on",)),
       ("state", "on"), ["on"]),
      (samples.step("add_field", "orbitals", 1,
                    slots=("due", "date", None, None)),
       ("entity", "Order"), ["due", "date", "", ""]),
      (samples.step("add_effect", *_TRAIT, "stateMachine", "transitions", 2,
                    slots=("set", ["@entity.count", ["+", "@payload.n", 1]])),
       ("transition", "SELECT"),
       ["set", "@entity", "count", "+", "@payload", "n"]),
      (samples.step("start_orbital",
                    slots=("Room", "runtime", "browse", "/rooms")),
       ("program", "App"), ["Room", "runtime", "browse", "/rooms"]),
      (samples.step("remove", "orbitals", 1, "pages", 0),
       ("page", "OrderPage"), []),
  )
  def test_actions_name_site_and_symbols(self, action, first, args):
    seen, (candidate,) = _observe(samples.wired(), actions=[action])
    self.assertEqual(_covered(seen, candidate)[0], first)
    self.assertEqual([seen.symbols[i] for i in candidate.args], args)
    self.assertEqual(
        vocabulary.VOCABULARY.kinds[candidate.kind], action.kind
    )

  @parameterized.parameters((40, 30), (100, 60), (256, 192))
  def test_keeps_to_its_room(self, num_nodes, num_symbols):
    program = samples.wired()
    for i in range(6):
      slots = (f"Room{i}", "runtime", "wizard", f"/rooms{i}")
      program = actions.apply(
          program, samples.step("start_orbital", slots=slots)
      )
    rng = random.Random(0)
    focus = ("orbitals", 4, "traits", 0)
    places = proposals.sites(program, focus)
    tried = [proposals.propose_any(program, places, rng) for _ in range(16)]
    room = observation.Room(num_nodes=num_nodes, num_symbols=num_symbols)
    seen, candidates = _observe(
        program, focus=focus, actions=tried, room=room
    )
    self.assertLessEqual(len(seen.nodes), num_nodes)
    self.assertLessEqual(len(seen.symbols), num_symbols)
    for candidate in candidates:
      self.assertLessEqual(candidate.start, candidate.end)
      self.assertLessEqual(candidate.end, len(seen.nodes))
      self.assertLess(max(candidate.args, default=0), len(seen.symbols))
    encoding.encode_observation(
        seen, vocabulary.VOCABULARY,
        num_nodes=num_nodes, num_symbols=num_symbols,
    )
    # What lies at the focus is shown before what does not.
    orbital = 1 + _FEATURES.index("orbital")
    shown = [node[orbital] for node in seen.nodes if node[orbital]]
    self.assertEqual(max(shown, key=shown.count), 5)

  @hypothesis.settings(max_examples=100, deadline=None)
  @hypothesis.given(samples.objects())
  def test_any_object_can_be_shown(self, program):
    seen, _ = _observe(program)
    encoding.encode_observation(
        seen, vocabulary.VOCABULARY, num_nodes=256, num_symbols=192
    )


class BranchesTest(absltest.TestCase):

  def test_encodes_forks(self):
    for fork in samples.forks(20):
      branch = branches.make_branch(fork)
      self.assertLen(branch.candidates, len(fork.actions))
      self.assertEqual(
          [s[0] == 1.0 for s in branch.signals],
          [v.is_valid for v in fork.verdicts],
      )
      (first, after), (second, _) = branch.next_states
      self.assertEqual(first, fork.taken)
      if len({v.is_valid for v in fork.verdicts}) == 2:
        self.assertNotEqual(
            fork.verdicts[first].is_valid, fork.verdicts[second].is_valid
        )
      expected, _ = observation.observe(
          fork.programs[first], fork.verdicts[first],
          intent=fork.task.intent, focus=fork.focus,
      )
      self.assertEqual(after, expected)
      self.assertEqual(branch, branches.make_branch(fork))
      again = [actions.Action.from_json(a) for a in branch.meta["actions"]]
      self.assertEqual(tuple(again), fork.actions)

  def test_signals(self):
    names = vocabulary.VOCABULARY.signals
    verdict = verdict_lib.Verdict(
        errors=(verdict_lib.Issue(code="ORB_E_NO_FIELDS"),),
        warnings=(verdict_lib.Issue(code="SOMETHING_NEW"),),
        compiles=True,
        failed=1,
    )
    said = dict(zip(names, vocabulary.signals(verdict)))
    on = {name for name, value in said.items() if value == 1.0}
    self.assertEqual(on, {"compiles", "ORB_E_NO_FIELDS", vocabulary.OTHER})
    sound = vocabulary.signals(verdict_lib.Verdict(compiles=True))
    self.assertEqual(sound[:5], (1.0,) * 5)
    self.assertEqual(sum(sound), 5.0)
    self.assertLen(sound, len(names))

  def test_symbols_are_bare_names(self):
    self.assertEqual(observation._texts("@entity.count"), ["@entity", "count"])
    self.assertEqual(
        observation._texts({"type": "badge", "label": "x", "n": None}),
        ["badge", "label", "x", "n", "null"],
    )
    self.assertEqual(program_lib.show(()), "the program")


if __name__ == "__main__":
  absltest.main()
