"""Tests for `jepa/domains/code_repair/edits/render.py` and what it uses."""

import json
import random
import textwrap
import warnings

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import source
from tests.domains.code_repair import real_functions

_PER_FUNCTION = 3


def _only(text: str) -> source.Function:
  return source.functions(text.encode())[0]


def _index(function: source.Function, *texts: str) -> int:
  """Returns where some tokens are, one after the other, for the last time."""
  found = [token.text for token in function.tokens]
  return max(
      i for i in range(len(found)) if tuple(found[i:i + len(texts)]) == texts)


def _replace(text: str, old: str, new: str) -> str:
  """Replaces tokens of the only function in `text`; both are split at blanks.
  """
  function = _only(text)
  start = _index(function, *old.split())
  edit = edits.Edit(
      kind="expr_copy", start=start, end=start + len(old.split()),
      insert=tuple(new.split()))
  return edits.render(function, edit).apply(function.source).decode()


def _insert(text: str, before: str, new: str) -> str:
  function = _only(text)
  start = _index(function, *before.split()) if before else len(function.tokens)
  edit = edits.Edit(
      kind="insert_stmt", start=start, end=start, insert=tuple(new.split()))
  return edits.render(function, edit).apply(function.source).decode()


class InlineTest(parameterized.TestCase):

  @parameterized.parameters(
      ("return a  <  b", "<", "<=", "return a  <=  b"),
      ("return a<b", "<", "is not", "return a is not b"),
      ("return(a)", "( a )", "b", "return b"),
      ("return a if b else{}", "{ }", "c", "return a if b else c"),
      ("return (a  # why\n    + b)", "b", "- 1", "return (a  # why\n    + -1)"),
      ("return not  a", "not", "", "return a"),
      ("return(not a)", "not", "", "return(a)"),
      ("return g(a,  b)", ", b", "", "return g(a)"),
      ("return g(a,  # why\n    b)", "a ,", "", "return g(  # why\n    b)"),
      ("return g(a)", "a", "- x [ 1 : - 1 ]", "return g(-x[1:-1])"),
      ("return g(a)", "a", "k = { 1 : * b }", "return g(k={1: *b})"),
      ("return a  *  (b)", "a * ( b )", "len ( a * ( b ) )",
       "return len(a  *  (b))"),
      ("x = a", "x = a", "x = y = lambda : a", "x = y = lambda: a"),
  )
  def test_replaces(self, line, old, new, expected):
    head = "def f(a, b):\n  "
    self.assertEqual(
        _replace(f"{head}{line}\n", old, new), f"{head}{expected}\n")

  @parameterized.parameters(
      ("return a", "a", "not", "return not a"),
      ("return(a)", "a )", "not", "return(not a)"),
      ("return g( a )", ")", ", k = 1", "return g( a, k=1 )"),
      ("return a  # why", "", "+ 1", "return a + 1  # why"),
      ("return a[b]", "]", "- 1", "return a[b - 1]"),
      ("return a[b]", "b ]", "-", "return a[-b]"),
      ("return - a", "a", "b *", "return -b * a"),
      ("await_ = a", "await_", "self .", "self.await_ = a"),
  )
  def test_inserts(self, line, before, new, expected):
    head = "def f(a, b):\n  "
    self.assertEqual(
        _insert(f"{head}{line}\n", before, new), f"{head}{expected}\n")


