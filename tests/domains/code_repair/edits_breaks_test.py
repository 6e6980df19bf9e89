"""Tests for `jepa/domains/code_repair/edits/breaking/breaks.py`."""

import ast
import collections
import random
import textwrap

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import source
from jepa.domains.code_repair.edits.breaking import breaks
from jepa.domains.code_repair.edits.breaking import variants
from tests.domains.code_repair import real_functions

# A function in which every one of these kinds of fixes can be needed.
_RICH = """
class Box:
  def __init__(self, low, high, name=None):
    self.low = low
    self.high = high

  def clip(self, values, limit, start=0):
    import math
    if values is None:
      return []
    result = []
    for value in sorted(values[1:], reverse=True):
      if not value or value is not None and value > limit:
        continue
      result.append(value)
      start += 1
    total = len(result) + start - 1
    return max(0, math.floor(total - start))
"""
_ADDITIVE = (
    "add_clause", "wrap_call", "off_by_one", "arith_extend", "slice", "guard",
    "insert_stmt", "keyword_arg", "default", "import_name",
)
# What a function has, and the fix that puts it back when it is gone.
_PUT_BACK = (
    ("insert_stmt", r"\n1 count = 0", """
def f(items):
  count = 0
  for item in items:
    count += 2
  return count
"""),
    ("insert_stmt", r"\n3 row = [ ]", """
def f(items, width):
  for item in items:
    row.append(item)
    if len(row) == width:
      g(row)
      row = []
"""),
    ("guard", r"\n2 if item not in found : \n3 found . append ( item )", """
def f(items, found):
  for item in items:
    if item not in found:
      found.append(item)
"""),
    ("insert_stmt", r"\n1 if last : \n2 yield last", """
def f(items):
  last = None
  for item in items:
    if item.new:
      yield last
    last = item
  if last:
    yield last
"""),
    ("insert_stmt", r"\n2 table [ item ] += 1", """
def f(items, table):
  for item in items:
    table.setdefault(item, 0)
    g(table[item])
    table[item] += 1
"""),
    ("insert_stmt", r"\n2 found . append ( item . name )", """
def f(items):
  found = []
  for item in items:
    g(item.name)
    found.append(item.name)
  return found
"""),
    ("insert_stmt", r"\n1 self . sort ( )", """
class Box:
  def add(self, item):
    self.items.append(item)
    self.sort()

  def sort(self):
    self.items.sort()
"""),
    ("indent", r"\n1 g ( item )", """
def f(item, found):
  g(item)
  found.append(item)
"""),
    ("branch", "while", """
def f(items):
  while items:
    items.pop()
"""),
)


def _clip() -> source.Function:
  return source.functions(_RICH.encode())[1]


class SampleBreaksTest(parameterized.TestCase):

  def test_fixes_are_in_the_grammar_and_restore_the_program(self):
    kinds = collections.Counter()
    for i, function in enumerate((_clip(), *real_functions.sample(25))):
      for found in edits.sample_breaks(function, random.Random(i), 3):
        broken = edits.apply_edit(function, found.edit)
        self.assertNotEqual(ast.dump(broken.tree), ast.dump(function.tree))
        self.assertIn(found.fix, edits.enumerate_edits(broken))
        self.assertEqual(found.fix.kind, found.kind)
        self.assertEqual(
            ast.dump(edits.apply_edit(broken, found.fix).tree),
            ast.dump(function.tree))
        kinds[found.kind] += 1
    self.assertGreater(len(kinds), 18, kinds)
    # Of these functions most have a default; of those that packages test, few.
    self.assertLess(max(kinds.values()), 0.5 * kinds.total(), kinds)
    del kinds["default"]
    self.assertLess(max(kinds.values()), 0.2 * kinds.total(), kinds)

  def test_depends_on_the_generator_only(self):
    function = _clip()
    first, second, other = (
        edits.sample_breaks(function, random.Random(seed), 6)
        for seed in (3, 3, 4)
    )
    self.assertEqual(first, second)
    self.assertNotEqual(first, other)
    self.assertLen({found.edit for found in first}, 6)

  @parameterized.parameters(*_ADDITIVE)
  def test_finds_additive_fixes_where_they_are_asked_for(self, kind):
    found = edits.sample_breaks(
        _clip(), random.Random(0), 4, weights={kind: 1.0})
    self.assertNotEmpty(found)
    for item in found:
      self.assertEqual(item.kind, kind)
    longest = max(
        len(item.fix.insert) - item.fix.end + item.fix.start for item in found)
    self.assertGreater(longest, 0)

  @parameterized.parameters(
      ("arith_extend", "return (a + b) / 100", "return a + b"),
      ("arith_extend", "return g(a * 60, 60)", "return g(a, 60)"),
      ("wrap_call", "return a[min(len(a) - 1, b)]", "return a[b]"),
      ("wrap_call", "return a / max(1, b)", "return a / b"),
      ("add_clause", "return g(a or [])", "return g(a)"),
      ("add_clause", "a = b or {}", "a = b"),
      ("const", "return range(1, a)", "return range(1, 0)"),
      ("const", "return g(a, k=not b)", "return g(a, k=True)"),
      ("wrap_call", "return a.get(b, 0)", "return a[b]"),
      ("wrap_call", "return g(a.x(), b)", "return g(a.x, b)"),
      ("arith_extend", "return a[(b + 1) % len(a)]", "return a[b + 1]"),
      ("swap_operands", "return (a + b) * 2", "return a + b * 2"),
      ("swap_operands", "return not (a or b)", "return not a or b"),
  )
  def test_breaks_what_is_often_mistaken(self, kind, body, broken):
    head = "def f(a, b):\n  "
    function, = source.functions(f"{head}{body}\n".encode())
    found = edits.sample_breaks(
        function, random.Random(0), 200, weights={kind: 1.0})
    self.assertIn(f"{head}{broken}\n", [
        edits.apply_edit(function, item.edit).text for item in found])

  @parameterized.parameters(*_PUT_BACK)
  def test_breaks_so_that_a_fix_puts_back(self, kind, expected, text):
    function, *_ = source.functions(text.lstrip().encode())
    fixes = [
        found.fix for seed in range(5) for found in edits.sample_breaks(
            function, random.Random(seed), 20, weights={kind: 1.0})]
    self.assertIn(expected, {" ".join(fix.insert) for fix in fixes})

  def test_weighs_every_kind(self):
    self.assertEqual(set(breaks.DEFAULT_WEIGHTS), set(edits.KINDS))

  def test_needs_no_function_of_any_size(self):
    function, = source.functions(textwrap.dedent("""
        def f(): pass
        """).encode())
    self.assertEqual(
        edits.sample_breaks(function, random.Random(0), 4, {"cmp_op": 1.0}),
        [])


