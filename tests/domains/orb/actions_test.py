"""Tests of actions: what each kind does, and that it is pure."""

import copy
import json
import random

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.orb import actions
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import proposals
from jepa.domains.orb import undo
from tests.domains.orb import samples

_ORBITAL = ("orbitals", 0)
_TRAIT = (*_ORBITAL, "traits", 0)
_MACHINE = (*_TRAIT, "stateMachine")
_TRANSITION = (*_MACHINE, "transitions", 1)

# Kind, place, slots; where to look afterwards and what is there.
_CASES = (
    ("add_orbital", (), ("RoomOrbital", "Room", "runtime", None),
     ("orbitals", 2, "entity"),
     {"name": "Room", "persistence": "runtime", "fields": []}),
    ("use_library", _ORBITAL, ("std/list", "List"),
     (*_ORBITAL, "uses"), [{"from": "std/list", "as": "List"}]),
    ("use_behavior", _ORBITAL, ("browse", "TaskBrowse", "P", "/p"),
     (*_ORBITAL, "pages", 1, "traits"), [{"ref": "TaskBrowse"}]),
    ("add_trait", _ORBITAL, ("TaskEdit", "interaction", "Task"),
     (*_ORBITAL, "traits", 1, "stateMachine"),
     {"states": [], "events": [], "transitions": []}),
    ("add_field", _ORBITAL, ("stage", "enum", None, ["a", "b"]),
     (*_ORBITAL, "entity", "fields", 1),
     {"name": "stage", "type": "enum", "values": ["a", "b"]}),
    ("add_field", _ORBITAL, ("owner", "relation", None, "Order"),
     (*_ORBITAL, "entity", "fields", 1, "relation"),
     {"entity": "Order", "cardinality": "one"}),
    ("add_page", _ORBITAL, ("P", "/p", None),
     (*_ORBITAL, "pages", 1), {"name": "P", "path": "/p", "traits": []}),
    ("attach_trait", (*_ORBITAL, "pages", 0), ("Other",),
     (*_ORBITAL, "pages", 0, "traits", 1), {"ref": "Other"}),
    ("add_state", _TRAIT, ("done", "terminal"),
     (*_MACHINE, "states", 2), {"name": "done", "isTerminal": True}),
    ("add_event", _TRAIT, ("GO", "Go"),
     (*_MACHINE, "events", 2), {"key": "GO", "name": "Go"}),
    ("add_transition", _TRAIT, ("on", "GO", "off"),
     (*_MACHINE, "transitions", 3), {"from": "on", "event": "GO", "to": "off"}),
    ("add_payload", (*_MACHINE, "events", 1), ("id", "string", True),
     (*_MACHINE, "events", 1, "payload"),
     [{"name": "id", "type": "string", "required": True}]),
    ("add_payload_schema", (*_TRAIT, "emits", 0), ("id", "string", None),
     (*_TRAIT, "emits", 0, "payloadSchema"),
     [{"name": "id", "type": "string"}]),
    ("add_effect", _TRANSITION, ("navigate", ["/orders"]),
     (*_TRANSITION, "effects", 1), ["navigate", "/orders"]),
    ("set_guard", _TRANSITION, (["=", "@entity.id", "x"],),
     (*_TRANSITION, "guard"), ["=", "@entity.id", "x"]),
    ("declare_emit", _TRAIT, ("DONE", "internal", None),
     (*_TRAIT, "emits", 1), {"event": "DONE", "scope": "internal"}),
    ("add_listener", _TRAIT, ("X", "INIT", None, "Other"),
     (*_TRAIT, "listens"),
     [{"event": "X", "triggers": "INIT",
       "source": {"kind": "trait", "trait": "Other"}}]),
    ("add_tick", _TRAIT, ("poll", 1000),
     (*_TRAIT, "ticks"), [{"name": "poll", "interval": 1000, "effects": []}]),
    ("insert_item", (*_TRAIT, "config", "fields"), ("id",),
     (*_TRAIT, "config"), {"fields": ["id"]}),
    ("start_orbital", (), ("Room", "persistent", "browse", "/rooms"),
     ("orbitals", 2, "entity", "collection"), "rooms"),
    ("extend_machine", _TRAIT, ("on", "GO", "done", "BACK"),
     (*_MACHINE, "transitions", 4),
     {"from": "done", "event": "BACK", "to": "on"}),
    ("extend_machine", _TRAIT, ("on", "GO", "done", None),
     (*_MACHINE, "states", 2), {"name": "done", "isTerminal": True}),
    ("set_knob", _TRAIT, ("category", "lifecycle"),
     (*_TRAIT, "category"), "lifecycle"),
    ("set_scope", (*_TRAIT, "emits", 0), ("internal",),
     (*_TRAIT, "emits", 0, "scope"), "internal"),
    ("set_persistence", _ORBITAL, ("singleton", None),
     (*_ORBITAL, "entity", "persistence"), "singleton"),
    ("set_initial", _TRAIT, ("on",),
     (*_MACHINE, "states"),
     [{"name": "off"}, {"name": "on", "isInitial": True}]),
    ("retarget", _TRANSITION, ("off",), (*_TRANSITION, "to"), "off"),
    ("rename", _TRAIT, ("SELECT", "TOGGLE"),
     (*_TRANSITION, "event"), "TOGGLE"),
    ("remove", (*_ORBITAL, "pages", 0), (), (*_ORBITAL, "pages"), []),
    ("remove", (*_TRAIT, "category"), (), (*_TRAIT, "category"), None),
)