class LinesTest(parameterized.TestCase):

  @parameterized.named_parameters(
      ("between", "def f(a):\n\tb = a  # c\n\n\t# d\n\treturn b\n",
       "\\n1 return", "\\n1 g ( b )",
       "def f(a):\n\tb = a  # c\n\tg(b)\n\n\t# d\n\treturn b\n"),
      ("at_the_end", "def f(a):\n  if a:\n      b = a\n\n\nx = 1\n",
       "", "\\n1 g ( a )",
       "def f(a):\n  if a:\n      b = a\n  g(a)\n\n\nx = 1\n"),
      ("in_the_last_block", "def f(a):\n  if a:\n      b = a\n",
       "", "\\n2 g ( a )", "def f(a):\n  if a:\n      b = a\n      g(a)\n"),
      ("after_no_line_break", "def f(a):\n  b = a", "", "\\n1 return b",
       "def f(a):\n  b = a\n  return b"),
      ("blocks", "def f(a):\n   b = a\n", "\\n1 b",
       "\\n1 if not a : \\n2 return \\n1 else : \\n2 while a : \\n3 pass",
       "def f(a):\n   if not a:\n      return\n   else:\n      while a:\n"
       "         pass\n   b = a\n"),
      ("crlf", "def f(a):\r\n  b = a\r\n", "", "\\n1 return b",
       "def f(a):\r\n  b = a\r\n  return b\r\n"),
      ("continued", "def f(a):\n  b = a \\\n\n  return b", "\\n1 return",
       "\\n1 g ( a )", "def f(a):\n  b = a \\\n\n  g(a)\n  return b"),
      ("text", "def f(a):\n  b = '''\nx\n'''\n  return b\n", "\\n1 return",
       "\\n1 g ( a )", "def f(a):\n  b = '''\nx\n'''\n  g(a)\n  return b\n"),
  )
  def test_inserts(self, text, before, new, expected):
    self.assertEqual(_insert(text, before, new), expected)

  @parameterized.named_parameters(
      ("with_its_comment", "def f(a):\n  # 1\n  b = a  # 2\n  # 3\n  c = b\n",
       "\\n1 b = a", "", "def f(a):\n  # 1\n  # 3\n  c = b\n"),
      ("at_the_end", "def f(a):\n  b = a\n  c = b", "\\n1 c = b", "",
       "def f(a):\n  b = a\n"),
      ("as_the_next_line", "def f(a):\n  b = a\n  for c in a:\n   c\n",
       "\\n1 b = a \\n1 for c in a :",
       "\\n1 for c in a : \\n2 b = a",
       "def f(a):\n  for c in a:\n   b = a\n   c\n"),
      ("swapped", "def f(a):\n  b  =  a  # 1\n  # 2\n  c = b  # 3\n  d\n",
       "\\n1 b = a \\n1 c = b", "\\n1 c = b \\n1 b = a",
       "def f(a):\n  # 2\n  c = b  # 3\n  b  =  a  # 1\n  d\n"),
      ("within_try", "def f(a):\n  b  =  g(a,  # 1\n      2)  # 3\n  d\n",
       "\\n1 b = g ( a , 2 )",
       "\\n1 try : \\n2 b = g ( a , 2 ) \\n1 except E : \\n2 pass",
       "def f(a):\n  try:\n    b  =  g(a,  # 1\n      2)  # 3\n  except E:\n"
       "    pass\n  d\n"),
      ("indented", "def f(a):\n  if a:\n     b  # 1\n  c = (a,\n  b)\n",
       "\\n1", "\\n2", "def f(a):\n  if a:\n     b  # 1\n     c = (a,\n  b)\n"),
  )
  def test_replaces(self, text, old, new, expected):
    if old == "\\n1" and new == "\\n2":
      function = _only(text)
      start = _index(function, "\\n1", "c")
      edit = edits.Edit(
          kind="indent", start=start, end=start + 1, insert=("\\n2",))
      actual = edits.render(function, edit).apply(function.source).decode()
    else:
      actual = _replace(text, old, new)
    self.assertEqual(actual, expected)

  @parameterized.parameters(
      (0, 1, ()), (4, 3, ()), (5, 99, ()), (8, 11, ("\\n1", "x")),
      (9, 9, ("\\n1", "x")), (9, 11, ("x", "\\n1", "y")),
  )
  def test_refuses_what_cuts_a_line(self, start, end, insert):
    function = _only("def f(a):\n  b = a\n")
    edit = edits.Edit(
        kind="insert_stmt", start=start, end=end, insert=insert)
    with self.assertRaises(ValueError):
      edits.render(function, edit)


class SpliceTest(absltest.TestCase):

  def test_refuses_another_file(self):
    splice = edits.Splice(offset=4, removed=b"a", inserted=b"b")
    self.assertEqual(splice.apply(b"x = a"), b"x = b")
    with self.assertRaisesRegex(edits.StaleSourceError, "byte 4"):
      splice.apply(b"x = c")


def _check(case: absltest.TestCase, function: source.Function, edit) -> None:
  """Checks what holds of every edit of every function."""
  splice = edits.render(function, edit)
  edited = edits.apply_edit(function, edit)
  case.assertEqual(splice.inverse().apply(edited.source), function.source)
  for record in (edit, splice):
    fields = json.loads(json.dumps(record.to_json()))
    case.assertEqual(type(record).from_json(fields), record)
  tokens = [t.text for t in function.tokens]
  case.assertEqual(
      [t.text for t in edited.tokens],
      [*tokens[:edit.start], *edit.insert, *tokens[edit.end:]])
  restored = edits.apply_edit(edited, edits.invert(function, edit))
  case.assertEqual([t.text for t in restored.tokens], tokens)
  description = edits.describe(function, edit)
  case.assertNotIn("\n", description)
  case.assertIn(f": {edit.kind}: ", description)


