"""A small project that has one of everything, for tests to execute."""

import ast
import io
import pathlib
import textwrap
import tokenize

from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import executor

# Tests also run in containers that lack a layer of the sandbox.
LIMITS = executor.Limits(allow_unsafe=True)

SOURCE = "src/shop/pricing.py"

_FILES = {
    "pyproject.toml": """
        [tool.pytest.ini_options]
        addopts = "--strict-markers --no-such-option"
        testpaths = ["tests"]
        pythonpath = ["src"]
    """,
    "src/shop/__init__.py": "",
    SOURCE: '''
        """Prices."""

        from __future__ import annotations

        import functools

        RATE = 2


        def logged(function):
          """Made at import: the inner function lives before any edit."""
          calls = []

          @functools.wraps(function)
          def wrapper(*args):
            calls.append(function.__name__)
            return function(*args) + len(calls) * 0

          return wrapper


        def clamp(value, low=0, high=100):
          if value < low:
            return low
          if value > high:
            return high
          return value


        @functools.lru_cache(maxsize=None)
        def fibonacci(n):
          if n < 2:
            return n
          return fibonacci(n - 1) + fibonacci(n - 2)


        @logged
        def doubled(n):
          return n * RATE


        def counter(start):
          count = start

          def step(by=1):
            nonlocal count
            count += by
            return count

          return step


        def chunks(values, size):
          for start in range(0, len(values), size):
            yield values[start:start + size]


        def until(limit):
          """Edits easily make it endless."""
          n = 0
          while n < limit:
            n += 1
          return n


        async def total(values):
          result = 0
          for value in values:
            result += value
          return result


        class Base:

          def __init__(self, price):
            self.price = price

          def describe(self):
            return "item"


        class Item(Base):
          __tax = 3

          def __init__(self, price, count=1):
            super().__init__(price)
            self.__count = count

          def describe(self):
            return super().describe() + "!"

          @property
          def taxed(self):
            return self.price + self.__tax

          @functools.cached_property
          def total(self):
            return self.price * self.__count

          @staticmethod
          def parse(text):
            price, count = text.split("x")
            return Item(int(price), int(count))

          @classmethod
          def free(cls):
            return cls(0, count=0)

          class Tag:

            def label(self, name):
              return "<" + name + ">"


        half = functools.partial(clamp, high=50)
    ''',
    "tests/conftest.py": """
        import pytest

        from shop import pricing


        @pytest.fixture(scope="module")
        def item():
          return pricing.Item(10, 2)


        @pytest.fixture
        def clerk(tmp_path):
          path = tmp_path / "log"
          path.write_text("open")
          yield path
          path.unlink()
    """,
    "tests/test_functions.py": """
        import asyncio
        import os
        import warnings

        import pytest

        from shop.pricing import chunks
        from shop.pricing import clamp
        from shop.pricing import counter
        from shop.pricing import doubled
        from shop.pricing import fibonacci
        from shop.pricing import half
        from shop.pricing import total
        from shop.pricing import until


        @pytest.mark.parametrize("value, expected", [
            (-1, 0), (0, 0), (7, 7), (100, 100), (101, 100)])
        def test_clamp(value, expected):
          assert clamp(value) == expected


        def test_half():
          assert half(70) == 50


        @pytest.mark.parametrize("values", [[1, 2, 3]])
        def test_chunks(values):
          assert list(chunks(values, 2)) == [[1, 2], [3]]
          values.clear()


        def test_fibonacci():
          assert [fibonacci(n) for n in range(6)] == [0, 1, 1, 2, 3, 5]


        def test_doubled():
          assert doubled(4) == 8
          assert doubled.__name__ == "doubled"


        def test_counter():
          step = counter(3)
          assert step() == 4
          assert step(2) == 6


        def test_until():
          assert until(5) == 5


        def test_total():
          assert asyncio.run(total([1, 2])) == 3


        @pytest.mark.xfail(reason="known")
        def test_known_bug():
          assert clamp(-5) == -5


        @pytest.mark.skip(reason="never")
        def test_skipped():
          assert clamp(1) == 2


        def test_warns():
          with pytest.warns(UserWarning):
            warnings.warn("x")
          assert clamp(3) == 3


        def test_raises():
          with pytest.raises(TypeError):
            clamp("a")
    """,
    "tests/test_classes.py": """
        import unittest

        from shop import pricing


        class TestItem:

          def setup_method(self):
            self.local = pricing.Item(5)

          def test_taxed(self, item):
            assert item.taxed == 13
            assert self.local.taxed == 8

          def test_logged(self, clerk, item):
            assert clerk.read_text() == "open"
            assert item.total == 20


        class TestPlain:

          def test_describe(self):
            assert pricing.Item(1).describe() == "item!"

          def test_label(self):
            assert pricing.Item.Tag().label("a") == "<a>"


        class ItemTest(unittest.TestCase):

          def setUp(self):
            self.item = pricing.Item.parse("4x3")

          def test_parse(self):
            self.assertEqual(self.item.total, 12)

          def test_free(self):
            with self.subTest("total"):
              self.assertEqual(pricing.Item.free().total, 0)


        class SharedTest(unittest.TestCase):

          @classmethod
          def setUpClass(cls):
            cls.item = pricing.Item(2)

          def test_describe(self):
            self.assertEqual(self.item.describe(), "item!")
    """,
}

_SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", "==": "!=", "+": "-", "-": "+",
    "*": "//", "+=": "-=", "0": "1", "1": "2", "2": "3", "100": "99",
    "and": "or", "or": "and", "is": "is not", "not": "", "None": "0",
    "True": "False", "False": "True",
}


def write(folder: pathlib.Path, extra: dict[str, str] | None = None) -> None:
  """Writes the project, and further files of it, into `folder`."""
  for name, text in {**_FILES, **(extra or {})}.items():
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip("\n"))


def functions(source: str, path: str):
  """Yields the target and the text of each outermost function."""
  lines = source.split("\n")

  def visit(body, names):
    for node in body:
      if isinstance(node, ast.ClassDef):
        yield from visit(node.body, [*names, node.name])
      elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        decorators = [d.lineno for d in node.decorator_list]
        first = min([node.lineno, *decorators])
        yield evidence.Target(
            path=path, qualname=".".join([*names, node.name]), lineno=first
        ), "\n".join(lines[first - 1:node.end_lineno])

  return visit(ast.parse(source).body, [])


def function(source: str, path: str, qualname: str):
  """Returns the target and the text of one function."""
  for target, text in functions(source, path):
    if target.qualname == qualname:
      return target, text
  raise LookupError(qualname)


def swaps(text: str) -> list[str]:
  """Returns the text with each one of its operators and numbers swapped."""
  lines = text.split("\n")
  indent = len(lines[0]) - len(lines[0].lstrip())
  found = []
  tokens = tokenize.generate_tokens(
      io.StringIO("\n".join(line[indent:] for line in lines)).readline
  )
  for token in tokens:
    if token.string in _SWAPS:
      row, column = token.start[0] - 1, token.start[1] + indent
      line = lines[row]
      changed = (
          line[:column] + _SWAPS[token.string]
          + line[column + len(token.string):]
      )
      found.append("\n".join([*lines[:row], changed, *lines[row + 1:]]))
  return found
