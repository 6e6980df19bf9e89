"""Tests of observations: order, budget, features, symbols."""

import dataclasses
import inspect

from absl.testing import absltest
from absl.testing import parameterized
from jepa import encoding
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import failure
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import source
from jepa.domains.code_repair import tries
from jepa.domains.code_repair import values
from jepa.domains.code_repair import vocabulary
import toolz.itertoolz

_FUNCTIONS = [
    f
    for f in source.functions(
        inspect.getsource(toolz.itertoolz).encode(), "itertoolz.py"
    )
    if len(f.tokens) <= 176
]
_FAILURE = failure.Failure(
    nodeid="t.py::test_f",
    exception="AssertionError",
    message="assert 3 == 4",
    expected="[1, 2]",
    observed="[1, 3]",
    test="def test_f():\n" + "".join(
        f"  assert take({i}, seq) == seq[:{i}]  # Why.\n" for i in range(40)
    ),
    test_lineno=10,
    line=31,
    frames=(("helper", "raise ValueError(n)"),),
    target_lines=(1,),
    is_raised_in_target=True,
)
_NAMES = [name for name, _ in vocabulary.VOCABULARY.node_features]


def _state(function=_FUNCTIONS[0], shown=_FAILURE) -> observation.State:
  line = function.lineno
  return observation.State(
      function=function,
      spectrum=localization.Spectrum(
          num_failing=2, num_passing=3, failing={line: 1, line + 1: 2},
          passing={line: 3},
      ),
      failure=shown and dataclasses.replace(shown, target_lines=(line + 1,)),
  )


def _rows(observed, **wanted):
  """Returns text and features of the nodes that have the wanted features."""
  rows = []
  for symbol, *features in observed.nodes:
    row = dict(zip(_NAMES, features), text=observed.symbols[symbol])
    if all(row[name] == value for name, value in wanted.items()):
      rows.append(row)
  return rows


def _role(name):
  return observation.ROLES.index(name)


