"""Tests of the linear ranker and of its features."""

import dataclasses

from absl.testing import absltest
from jepa.baselines import code_repair_linear
from jepa.domains.code_repair import edits as edits_lib
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import hints
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import records
from jepa.domains.code_repair import source
import numpy as np

_TEXT = """\
def total(prices_{i}):
  result = {i}
  for price in range(prices_{i}):
    result += price
  return result
"""


def make_record(i: int, word: str = "apple") -> records.Record:
  """A loop that ends too early: only `+ 1` in its `range` repairs it."""
  text = _TEXT.format(i=i)
  (function,) = source.functions(text.encode(), "shop.py")
  edits = tuple(edits_lib.enumerate_edits(function))
  fixed = f"range(prices_{i} + 1)"
  passes = [
      fixed in edits_lib.apply_edit(function, edit).text for edit in edits
  ]
  observed = records.Observed(
      text=text,
      spectrum=localization.Spectrum(
          num_failing=1, num_passing=1, failing=dict.fromkeys(range(2, 6), 1),
          passing=dict.fromkeys((2, 3, 5), 1),
      ),
      failure=failure_lib.Failure(
          nodeid="t.py::test", exception="AssertionError", message=word,
          expected="6", observed="3", test=f"assert total({word}) == 6",
          exit_line=5,
          values=(
              evidence.Value(name="return", type="int", size=-1, text="3"),
          ),
      ),
  )
  return records.Record(
      package="shop", broken=observed, exceptions={"t.py::test": ""},
      target=evidence.Target(path="shop.py", qualname="total", lineno=1),
      candidates=edits, fix=passes.index(True), following=(),
      executions=tuple(
          evidence.Execution(status="passed" if p else "failed")
          for p in passes
      ),
  )


class FeaturesTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.record = make_record(3, "prices_3")
    state = self.record.state(self.record.broken)
    self.extract = hints.make_extractor(state)
    self.tokens = state.function.tokens

  def _at(self, text):
    return next(i for i, t in enumerate(self.tokens) if t.text == text)

  def test_says_what_a_reader_sees(self):
    place = self._at("+=")
    edit = edits_lib.Edit(
        kind="bin_op", start=place, end=place + 1, insert=("-=",)
    )
    found = self.extract(edit)
    self.assertContainsSubset(
        {"kind=bin_op", "kind=bin_op returned=few", "worst", "+= -> -=",
         "no passing test", "head=expression", "removes 1", "inserts 1",
         "kind=bin_op exception=AssertionError"},
        found,
    )
    self.assertEqual(found["ochiai"], 1.0)
    self.assertNotIn("mark=left", found)

  def test_knows_where_words_were_said(self):
    place = self._at("price")
    edit = edits_lib.Edit(
        kind="var_replace", start=place, end=place + 1, insert=("prices_3",)
    )
    found = self.extract(edit)
    for where in ("test", "message", "bound", "used", "line"):
      self.assertEqual(found[f"brings from {where}"], 1.0)
    self.assertNotIn("brings from module", found)
    self.assertNotIn("takes from test", found)
    self.assertEqual(found["takes from bound"], 1.0)
    edit = edits_lib.Edit(
        kind="var_replace", start=place, end=place + 1, insert=("unheard",)
    )
    self.assertEqual(self.extract(edit)["brings from nowhere"], 1.0)

  def test_every_edit_of_the_grammar_has_features(self):
    for edit in self.record.candidates:
      found = self.extract(edit)
      self.assertIn(f"kind={edit.kind}", found)
      self.assertTrue(np.isfinite(list(found.values())).all())


class LinearRankerTest(absltest.TestCase):

  def test_learns_what_repairs_a_project(self):
    fitted = code_repair_linear.fit([make_record(i) for i in range(6)])
    self.assertEqual(fitted.num_states, 6)
    record = make_record(7, "pear")
    scores = fitted(record.state(record.broken), record.candidates)
    best = record.executions[int(np.argmax(scores))]
    self.assertEqual(best.status, "passed")

  def test_does_not_depend_on_the_order_of_candidates(self):
    fitted = code_repair_linear.fit([make_record(i) for i in range(4)])
    record = make_record(7)
    state, edits = record.state(record.broken), record.candidates
    scores = fitted(state, edits)
    np.testing.assert_allclose(fitted(state, edits[::-1])[::-1], scores)

  def test_gives_no_weight_to_what_few_states_know(self):
    fitted = code_repair_linear.fit([make_record(i) for i in range(4)])
    self.assertIn("kind=off_by_one", fitted.weights)
    self.assertFalse([n for n in fitted.weights if "prices_3" in n])

  def test_needs_both_a_pass_and_a_failure(self):
    record = make_record(0)
    failed = tuple(
        evidence.Execution(status="failed") for _ in record.executions
    )
    with self.assertRaisesRegex(ValueError, "one that failed"):
      code_repair_linear.fit(
          [dataclasses.replace(record, executions=failed)]
      )

  def test_gradient_is_that_of_the_listwise_loss(self):
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(5, 4))
    success = np.array([False, True, False, True, False])
    row, column = np.divmod(np.arange(20), 4)
    item = code_repair_linear._List(
        columns=np.arange(4), column=column, row=row,
        value=matrix.reshape(-1), is_success=success,
    )

    def loss(weights):
      waves = np.exp(matrix @ weights)
      return -np.log(waves[success].sum() / waves.sum())

    weights = rng.normal(size=4)
    numeric = [
        (loss(weights + step) - loss(weights - step)) / 2e-6
        for step in 1e-6 * np.eye(4)
    ]
    np.testing.assert_allclose(
        code_repair_linear._gradient(item, weights), numeric, rtol=1e-5
    )


if __name__ == "__main__":
  absltest.main()
