"""Tests for `jepa/domains/code_repair/edits/grammar.py` and its kinds."""

import ast
import os
import subprocess
import sys
import textwrap
import warnings

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import source
from tests.domains.code_repair import real_functions

# For each kind, what is in a function of `a` and `b` and what an edit makes
# of it.
_EXAMPLES = {
    "cmp_op": [
        ("return a < b", "return a <= b"),
        ("return a not in b", "return a in b"),
        ("return a is b", "return a == b"),
    ],
    "swap_args": [("return g(a, b + 1)", "return g(b + 1, a)")],
    "swap_elts": [
        ("return a, b", "return b, a"),
        ("return a if b else 0", "return 0 if b else a"),
    ],
    "bool_op": [
        ("return a and b or b", "return a and b and b"),
        ("return a or not b", "return a and not b"),
    ],
    "bin_op": [
        ("return a + b", "return a - b"),
        ("return (a + b) * 2", "return (a // b) * 2"),
        ("return a * b * 2", "return (a - b) * 2"),
        ("a += b", "a *= b"),
    ],
    "jump": [
        ("for b in a: continue", "for b in a: break"),
        ("for b in a: break", "for b in a: return b"),
        ("for b in a: return b + 1", "for b in a: break"),
        ("if a: pass\nreturn b", "if a: return 0\nreturn b"),
    ],
    "branch": [
        ("if a: return b\nelif b: return a", "if a: return b\nif b: return a"),
        ("if a: return b\nif b: return a", "if a: return b\nelif b: return a"),
        ("if a:\n  b = 1\na = 1", "if a:\n  b = 1\nelse:\n  a = 1"),
        ("if a:\n  b = 1\nelse:\n  a = 1", "if a:\n  b = 1\na = 1"),
        ("for c in a:\n  if c: return c\n  else:\n    return b",
         "for c in a:\n  if c: return c\nreturn b"),
        ("for c in a:\n  if c: return c\n  elif b:\n    return b",
         "for c in a:\n  if c: return c\nreturn b"),
        ("for c in a:\n  if c: b = c\n  elif b: return c\n  else:\n    b = 0",
         "for c in a:\n  if c: b = c\n  elif b: return c\nb = 0"),
        ("if a: g(b)", "while a: g(b)"), ("while a: g(b)", "if a: g(b)"),
        ("while a:\n  for c in b: break\n  else: g(b)",
         "if a:\n  for c in b: break\n  else: g(b)"),
    ],
    "off_by_one": [
        ("return range(a)", "return range(a + 1)"),
        ("return a[b:]", "return a[b - 1:]"),
        ("return a.b * b", "return (a.b - 1) * b"),
    ],
    "const": [
        ("return a + 1", "return a + 2"),
        ("return a ** 2", "return a ** -2"),
        ("return 'x', g('y')", "return 'y', g('y')"),
        ("return None", "return []"),
        # A variable, its opposite or its length.
        ("return range(1, 10)", "return range(1, a)"),
        ("for c in a: g(c, 1)", "for c in a: g(c, len(a))"),
        ("c = True", "c = not a"), ("g(k='x')", "g(k=a)"),
        ("return {'x': None}", "return {'x': b}"),
    ],
    "var_replace": [("return a", "return b")],
    "func_replace": [("return max(a, b)", "return min(a, b)")],
    "attr_replace": [
        ("return a.x + b.y", "return a.y + b.y"),
        ("a.append(b)", "a.extend(b)"),
    ],
    "swap_operands": [
        ("return a - (b + 1)", "return b + 1 - a"),
        ("return a in b", "return b in a"),
        # The same operands grouped otherwise.
        ("return a + b * 2", "return (a + b) * 2"),
        ("return (a + b) * 2", "return a + b * 2"),
        ("return a + b + 1 / 3", "return (a + b + 1) / 3"),
        ("return a - b - 1", "return a - (b - 1)"),
        ("return (a + b / 2) * 3", "return a + b / 2 * 3"),
        ("return (a + b) / 2 * 3", "return a + b / 2 * 3"),
        ("return a + b / 2 * 3", "return (a + b) / 2 * 3"),
        ("return -a ** 2", "return (-a) ** 2"),
        ("return -(a - b)", "return -a - b"),
        ("return int(a) / b", "return int(a / b)"),
        ("return len(a - 1)", "return len(a) - 1"),
        ("return a and (b or 1)", "return a and b or 1"),
        ("return a or b and 1", "return (a or b) and 1"),
        ("return not (a and b)", "return not a and b"),
        ("if not a or b: g()", "if not (a or b): g()"),
    ],
    "cmp_boundary": [("return a > 0", "return a <= 1")],
    "negate": [
        ("return a if b else 0", "return a if not b else 0"),
        ("if not (a or b): return a", "if a or b: return a"),
        ("while a or b: a = 0", "while not (a or b): a = 0"),
    ],
    "sign": [("return a * b", "return a * -b"), ("return -a", "return a"),
             ("return a[b]", "return a[-b]")],
    "drop_clause": [
        ("return a and b > 1", "return b > 1"),
        ("return (a or b) and b", "return a or b"),
        ("return [c for c in a if c]", "return [c for c in a]"),
    ],
    "drop_operand": [
        ("b = [a, 1]", "b = [1]"), ("b = [a[0],]", "b = []"),
        ("return a + b", "return b"), ("return (a + b) * b", "return a + b"),
    ],
    "unwrap_call": [
        ("return len(a) + 1", "return a + 1"),
        ("return a.strip()[0]", "return a[0]"),
        ("return abs(a - b) * 2", "return (a - b) * 2"),
        ("return a.get(b, 0) + 1", "return a[b] + 1"),
        ("return g(a.x())", "return g(a.x)"),
    ],
    "exception": [
        ("try: return a\nexcept KeyError: return b",
         "try: return a\nexcept IndexError: return b"),
        ("try: return a\nexcept KeyError: return b",
         "try: return a\nexcept (KeyError, IndexError): return b"),
        ("raise ValueError(a)", "raise TypeError(a)"),
    ],
    "import_name": [
        ("return math.floor(a)", "import math\nreturn math.floor(a)"),
    ],
    "indent": [
        ("for c in a:\n  b += c\n  return b",
         "for c in a:\n  b += c\nreturn b"),
        ("for c in a:\n  b += c\nb = 0", "for c in a:\n  b += c\n  b = 0"),
        ("while a:\n  a = g(a)\n  if a:\n    b = a\n    return b",
         "while a:\n  a = g(a)\n  if a:\n    b = a\nreturn b"),
        ("if a:\n  b = 0\n  g(b)\nreturn b", "b = 0\ng(b)\nreturn b"),
        ("for c in a:\n  if c: g(c)", "for c in a:\n  g(c)"),
        ("for c in a:\n  g(c)\n  b += c\n  return b",
         "for c in a:\n  g(c)\nb += c\nreturn b"),
        ("for c in a:\n  g(c)\nb += c\nreturn b",
         "for c in a:\n  g(c)\n  b += c\n  return b"),
        ("for c in a:\n  g(c)\n  if b:\n    yield b",
         "for c in a:\n  g(c)\nif b:\n  yield b"),
        ("for c in a:\n  g(c)\nif b:\n  yield b",
         "for c in a:\n  g(c)\n  if b:\n    yield b"),
    ],
    "swap_stmts": [
        ("a = b\nb = 0", "b = 0\na = b"),
        ("for c in a:\n  b = []\n  b.append(c)",
         "b = []\nfor c in a:\n  b.append(c)"),
        ("while b:\n  g(a)\n  a = 0", "a = 0\nwhile b:\n  g(a)"),
        ("a = 0\nwhile b:\n  g(a)", "while b:\n  a = 0\n  g(a)"),
    ],
    "keyword_arg": [
        ("return g(a, k=1)", "return g(a)"),
        ("return sorted(a)", "return sorted(a, reverse=True)"),
        ("return g(x=a) + g(x=b, y=0)", "return g(x=a, y=0) + g(x=b, y=0)"),
    ],
    "call_arg": [
        ("return g(a, b)", "return g(b)"),
        ("return range(a)", "return range(1, a)"),
        ("return a.get(b)", "return a.get(b, None)"),
        ("return g()", "return g(a)"),
    ],
    "return_expr": [
        ("return a", "return [a]"), ("return", "return a"),
        ("g(a)", "return g(a)"),
        ("if a:\n  b = 0\nreturn b", "if a:\n  return 0\nreturn b"),
    ],
    "cond_replace": [
        ("while True: return b", "while a <= b: return b"),
        ("while True: return b", "while not a: return b"),
    ],
    "call_to_assign": [
        ("a.strip()", "a = a.strip()"), ("g(a)", "a = g(a)"),
        ("b = b.append(a)", "b.append(a)"), ("b += g(b, 1)", "g(b, 1)"),
        ("if a:\n  return b + 1\nreturn a", "if a:\n  b = b + 1\nreturn a"),
        ("a.append(b)", "a = b"), ("a = b", "a.append(b)"),
        ("a = b", "a += b"), ("a += b", "a = b"),
    ],
    "target_replace": [("a[0] = b", "b = b")],
    "delete_stmt": [("a = 1\nreturn a", "return a")],
    "slice": [
        ("return a", "return a[::-1]"), ("return a[1:]", "return a"),
        ("return a[1:]", "return a[:1]"), ("return a", "return a[b:]"),
    ],
    "add_clause": [
        ("if b: return a", "if b and a is not None: return a"),
        ("if a == (): return b", "if a == () or a == []: return b"),
        ("if a == 1 or 2: return b", "if a == 1 or a == 2: return b"),
        ("if a[0]: return a", "if a and a[0]: return a"),
        ("if a or b: return a", "if not a and (a or b): return a"),
        ("if a[0]: return a", "if a[0] and a < b: return a"),
        ("return [c for c in a]", "return [c for c in a if c is not None]"),
        # What variables are used for says what may be asked of them.
        ("if a[0] > b: g(a)", "if a and a[0] > b: g(a)"),
        ("if b: return a[0]", "if b and len(a) > 0: return a[0]"),
        ("if b: return a - 1", "if b and a % 2 == 0: return a - 1"),
        ("if b: g(b)\nfor c in a: g(c)",
         "if b and b not in a: g(b)\nfor c in a: g(c)"),
        ("if b: g(a)", "if b and isinstance(a, str): g(a)"),
        ("if b: g(a, 'x')", "if b and b != 'x': g(a, 'x')"),
        ("return [c for c in b if c]\nif c in a: pass",
         "return [c for c in b if c and c in a]\nif c in a: pass"),
        ("return [c for c in a]", "return [c for c in a if c > b]"),
        # Like a clause that is there, elsewhere or in the same condition.
        ("if g(a): g(b)\nif b: g(a)", "if g(a): g(b)\nif g(b) and b: g(a)"),
        ("if a == 1: g(b)", "if a == 0 or a == 1: g(b)"),
        ("return a.x == b.x and g(a.y)",
         "return a.x == b.x and a.y == b.y and g(a.y)"),
        ("if a.islower(): g(a)", "if a.isupper() or a.islower(): g(a)"),
        ("return a > 0 and b", "return a > 0 and (b or a is None)"),
        # What stands in where a value is empty.
        ("a = b", "a = b or []"), ("return []", "return a or []"),
        ("return a.x", "return a and a.x"),
        ("return a", "return a or ''"), ("a = g(b)", "a = g(b) or {}"),
        ("return g(a)", "return g(a or [])"),
        ("return g(k=a)", "return g(k=a or '')"),
        ("return g(a - 1, a)", "return g(a - 1, a or 0)"),
        ("return {'x': a}", "return {'x': a or None}"),
        ("return b, g('north', a)", "return b, g('north', a or 'north')"),
        ("return g(a.x)", "return g(a and a.x)"),
    ],
    "wrap_call": [
        ("return a", "return len(a)"), ("return a", "return max(b, a)"),
        ("for c in a: pass", "for c in a.items(): pass"),
        ("for c in a: pass", "for c in reversed(a): pass"),
        ("return g(len(a), a)", "return g(len(a), a.upper())"),
        ("c = a / b", "c = round(a / b)"),
        ("return sorted(a)", "return sorted(a.items())"),
        ("if len(a) > 0: return a", "if len(a) > 0: return max(a)"),
        ("return a[b]", "return a.get(b)"),
        ("return a[b] + 1", "return a.get(b, 0) + 1"),
        ("return a.x", "return a.x()"), ("if a.x: g(b)", "if a.x(): g(b)"),
        ("return sorted(b, key=list)", "return sorted(b, key=list())"),
        # Another operand that a value is kept above or below.
        ("return a[b]", "return a[min(len(a) - 1, b)]"),
        ("return a[:b]", "return a[:min(len(a), b)]"),
        ("return g(a - b)", "return g(max(1, a - b))"),
        ("c = g(a, 50)", "c = min(50, g(a, 50))"),
        ("return a / b", "return a / max(1, b)"),
        ("return a - b", "return a - max(0, b)"),
    ],
    "arith_extend": [
        ("return a", "return a - b"), ("return a * b", "return a * b + a"),
        ("return a + b", "return (a + b) * 2"),
        ("return a - 1", "return b - (a - 1)"),
        ("if a > b: g(a)", "if a % b > b: g(a)"),
        ("return a + b", "return a + b % 2"),
        ("return a * b", "return (a - b) * b"),
        ("return a[b:]", "return a[len(a) - b:]"),
        ("return a[b:]", "return a[b + len(a):]"),
        ("return a[b]", "return a[b % len(a)]"),
        ("return a[b + 1]", "return a[(b + 1) % len(a)]"),
        # Constants: common ones, and those of the function.
        ("return a * b", "return a * b / 100"),
        ("c = a - b", "c = (a - b) // 10"), ("a += b", "a += b * 100"),
        ("g(int(a))", "g(int(a) % 10)"),
        ("return g(a, 60)", "return g(a * 60, 60)"),
        ("return a + g(b, 60)", "return a / 60 + g(b, 60)"),
    ],
    "try_except": [
        ("return a[0]",
         "try:\n  return a[0]\nexcept KeyError:\n  return None"),
        ("try:\n  return a[0]\nexcept KeyError:\n  pass", "return a[0]"),
        ("c = int(a)", "try:\n  c = int(a)\nexcept ValueError:\n  c = None"),
        ("c = a.pop()",
         "try:\n  c = a.pop()\nexcept IndexError:\n  pass"),
    ],
    "guard": [
        ("return a + b", "if a is None:\n  return None\nreturn a + b"),
        ("return a - b", "if a == 1:\n  return 0\nreturn a - b"),
        ("return a - b", "if a < b:\n  return 0\nreturn a - b"),
        ("return a[0]", "if len(a) == 0:\n  return None\nreturn a[0]"),
        ("return a == b", "if not a:\n  return False\nreturn a == b"),
        ("g(b)", "if not b:\n  return\ng(b)"),
        ("g(b)\nif b: raise E(a)", "if not b:\n  raise E(a)\ng(b)"
         "\nif b: raise E(a)"),
        ("for c in a:\n  g(c)\n  g(b)",
         "for c in a:\n  g(c)\n  if not c:\n    continue\n  g(b)"),
        ("while a:\n  g(a)", "while a:\n  g(a)\n  if not a:\n    break"),
        # Around a statement.
        ("g(a)\nb = 0", "if a:\n  g(a)\nb = 0"),
        ("for c in b:\n  a.append(c)",
         "for c in b:\n  if c not in a:\n    a.append(c)"),
        ("a[b] = 1", "if b not in a:\n  a[b] = 1"),
        ("a = 0", "if a is None:\n  a = 0"),
        ("a = g(a)", "if isinstance(a, str):\n  a = g(a)"),
        ("g(a)", "if b:\n  g(a)"),
        ("for c in b:\n  a = c", "for c in b:\n  if c > a:\n    a = c"),
        ("if b.x: g(b)\ng(a)", "if b.x: g(b)\nif b.x:\n  g(a)"),
        ("for c in b:\n  g(b)\n  return c",
         "for c in b:\n  g(b)\n  if c:\n    return c"),
    ],
    "expr_copy": [("return g(a.x) + b", "return g(a.x) + a.x")],
    "insert_stmt": [
        ("a = 0\nfor c in b:\n  g(c)",
         "a = 0\nfor c in b:\n  g(c)\n  a += 1"),
        ("c = []\nfor d in a:\n  g(d)",
         "c = []\nfor d in a:\n  c.append(d)\n  g(d)"),
        ("for c in a: g(c)", "a = b\nfor c in a: g(c)"),
        # A value that is elsewhere, added to something.
        ("c = 0\nfor d in a:\n  b(d.x)",
         "c = 0\nfor d in a:\n  b(d.x)\n  c += d.x"),
        ("c = []\nfor d in a:\n  if b(d): pass",
         "c = []\nfor d in a:\n  if b(d): pass\n  c.append(b(d))"),
        ("c = []\nc.append(b)", "c = []\nc.append(b)\nc.extend(a)"),
        ("for d in b:\n  if a[d]: pass",
         "for d in b:\n  if a[d]: pass\n  a[d] += 1"),
        ("for d in b:\n  g(a[d])", "for d in b:\n  a[d] = b\n  g(a[d])"),
        # What is left when a loop ends.
        ("for c in a:\n  if b: yield b\n  b = c",
         "for c in a:\n  if b: yield b\n  b = c\nif b:\n  yield b"),
        ("d = []\nfor c in a:\n  d.append(b)\n  b = c\nreturn d",
         "d = []\nfor c in a:\n  d.append(b)\n  b = c"
         "\nif b is not None:\n  d.append(b)\nreturn d"),
        # What a variable starts from, once more or at last.
        ("c = ''\nfor d in a:\n  c += d\n  g(c)",
         "c = ''\nfor d in a:\n  c += d\n  g(c)\n  c = ''"),
        ("for d in a:\n  c += d", "c = 0\nfor d in a:\n  c += d"),
        ("for d in a:\n  c.append(d)",
         "c = []\nfor d in a:\n  c.append(d)"),
        ("for d in a:\n  c[d] = b", "c = {}\nfor d in a:\n  c[d] = b"),
        ("for d in a:\n  if d: c = True\n  g(c)",
         "for d in a:\n  c = False\n  if d: c = True\n  g(c)"),
        ("c = a, b", "c = a, b\nreturn b, a"),
        ("for c in a: g(c)", "for c in a: g(c)\nreturn len(a)"),
        ("def c(): return a", "def c(): return a\nreturn c"),
    ],
}
# What makes an edit of the wrong place not compile, all in one file.
_TRAPS = '''
import functools

def declared(a):
  b = a
  global LIMIT
  LIMIT = b + 1
  return LIMIT

def counter(a):
  total = 0
  other = 1
  def add(b):
    nonlocal total
    total += b
    return total
  total = add(a)
  return other

async def stream(a, b):
  async for c in a:
    yield c + b
  await b
  return

def generate(a, b=(1), *rest, k=-1, **kw):
  c = yield a
  d = (yield)
  yield from [c, d, *rest]
  if (e := len(a)) > 1 and not (e in kw):
    return [x for x in a if x if (y := x)]
  print(*rest, k, sep="", **kw)
  return sum(x for x in a), f(k=1, *rest), f(a,), f((x for x in a))

def matches(a: "A" = None) -> "list[A]":
  """Doc."""
  match (a):
    case [1, *rest] if rest or a:
      a = rest
      b = 1
    case {"k": value, **others}:
      return value
      pass
    case str() as text: return text
    case _:
      b = 2
      a = b
  return -1 .real, a[1:2, ::3], a[b], "a" "b", f"{a}" "c"

def statements(a, b):
  class Local(a):
    c = 1
    def m(self, x): return self.c + x
  try:
    del a; b = 1
  except* ValueError as e:
    b = e
    a = 2
  if a: return b
  elif b: pass
  else: b = a; a = 0
  x = lambda p, q=1: (p or q, -p ** -q)
  with (open(a) as h, open(b)):
    h, a[0], (b, c) = c, not a, (a if b else c) if a else b
    while a:
      for i in b: continue
      else: break
    while b:
      if a: continue
      assert a, b
    raise a from b
'''


