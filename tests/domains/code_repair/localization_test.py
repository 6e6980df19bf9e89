"""Tests of spectra and Ochiai scores."""

import math

from absl.testing import absltest
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import localization
from jepa.domains.code_repair import source

_TEXT = b"""def f(x):
  y = g(
      x,
  )
  return y
"""
_TARGET = evidence.Target(path="m.py", qualname="f", lineno=1)


def _report(outcome, *lines):
  return evidence.TestReport(
      nodeid="t", outcome=outcome, seconds=0.0, lines=lines
  )


def _spectrum(*reports):
  return localization.make_spectrum(
      evidence.Evidence(target=_TARGET, tests=reports)
  )


class LocalizationTest(absltest.TestCase):

  def test_scores_are_those_of_the_formula(self):
    spectrum = _spectrum(
        _report("failed", 2, 5), _report("hang", 2), _report("passed", 2, 3),
        _report("passed", 3), _report("skipped", 5),
    )
    self.assertEqual((spectrum.num_failing, spectrum.num_passing), (2, 2))
    scores = localization.ochiai(spectrum)
    self.assertEqual(scores.keys(), {2, 5})
    self.assertAlmostEqual(scores[2], 2 / math.sqrt(2 * (2 + 1)))
    self.assertAlmostEqual(scores[5], 1 / math.sqrt(2 * (1 + 0)))

  def test_continuation_lines_count_as_their_statement(self):
    function = source.functions(_TEXT)[0]
    spectrum = _spectrum(_report("failed", 2, 3), _report("passed", 2, 5))
    scores = localization.token_scores(function, spectrum)
    by_text = dict(zip((t.text for t in function.tokens), scores))
    self.assertEqual(by_text["def"], 0.0)
    self.assertEqual(by_text["g"], 1 / math.sqrt(2))
    self.assertEqual(by_text[","], 1.0)  # Line 3 was traced by itself.
    closing = [t.text for t in function.tokens].index(")", 8)
    self.assertEqual(function.tokens[closing].line, 4)
    self.assertEqual(scores[closing], 1 / math.sqrt(2))
    self.assertEqual(by_text["return"], 0.0)

  def test_an_insertion_touches_the_line_it_is_on(self):
    function = source.functions(_TEXT)[0]
    texts = [t.text for t in function.tokens]
    y = len(texts)  # After the last token: `return y + 1`.
    before_return = texts.index("return") - 1
    touched = lambda start, *insert: [
        function.tokens[i].line
        for i in localization.touched_tokens(
            function,
            edits.Edit(kind="x", start=start, end=start, insert=insert),
        )
    ]
    self.assertEqual(touched(y, "+", "1"), [5])
    self.assertEqual(touched(before_return, "+", "1"), [4])
    self.assertEqual(touched(before_return, "\\n1", "x", "=", "0"), [5])
    self.assertEqual(touched(y, "\\n1", "x", "=", "0"), [5])

  def test_edits_score_as_the_worst_line_they_touch(self):
    function = source.functions(_TEXT)[0]
    spectrum = _spectrum(_report("failed", 2, 3), _report("passed", 2, 5))
    whole = edits.Edit(
        kind="x", start=1, end=len(function.tokens), insert=()
    )
    self.assertEqual(
        localization.edit_scores(function, spectrum, [whole]), [1.0]
    )

  def test_json_round_trip(self):
    spectrum = _spectrum(_report("failed", 2, 5), _report("passed", 2))
    self.assertEqual(
        localization.Spectrum.from_json(spectrum.to_json()), spectrum
    )


if __name__ == "__main__":
  absltest.main()