class EncodeStateTest(parameterized.TestCase):

  def test_the_function_comes_first_token_by_token(self):
    for function in _FUNCTIONS:
      observed = observation.encode_state(_state(function))
      texts = [observed.symbols[n[0]] for n in observed.nodes]
      count = len(function.tokens)
      self.assertEqual(texts[:count], [t.text for t in function.tokens])
      roles = [n[1] for n in observed.nodes]
      self.assertEqual(set(roles[:count]), {_role("function")})
      self.assertNotIn(_role("function"), roles[count:])

  @parameterized.parameters(180, 200, 256)
  def test_every_state_fits_its_budget_and_vocabulary(self, max_nodes):
    for function in _FUNCTIONS:
      observed = observation.encode_state(_state(function), max_nodes)
      encoding.encode_observation(  # Raises where something does not fit.
          observed, vocabulary.VOCABULARY,
          num_nodes=max_nodes, num_symbols=max_nodes,
      )

  def test_a_function_over_the_budget_is_an_error(self):
    with self.assertRaisesRegex(ValueError, "more than the 5 nodes"):
      observation.encode_state(_state(), 5)

  def test_shows_both_sides_and_the_exception(self):
    observed = observation.encode_state(_state())
    texts = lambda role: [r["text"] for r in _rows(observed, role=_role(role))]
    self.assertEqual(texts("exception"), ["AssertionError"])
    self.assertEmpty(texts("message"))  # It would say it once more.
    self.assertEqual(texts("expected"), ["[", "1", ",", "2", "]"])
    self.assertEqual(texts("observed"), ["[", "1", ",", "3", "]"])
    self.assertEqual(texts("traceback")[:2], ["helper", "raise"])
    self.assertEqual(texts("count"), ["#failing:2", "#passing:2"])

  def test_the_message_shows_where_nothing_was_compared(self):
    shown = dataclasses.replace(_FAILURE, expected="", observed="")
    rows = _rows(observation.encode_state(_state(shown=shown)),
                 role=_role("message"))
    self.assertEqual([r["text"] for r in rows], ["assert", "3", "==", "4"])

  def test_shows_how_the_two_sides_differ(self):
    rows = _rows(observation.encode_state(_state()), role=_role("difference"))
    self.assertEqual([r["text"] for r in rows], ["#another item"])

  def test_shows_what_the_function_held_when_it_left(self):
    function = _FUNCTIONS[0]
    name = next(t for t in function.tokens if t.syntax == "parameter").text
    value = lambda name, kind, size, text: evidence.Value(
        name=name, type=kind, size=size, text=text
    )
    state = _state(function)
    state = dataclasses.replace(state, failure=dataclasses.replace(
        _FAILURE, target_lines=(), exit_line=function.lineno + 1,
        values=(value("return", "NoneType", -1, "None"),
                value("helper", "function", -1, "<function helper>"),
                value(name, "list", 0, "[]")),
    ))
    observed = observation.encode_state(state)
    shown = _rows(observed, role=_role("variable"))
    self.assertEqual([r["text"] for r in shown], ["return", name])
    shown = [r["text"] for r in _rows(observed, role=_role("value"))]
    self.assertEqual(shown, ["#NoneType", "None", "#list", "[", "]"])
    empty = values.CLASSES.index("empty")
    tokens = _rows(observed, role=_role("function"), value=empty)
    self.assertEqual({r["text"] for r in tokens}, {name})
    left = _rows(observed, role=_role("function"), mark=3)
    self.assertEqual({r["line"] for r in left}, {1})

  def test_shows_what_was_tried_and_what_it_did(self):
    function = _FUNCTIONS[0]
    candidates = edits.enumerate_edits(function)
    first, second = candidates[0], candidates[-1]
    state = dataclasses.replace(_state(function), tried=(
        tries.Try(edit=first, outcome="same_error"),
        tries.Try(edit=second, outcome="progress"),
    ))
    observed = observation.encode_state(state)
    shown = _rows(observed, role=_role("tried"))
    self.assertEqual(
        [(edits.KINDS[r["kind"] - 1], tries.OUTCOMES[r["outcome"]])
         for r in shown],
        [(first.kind, "same_error"), (second.kind, "progress")],
    )
    touched = localization.touched_tokens(function, second)
    for i in touched:
      _, *features = observed.nodes[i]
      row = dict(zip(_NAMES, features))
      self.assertEqual(tries.OUTCOMES[row["outcome"]], "progress")
      self.assertGreater(row["tries"], 0)

  def test_of_many_tries_those_with_progress_and_the_last_are_shown(self):
    edit = edits.enumerate_edits(_FUNCTIONS[0])[0]
    tried = [tries.Try(edit=edit, outcome="progress")] + [
        tries.Try(edit=edit, outcome="same_error") for _ in range(30)]
    shown = tries.shown(tried)
    self.assertLen(shown, tries.MAX_SHOWN)
    self.assertEqual(shown[0].outcome, "progress")

  @parameterized.parameters(None, 200)
  def test_the_failing_line_of_the_test_survives_truncation(self, max_nodes):
    observed = observation.encode_state(_state(), max_nodes)
    rows = _rows(observed, role=_role("test"))
    self.assertLessEqual(len(rows), 64)
    failed = [r["text"] for r in rows if r["mark"]]
    self.assertEqual("".join(failed), "asserttake(20,seq)==seq[:20]")
    lines = [r["line"] for r in rows]
    self.assertEqual(lines, sorted(lines))

  def test_marks_and_buckets(self):
    function = _FUNCTIONS[0]
    rows = _rows(observation.encode_state(_state()), role=_role("function"))
    by_line = {r["line"]: r for r in reversed(rows)}
    first, second = by_line[0], by_line[1]
    self.assertEqual((first["mark"], second["mark"]), (0, 2))
    self.assertEqual((first["failing"], second["failing"]), (2, 3))
    self.assertEqual((first["passing"], second["passing"]), (3, 0))
    self.assertLess(first["blamed"], second["blamed"])
    self.assertEqual(len(rows), len(function.tokens))

  def test_without_failure_there_is_only_the_function_and_the_counts(self):
    observed = observation.encode_state(_state(shown=None))
    roles = {n[1] for n in observed.nodes}
    self.assertEqual(roles, {_role("function"), _role("count")})


class EncodeCandidatesTest(absltest.TestCase):

  def test_arguments_point_at_what_is_inserted(self):
    for function in _FUNCTIONS:
      state = _state(function)
      observed = observation.encode_state(state)
      candidates = edits.enumerate_edits(function)
      extended, encoded = observation.encode_candidates(
          candidates, observed, state
      )
      self.assertEqual(
          extended.symbols[: len(observed.symbols)], observed.symbols
      )
      self.assertEqual(extended.nodes, observed.nodes)
      self.assertEqual(len(encoded), len(candidates))
      for edit, candidate in zip(candidates, encoded):
        texts = tuple(extended.symbols[i] for i in candidate.args)
        self.assertEqual(texts, edit.insert)
        self.assertEqual(edits.KINDS[candidate.kind], edit.kind)
        self.assertEqual((candidate.start, candidate.end),
                         (edit.start, edit.end))


if __name__ == "__main__":
  absltest.main()