def _function(body: str) -> source.Function:
  text = "def f(a, b):\n" + textwrap.indent(body, "  ") + "\n"
  function, = source.functions(text.encode())
  return function


def _body(function: source.Function) -> str:
  return textwrap.dedent(function.text.partition("\n")[2]).rstrip("\n")


def _compile(function: source.Function) -> None:
  with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    compile(textwrap.dedent(function.text), "edited", "exec")


def _texts(function: source.Function) -> list[str]:
  return [token.text for token in function.tokens]


class KindsTest(parameterized.TestCase):

  @parameterized.named_parameters(
      (f"{kind}_{i}", kind, *example)
      for kind, examples in _EXAMPLES.items()
      for i, example in enumerate(examples)
  )
  def test_makes(self, kind, body, expected):
    function = _function(body)
    made = [
        _body(edits.apply_edit(function, edit))
        for edit in edits.enumerate_edits(function) if edit.kind == kind
    ]
    self.assertIn(expected, made)

  @parameterized.parameters(
      ("a, b=1", "a, b=0"), ("a, b=1", "a, b"), ("a, b", "a, b=None"),
      ("a, b=[]", "a, b=None"), ("a, *, k=(0)", "a, *, k"),
  )
  def test_changes_defaults(self, before, after):
    function, = source.functions(f"def f({before}): pass".encode())
    made = [edits.apply_edit(function, e).text
            for e in edits.enumerate_edits(function) if e.kind == "default"]
    self.assertIn(f"def f({after}): pass", made)

  @parameterized.parameters(
      ("c, b", "a, b"), ("c, b", "c, a"), ("b=1", "a=1"), ("", "a"),
      ("self, /, b=1", "self, a, /, b=1"), ("b: int, *, c", "b: int, a, *, c"),
  )
  def test_names_parameters(self, before, after):
    """Tests that `a`, which is used but not bound, becomes one."""
    function, = source.functions(f"def f({before}): return a\n".encode())
    made = [edits.apply_edit(function, e).text
            for e in edits.enumerate_edits(function) if e.kind == "parameter"]
    self.assertIn(f"def f({after}): return a\n", made)

  @parameterized.parameters(
      "    self.check()\n", "    self.items.sort()\n", "    self.count += 1\n",
      "    self.reset()\n", "    super().add(item)\n",
  )
  def test_inserts_what_siblings_call(self, line):
    """Tests with a file in which the function is edited already, too."""
    text = textwrap.dedent("""
        class Box(Base):
          def add(self, item):
            self.items.append(item)

          def remove(self, other):
            self.check()
            self.items.remove(other)
            self.items.sort()
            self.count += 1

          def reset(self):
            pass
        """)
    for source_text in (text, text.replace("append(item)", "append(0)")):
      function = source.functions(source_text.encode())[0]
      made = [edits.apply_edit(function, e).text
              for e in edits.enumerate_edits(function)
              if e.kind == "insert_stmt"]
      self.assertIn(function.text + line.replace("    ", "  " * 2), made)
      self.assertFalse(any("other" in text for text in made))

  def test_examples_are_of_every_kind(self):
    self.assertEqual(
        {*_EXAMPLES, "default", "parameter"}, set(edits.KINDS))
    self.assertLen(edits.KINDS, len(set(edits.KINDS)))

  def test_mention_what_the_pools_have(self):
    function = _function("return a.x + g(b, 'y')")
    pools = edits.Pools(
        names=("helper",), attributes=("size",), literals=("'z'", "7"))
    made = [_body(edits.apply_edit(function, e))
            for e in edits.enumerate_edits(function, pools)]
    self.assertContainsSubset(
        ("return a.x + helper(b, 'y')", "return a.size + g(b, 'y')",
         "return a.x + g(b, 'z')", "return a.x + g(b * 7, 'y')",
         "return a.x + g(b or 'z', 'y')"), made)


  def test_treat_numbers_as_such(self):
    """Tests that none asks a number for its length, an item or a method."""
    function = _function("return len(a)")
    made = "\n".join(_body(edits.apply_edit(function, edit))
                     for edit in edits.enumerate_edits(function))
    self.assertIn("round(len(a))", made)
    self.assertIn("len(a[0])", made)
    self.assertNotIn("len(a)[0]", made)
    self.assertNotIn("len(a).", made)


