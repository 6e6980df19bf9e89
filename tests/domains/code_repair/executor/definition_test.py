"""Tests that a function compiled alone is the function of its file."""

import ast
import importlib.util
import pathlib
from types import CodeType

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair.executor.worker import definition
import sample_project


def _all_code(code):
  for constant in code.co_consts:
    if isinstance(constant, CodeType):
      yield constant
      yield from _all_code(constant)


def _meaning(code):
  """All but the instructions: calls of imported modules are compiled in
  another way, for speed, where the import is in sight."""
  return (
      code.co_filename, code.co_qualname, code.co_flags, code.co_names,
      code.co_varnames, code.co_freevars, code.co_cellvars,
      code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount,
      sorted({line for _, _, line in code.co_lines() if line}),
      [_meaning(c) if isinstance(c, CodeType) else (type(c), c)
       for c in code.co_consts],
  )


def _sources(package):
  spec = importlib.util.find_spec(package)
  return sorted(pathlib.Path(spec.origin).parent.glob("*.py"))


def _site(target, text, future=()):
  return definition.Site(
      filename=target.path,
      qualname=target.qualname,
      lineno=target.lineno,
      text=text,
      future=future,
  )


class DefinitionTest(parameterized.TestCase):

  @parameterized.parameters("absl.testing", "attr", "pluggy", "toolz", "rich")
  def test_compiled_alone_or_in_its_file(self, package):
    count = 0
    for path in _sources(package):
      source = path.read_text(encoding="utf-8")
      whole = compile(source, str(path), "exec", dont_inherit=True)
      future = definition.future_names(ast.parse(source))
      live = {(c.co_qualname, c.co_firstlineno): c for c in _all_code(whole)}
      for target, text in sample_project.functions(source, str(path)):
        site = _site(target, text, future)
        expected = live[target.qualname, target.lineno]
        self.assertEqual(_meaning(site.code), _meaning(expected))
        count += 1
    self.assertGreater(count, 40)

  def test_another_text_is_refused(self):
    target, text = sample_project.function(
        "def f():\n  return 1\n", "a.py", "f"
    )
    site = _site(target, text)
    for other in ("def g(): pass", "f = 1", "class f: pass"):
      with self.assertRaises(definition.CannotSwap):
        site.compile(other)


if __name__ == "__main__":
  absltest.main()