_SPELLINGS = (
    ("""
def f(items, n):
  for item in items:
    if item <= n:
      return item
""", "item < n + 1", "off_by_one"),
    ("""
def f(items):
  total = 0
  for item in items:
    total += item
  return total
""", "total = total + item", "arith_extend"),
    ("""
def f(items, key):
  for item in items:
    if item:
      if key:
        return item
""", "if item and key:", "add_clause"),
    ("""
def f(node):
  depth = 0
  if node:
    depth = node.depth
    node.seen = depth
""", "if not node:\n    return None\n  depth = node.depth", "guard"),
    ("""
def f(item, low):
  if item in (low, 3):
    return item
""", "item == low or item == 3", "bool_op"),
    ("""
def f(items, n):
  return n if items else None
""", "if items:\n    return n\n  return None", "guard"),
    ("""
def f(items, n):
  for item in items:
    if item < n:
      return item
""", "for elem in x", "jump"),
    ("""
def f(item, low):
  return max(item - low, 0)
""", "max(0, item - low)", "wrap_call"),
    ("""
def f(item, low):
  return low if item < low else item
""", "max(item, low)", "wrap_call"),
    ("""
def f(item, low):
  if item > low:
    item = low
  return item
""", "item = min(item, low)", "wrap_call"),
    ("""
def f(items, key):
  return items[key] if key in items else None
""", "items.get(key, None)", "wrap_call"),
    ("""
def f(items):
  return items if items else []
""", "items or []", "add_clause"),
    ("""
def f(items):
  return [item for item in items]
""", "import", "import_name"),
)


def _results(text):
  """Returns what a function `f` of two numbers gives for some of them."""
  namespace = {}
  exec(text, namespace)  # pylint: disable=exec-used
  return [namespace["f"](a, b) for a in range(3) for b in range(3)]


