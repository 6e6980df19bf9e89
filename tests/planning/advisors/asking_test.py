"""Tests of questions as people hand them over."""

import json

from absl.testing import absltest
from absl.testing import parameterized
from jepa.planning.advisors import asking
from tests.domains.orb import samples

_STEP = samples.step("add_event", "orbitals", 0, "traits", 0,
                     slots=("SAVE", "Save"))


class AskingTest(parameterized.TestCase):

  def _file(self, content):
    text = content if isinstance(content, str) else json.dumps(content)
    return self.create_tempfile(content=text).full_path

  def test_reads_a_program_and_a_plan(self):
    program = self._file(samples.wired())
    steps = [_STEP.to_json()]
    for plan in (steps, {"steps": steps, "intent": ["shop"]}):
      question = asking.read_question(program, self._file(plan), ["car"])
      self.assertEqual(question.program, samples.wired())
      self.assertEqual(question.steps, (_STEP,))
      said = ("shop",) if isinstance(plan, dict) else ()
      self.assertEqual(question.intent, ("car", *said))

  @parameterized.parameters(
      ("{", "not JSON"),
      ([1], "a JSON object"),
      ({"name": "x"}, 'list of "orbitals"'),
      ('{"orbitals": [NaN]}', "not JSON"),
  )
  def test_says_what_is_wrong_with_a_program(self, content, message):
    path = self._file(content)
    with self.assertRaisesRegex(asking.QuestionError, message) as caught:
      asking.read_question(path)
    self.assertIn(path, str(caught.exception))

  @parameterized.parameters(
      ("[", "not JSON"),
      ({"name": "x"}, "a JSON list of actions, such as"),
      ({"steps": [], "intent": "shop"}, "a JSON list of actions"),
      ([{"kind": "fly"}], "step 1: "),
      ([_STEP.to_json(), 3], "step 2: "),
  )
  def test_says_what_is_wrong_with_a_plan(self, content, message):
    program, path = self._file(samples.wired()), self._file(content)
    with self.assertRaisesRegex(asking.QuestionError, message) as caught:
      asking.read_question(program, path)
    self.assertIn(path, str(caught.exception))

  def test_a_missing_file(self):
    with self.assertRaisesRegex(asking.QuestionError, "cannot read /no/such"):
      asking.read_question("/no/such")


if __name__ == "__main__":
  absltest.main()