class GrammarTest(parameterized.TestCase):

  def test_gives_distinct_programs_that_compile(self):
    """Tests every edit of some functions, and that its tokens are foreseen."""
    for function in (*source.functions(_TRAPS.encode()),
                     *real_functions.sample(2)):
      seen = {ast.dump(function.tree): None}
      before = _texts(function)
      for edit in edits.enumerate_edits(function):
        edited = edits.apply_edit(function, edit)
        self.assertEqual(
            _texts(edited),
            [*before[:edit.start], *edit.insert, *before[edit.end:]])
        _compile(edited)
        tree = ast.dump(edited.tree)
        self.assertNotIn(tree, seen, (edit, seen.get(tree)))
        seen[tree] = edit

  def test_is_the_same_in_every_process(self):
    """Tests against orders that depend on the hashes of strings."""
    function, = source.functions(textwrap.dedent("""
        def f(a, b=1):
          c = g(a, k=b) + a.x
          return [c, a.y] if a and b else sorted(c, key=None)
        """).encode())
    script = (
        "from jepa.domains.code_repair import edits, source; "
        f"function, = source.functions({function.source!r}); "
        "print(edits.enumerate_edits(function))"
    )
    for seed in ("1", "2"):
      printed = subprocess.run(
          [sys.executable, "-c", script], check=True, capture_output=True,
          env={**os.environ, "PYTHONHASHSEED": seed,
               "PYTHONPATH": os.pathsep.join(sys.path)},
      ).stdout.decode()
      self.assertEqual(printed, f"{edits.enumerate_edits(function)}\n")

  def test_leaves_alone_what_only_people_read(self):
    """Tests that decorators, docstrings and annotations stay in the tree."""
    text = textwrap.dedent("""
        @d(1, k=a)
        def f(a: int = 1, *, b: "x" = 2) -> list[1]:
          \"""Doc.\"""
          c: dict[0] = a + 1
          @e(2)
          def g(c: int): return c + b
          return g
        """)
    function, = source.functions(text.encode())
    parts = ("@d(1, k=a)", ": int", ': "x"', "-> list[1]:", '"""Doc."""',
             "@e(2)")
    for edit in edits.enumerate_edits(function):
      edited = edits.apply_edit(function, edit).text
      for part in parts:
        self.assertIn(part, edited, edit)


if __name__ == "__main__":
  absltest.main()