class VariantsTest(parameterized.TestCase):

  @parameterized.parameters(*_SPELLINGS)
  def test_spells_what_can_then_be_missing(self, text, spelling, kind):
    function, = source.functions(text.lstrip().encode())
    found = []
    for seed in range(20):  # Some spellings are wanted now and then only.
      found += edits.sample_variants(function, random.Random(seed), 20)
    spelled = [(v, b) for v, b in found if spelling in v.text]
    self.assertIn(kind, {b.kind for _, b in spelled})
    for variant, item in found:
      broken = edits.apply_edit(variant, item.edit)
      if item.fix is not None:
        self.assertEqual(
            ast.dump(edits.apply_edit(broken, item.fix).tree),
            ast.dump(variant.tree))

  def test_other_names_mean_the_same(self):
    text = """
def f(items, key, *, n=0):
  total = n
  for i, item in enumerate(items):
    if item is not None:
      total += sum(key(item, i) for item in [item] if item)
  return f"{n}", total
"""
    function, = source.functions(text.lstrip().encode())
    renamed = [
        v.function for v in variants.spell(function)
        if "enumerate(items)" not in v.function.text
    ]
    self.assertLen(renamed, 3)
    kinds = ("jump", "try_except")
    more = [v.function.text for v in variants.spell(function, kinds)]
    self.assertLen(more, len({*more}))
    self.assertContainsSubset({v.text for v in renamed}, more)
    self.assertLen(more, len(list(variants.spell(function))) + 5)
    for variant in renamed:
      namespace = {}
      exec(variant.text, namespace)  # pylint: disable=exec-used
      self.assertEqual(
          namespace["f"]([1, None, 3], lambda x, i: x * 10 + i, n=5),
          ("5", 47))

  @parameterized.parameters(
      *(f"return {chosen} if a {op} b else {other}"
        for op in ("<", "<=", ">", ">=")
        for chosen, other in (("a", "b"), ("b", "a"))),
      *(f"if {left} {op} {right}: a = b\n  return a"
        for op in ("<", ">=") for left, right in (("a", "b"), ("b", "a"))),
      "if a > 1: a = 0\n  elif a < b: a = b\n  return a",
      "c = {1: 2}\n  return c[a] if a in c else b",
      "c = {1: 2}\n  return b if a not in c else c[a]",
      "return (a if a else b) + 1",
  )
  def test_idioms_mean_the_same(self, body):
    function, = source.functions(f"def f(a, b):\n  {body}\n".encode())
    for variant in variants.spell(function):
      text = variant.function.text
      self.assertEqual(_results(function.text), _results(text), text)

  @parameterized.parameters(
      "c = {1: 2}\n  return c.get(a)",
      "c = {1: 2}\n  a = c.get(a + b, 0)\n  return a",
      "c = {1: 2}\n  d = c.pop(a, None)\n  return c, d",
      "return getattr(a, 'real' if b else 'lost', False)",
      "d = next(iter(range(a, b)), None)\n  return d",
  )
  def test_a_default_may_be_what_a_handler_gives(self, body):
    function, = source.functions(f"def f(a, b):\n  {body}\n".encode())
    wanted = ("try_except",)
    spelled = [
        v.function.text for v in variants.spell(function, wanted)
        if "except" in v.function.text
    ]
    self.assertLen(spelled, 1)
    self.assertNotIn(
        "except", "".join(v.function.text for v in variants.spell(function)))
    self.assertEqual(*map(_results, (function.text, *spelled)))
    bugs = edits.sample_variants(function, random.Random(0), 9, wanted)
    self.assertEqual({"try_except"}, {b.kind for _, b in bugs})

  def test_spellings_of_real_functions_parse_and_differ(self):
    for function in real_functions.sample(25):
      for variant, kinds, _ in variants.spell(function, ("try_except",)):
        self.assertNotEqual(ast.dump(variant.tree), ast.dump(function.tree))
        self.assertLessEqual(set(kinds), set(edits.KINDS))


class RemovalsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    found = source.functions(_RICH.encode(), "box.py")
    self.function = next(f for f in found if f.qualname == "Box.clip")

  def test_take_clauses_guards_and_terms_away(self):
    found = edits.sample_removals(self.function, random.Random(0), 100)
    self.assertEqual(
        {item.kind for item in found}, {"add_clause", "guard", "arith_extend"}
    )
    for item in found:
      broken = edits.apply_edit(self.function, item.edit)
      self.assertLess(len(broken.tokens), len(self.function.tokens))
      self.assertIsNone(item.fix)

  def test_a_guard_goes_whole(self):
    found = edits.sample_removals(self.function, random.Random(0), 100)
    gone = {
        edits.apply_edit(self.function, item.edit).text
        for item in found
        if item.kind == "guard"
    }
    self.assertLen(gone, 2)
    for text in gone:
      removed = set(self.function.text.splitlines()) - set(text.splitlines())
      self.assertLen(removed, 2)  # The question, and how it leaves.

  def test_gives_the_kinds_that_are_asked_for(self):
    for sample in (edits.sample_removals, edits.sample_variants):
      found = sample(self.function, random.Random(0), 100, ("guard",))
      kinds = [(b if sample is edits.sample_removals else b[1]).kind
               for b in found]
      self.assertEqual(set(kinds), {"guard"})

  def test_an_if_around_one_line_goes_alone(self):
    function, = source.functions(textwrap.dedent("""
        def f(items, limit):
          for item in items:
            if item % limit == 3:
              g(item)
        """).lstrip().encode())
    found = edits.sample_removals(function, random.Random(0), 100)
    gone = {edits.apply_edit(function, item.edit).text: item.kind
            for item in found}
    self.assertEqual(gone.get(textwrap.dedent("""
        def f(items, limit):
          for item in items:
            g(item)
        """).lstrip()), "guard")

  def test_gives_no_more_than_asked_and_the_same_again(self):
    sample = lambda: edits.sample_removals(self.function, random.Random(1), 3)
    self.assertLen(sample(), 3)
    self.assertEqual(sample(), sample())


if __name__ == "__main__":
  absltest.main()