class ActionsTest(parameterized.TestCase):

  @parameterized.parameters(*_CASES)
  def test_does_what_it_says(self, kind, at, slots, path, expected):
    program = samples.wired()
    before = copy.deepcopy(program)
    action = actions.Action(kind=kind, at=at, slots=slots)
    after = actions.apply(program, action)
    self.assertEqual(program_lib.find(after, path), expected)
    self.assertEqual(program, before)  # Pure.
    back = undo.undo(program, action)
    if back is not None:
      self.assertEqual(actions.apply(after, back), before)
    text = json.dumps(action.to_json())
    self.assertEqual(actions.Action.from_json(json.loads(text)), action)

  def test_every_kind_has_a_case(self):
    self.assertEqual({case[0] for case in _CASES}, set(actions.KINDS))
    self.assertGreaterEqual(len(actions.KINDS), 17)

  @parameterized.parameters(
      "add_state", "add_event", "add_effect", "declare_emit", "set_guard",
      "set_knob", "set_scope", "set_initial", "retarget", "rename",
      "set_persistence", "add_field",
  )
  def test_has_a_repair(self, kind):
    case = next(c for c in _CASES if c[0] == kind)
    action = actions.Action(kind=kind, at=case[1], slots=case[2])
    self.assertIsNotNone(undo.undo(samples.wired(), action))

  @parameterized.parameters(
      ("add_state", ("orbitals", 7, "traits", 0), ("x", None)),
      ("add_state", (*_TRAIT, "name"), ("x", None)),
      ("add_state", _TRAIT, ("x",)),
      ("add_effect", _TRANSITION, ("navigate", 3)),
      ("set_guard", (*_TRANSITION, "from"), ("x",)),
      ("use_behavior", _ORBITAL, ("no such", "T", None, None)),
      ("remove", (), ()),
      ("remove", (*_ORBITAL, "pages", 5), ()),
      ("no such kind", (), ()),
  )
  def test_errors_are_typed(self, kind, at, slots):
    with self.assertRaises(actions.ActionError):
      action = actions.Action(kind=kind, at=at, slots=slots)
      actions.apply(samples.wired(), action)

  @parameterized.parameters(
      {}, {"kind": "add_state"}, {"kind": "x", "at": [], "slots": []},
      {"kind": "add_state", "at": [], "slots": []},
      {"kind": "add_state", "at": 3, "slots": []},
  )
  def test_records_are_checked(self, **record):
    with self.assertRaises(actions.ActionError):
      actions.Action.from_json(record)

  def test_what_is_proposed_applies(self):
    rng = random.Random(0)
    kinds = set()
    for seed in range(8):
      program = samples.generated_plan(seed).target
      before = program_lib.canonical(program)
      for focus in [p for p, _ in program_lib.traits(program)][:2]:
        places = proposals.sites(program, focus)
        for _ in range(80):
          action = proposals.propose_any(program, places, rng)
          kinds.add(action.kind)
          actions.apply(program, action)
          spoilt = proposals.corrupt(program, action, rng)
          if spoilt is not None:
            self.assertNotEqual(spoilt, action)
            json.dumps(spoilt.to_json())
      self.assertEqual(program_lib.canonical(program), before)
    self.assertGreaterEqual(len(kinds), 20)


if __name__ == "__main__":
  absltest.main()