@st.composite
def _odd_files(draw):
  """Files of which nothing is as a formatter would leave it."""
  unit = draw(st.sampled_from((" ", "  ", "    ", "\t", "   \t")))
  end = draw(st.sampled_from(("\n", "\r\n", "\r")))
  blank = st.sampled_from(("", " ", "  ", "\t"))
  note = st.sampled_from(("", "", "  # ü: x", " \t", "#"))
  between = st.sampled_from(("", "", end, f"# ü{end}", f"{unit}{end}"))
  statements = st.sampled_from((
      "ü = a", "ü += b[ 1 :a]", "a.append( b )", "ü=(a,{n}  b)", "return a",
      "a = '''{n}'''", "g(a,{n}k = 'ü' ,)", "if a: b = 1", "del a ; b=2;",
      "b = \\{n} a",
      "return(not a)", "a = ((a or b))and b", "x = lambda:a if b else[a]",
      "assert(a)", "raise E( a )", "a=f'{{a!r}} ü' 'b'",
  ))
  headers = st.sampled_from((
      "if a :", "for a in b:", "while(a):", "with a as b:", "try :"))

  def block(depth):
    lines = []
    for _ in range(draw(st.integers(1, 3))):
      lines.append(draw(between))
      if depth < 3 and draw(st.integers(0, 3)) == 0:
        header = draw(headers)
        lines += [unit * depth, header, draw(note), end, *block(depth + 1)]
        if header == "try :":
          lines += [unit * depth, "except E as e:", draw(note), end,
                    *block(depth + 1)]
      else:
        inner = f"{draw(note)}{end}{draw(blank)}"
        statement = draw(statements)
        inner = inner if statement[-1] != "a" or "\\" not in statement else end
        inner = inner if "'''" not in statement else f"{end}ü{end}"
        lines += [unit * depth, statement.replace("{n}", inner).replace(
            "{{", "{").replace("}}", "}"), draw(note), end]
    return lines

  method = draw(st.booleans())
  head = [f"class C:{end}", unit] if method else [f"# ü{end}"]
  body = block(1 + method)
  text = "".join([*head, f"def f( a,b = 1 ):{draw(note)}{end}", *body])
  return text[:-len(end)] if draw(st.booleans()) else text


class LosslessTest(parameterized.TestCase):

  def test_on_real_functions(self):
    rng = random.Random(0)
    for function in real_functions.sample(80):
      candidates = edits.enumerate_edits(function)
      for edit in rng.sample(candidates, min(_PER_FUNCTION, len(candidates))):
        _check(self, function, edit)

  @hypothesis.given(_odd_files(), st.randoms(use_true_random=False))
  @hypothesis.settings(
      max_examples=60, deadline=None, derandomize=True,
      suppress_health_check=list(hypothesis.HealthCheck))
  def test_on_odd_files(self, text, rng):
    function, = source.functions(text.encode())
    candidates = edits.enumerate_edits(function)
    for edit in rng.sample(candidates, min(12, len(candidates))):
      _check(self, function, edit)
      edited = edits.apply_edit(function, edit)
      with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(edited.source.decode(), "edited", "exec")

  def test_an_if_around_a_line_is_taken_away_by_an_indentation(self):
    function, = source.functions(b"def f(a):\n  if a:\n    g(a)\n")
    bared = next(
        e for e in edits.enumerate_edits(function)
        if e.kind == "indent" and edits.apply_edit(function, e).text
        == "def f(a):\n  g(a)\n")
    around = edits.invert(function, bared)
    self.assertEqual(around.kind, "guard")
    self.assertEqual(
        edits.invert(edits.apply_edit(function, bared), around), bared)

  def test_on_neighbours(self):
    """Tests that other functions of the file stay and are found again."""
    text = textwrap.dedent("""
        def f(a):
          return a
        def g(b):
          return b
        """)
    first, second = source.functions(text.encode())
    for edit in edits.enumerate_edits(first):
      edited = edits.apply_edit(first, edit)
      _, found = source.functions(edited.source)
      self.assertEqual(found.text, second.text)
      again, _ = source.functions(edited.source)
      self.assertEqual(again.tokens, edited.tokens)
      self.assertEqual(again.end_lineno, edited.end_lineno)


if __name__ == "__main__":
  absltest.main()
