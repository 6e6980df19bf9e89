"""Tests for `statements`."""

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import edits
from jepa.planning.repair import statements

_FILE = b'''RATES = {"food": 7, "book": 7,
         "toy": 19}  # Percent.
"""Not bound."""
X = 1; Y = 2
__all__ = ["RATES"]
TEXT = """one
  two"""


class Bill:
  limit: int = 10
  declared: int

  def total(self):
    local = RATES
    return local


TABLE = [i for i in range(3)]
for i in range(3):
  TABLE[i] = i * 2
RATES.update(
    {"car": 2}
)
print(TEXT)
if __name__ == "__main__":
  text = Bill().total()
if TEXT:
  def defined():
    pass
'''


class StatementsTest(parameterized.TestCase):

  def test_which_are_found(self):
    found = list(statements.find(_FILE, "a.py"))
    self.assertEqual([(set(s.names), s.owner) for s in found], [
        ({"RATES"}, ""), ({"TEXT"}, ""), ({"limit"}, "Bill"), ({"TABLE"}, ""),
        ({"TABLE", "i"}, ""), ({"RATES"}, ""),
    ])

  def test_what_other_files_say(self):
    found = list(statements.find(_FILE, "a.py"))
    self.assertEqual(
        [set(s.outer_names) for s in found[:3]], [{"RATES"}, {"TEXT"}, {"Bill"}]
    )

  def test_lines_are_those_of_the_file(self):
    for statement in statements.find(_FILE, "a.py"):
      for token in statement.function.tokens:
        if token.syntax in ("number", "string", "name_store"):
          line = _FILE.splitlines()[statement.line(token.line) - 1]
          self.assertIn(token.text.split("\n")[0].encode(), line)

  @parameterized.parameters(b"", b"# Before.\n", b"\n\n\n")
  def test_edits_touch_nothing_else(self, before):
    content = before + _FILE
    for statement in statements.find(content, "a.py"):
      function = statement.function
      self.assertEqual(statement.unwrap(function.source), content)
      for edit in filter(statement.is_fit, edits.enumerate_edits(function)):
        edited = statement.unwrap(
            edits.render(function, edit).apply(function.source)
        )
        compile(edited, "a.py", "exec")
        self.assertNotEqual(edited, content)
        self.assertTrue(edited.startswith(content[:statement.start]))
        self.assertTrue(edited.endswith(content[statement.end:]))


if __name__ == "__main__":
  absltest.main()
