"""Small projects, each with a bug of one line and tests that show it."""

import dataclasses
import pathlib
import textwrap

from tests.planning.repair import project_files as files


@dataclasses.dataclass(frozen=True)
class Bug:
  """A project, the line that makes it fail, and what stood there before.

  files: contents by path; the bug is put in by replacing `right` by `wrong`,
    which stands once in `path`.
  also: further pairs to replace there.
  """
  name: str
  path: str
  right: str
  wrong: str
  files: dict[str, str]
  test_command: str = "pytest -q tests"
  also: tuple[tuple[str, str], ...] = ()

  def write(self, root: pathlib.Path, *, broken: bool = True) -> pathlib.Path:
    """Writes the project and returns its folder."""
    for path, content in self.files.items():
      content = textwrap.dedent(content).lstrip("\n")
      if path == self.path and broken:
        for right, wrong in ((self.right, self.wrong), *self.also):
          if content.count(right) != 1:
            raise ValueError(f"{self.name}: {right!r} must stand once")
          content = content.replace(right, wrong)
      target = root / path
      target.parent.mkdir(parents=True, exist_ok=True)
      target.write_text(content)
    return root


BUGS = (
    Bug("boundary", "bank.py", "amount > self.balance",
        "amount >= self.balance", files.BANK),
    Bug("swapped accounts", "bank.py", "source.withdraw(amount)",
        "target.withdraw(amount)", files.BANK),
    Bug("wrong method", "bank.py", "target.deposit(amount)",
        "target.withdraw(amount)", files.BANK),
    Bug("wrong constant", "bank.py", "percent // 100", "percent // 10",
        files.BANK),
    Bug("endless loop", "bank.py", "        number //= 10\n", "",
        files.BANK),
    Bug("operator", "shop/basket.py", "price * count for",
        "price + count for", files.SHOP),
    Bug("missing guard", "shop/basket.py",
        "        if not self.items:\n            return None\n", "",
        files.SHOP),
    Bug("index", "shop/basket.py", "item[1])[0]", "item[0])[0]", files.SHOP,
        "python -m pytest"),
    Bug("missing call", "text.py", "title.lower()", "title", files.TEXT),
    Bug("missing clause", "text.py", "if line and len(line)", "if len(line)",
        files.TEXT),
    Bug("off by one", "text.py", "len(line) + 1 + len", "len(line) + len",
        files.TEXT, "pytest -x tests/test_text.py"),
    Bug("missing statement", "src/graphs/paths.py",
        "            missing[successor] -= 1\n", "", files.GRAPH,
        "python -m unittest discover -s tests"),
    Bug("negation", "src/graphs/paths.py", "if successor not in seen",
        "if successor in seen", files.GRAPH, "pytest"),
    Bug("wrong name", "src/graphs/paths.py", "queue.append(successor)",
        "queue.append(node)", files.GRAPH,
        "python -m unittest tests/test_paths.py"),
    Bug("and for or", "dates.py", "!= 0 or year", "!= 0 and year",
        files.DATES),
    Bug("range", "dates.py", "range(1, month)", "range(month)",
        files.DATES),
    Bug("index of month", "dates.py", "DAYS[month - 1]", "DAYS[month]",
        files.DATES),
    Bug("property", "tree.py", "return 1 + sum(", "return sum(",
        files.TREE),
    Bug("cached method", "tree.py", "1 + max(", "1 + min(", files.TREE),
    Bug("class method", "tree.py", "reversed(values)", "values",
        files.TREE),
    Bug("generator", "tree.py", "yield from child.walk()",
        "yield child.walk()", files.TREE),
    Bug("context manager", "tree.py", "node.value = before",
        "node.value = value", files.TREE),
    Bug("coroutine", "tree.py", "found.extend(node.walk())",
        "found.append(node.walk())", files.TREE),
)

# Two bugs at a time, of which no single edit mends a test, or not all.
DOUBLE_BUGS = (
    Bug("wrap", "text.py", "if line and len(line)", "if len(line)",
        files.TEXT, also=(("len(line) + 1 + len", "len(line) + len"),)),
    Bug("reachable", "src/graphs/paths.py", "if successor not in seen",
        "if successor in seen", files.GRAPH,
        also=(("queue.append(successor)", "queue.append(node)"),)),
    Bug("digits", "bank.py", "number % 10)", "number % 100)", files.BANK,
        also=(("found[::-1] or [0]", "found or [0]"),)),
    Bug("withdraw", "bank.py", "amount > self.balance",
        "amount >= self.balance", files.BANK,
        also=(("self.balance -= amount", "self.balance += amount"),)),
    Bug("is leap", "dates.py", "year % 4 == 0 and", "year % 4 == 0 or",
        files.DATES, also=(("!= 0 or year", "!= 0 and year"),)),
    Bug("total", "shop/basket.py", "price * count for", "price + count for",
        files.SHOP, also=(("self.discount // 100", "self.discount // 10"),)),
    Bug("day of year", "dates.py", "range(1, month)", "range(month)",
        files.DATES, also=(("count += days_in", "count -= days_in"),)),
    Bug("two functions", "dates.py", "range(1, month)", "range(month)",
        files.DATES, also=(("DAYS[month - 1]", "DAYS[month]"),)),
)
