"""Wrong programs that students handed in, as projects with pytest tests.

The Refactory corpus (Hu et al. 2019) as `debugging-benchmark` ships it. Of its
five questions only the first three are read here: the others measure how well
repair generalises, and nothing that is trained or tuned may see them.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
import dataclasses
import json
import pathlib
import random
import re
import zipfile

from jepa.domains.code_repair import duplicates
from jepa.domains.code_repair import source

BUGS = "bugs.jsonl"
MODULE = "program.py"
_NUM_TESTS = 24  # Of a function.
_MONTHS = ("May", "June", "July", "August")


def _search(rng: random.Random) -> tuple:
  """A number and a sorted sequence, and whether that has equal items."""
  items = sorted(rng.choices(range(-5, 12), k=rng.randint(0, 7)))
  items = items if rng.random() < 0.3 else sorted(set(items))
  kind = rng.choice((list, tuple))
  return rng.randint(-6, 13), kind(items)


def _birthdays(rng: random.Random) -> tuple:
  days = [str(d) for d in range(14, 14 + rng.randint(1, 4))]
  months = _MONTHS[: rng.randint(1, 4)]
  every = [(m, d) for m in months for d in days]
  return tuple(rng.sample(every, rng.randint(0, min(6, len(every)))))


def _day(rng: random.Random) -> tuple:
  return str(rng.randint(14, 17)), _birthdays(rng)


def _month(rng: random.Random) -> tuple:
  return rng.choice(_MONTHS), _birthdays(rng)


def _items(rng: random.Random) -> tuple:
  pool = rng.choice((range(4), range(-3, 9), "abcd", (1, "a", (2,), None)))
  return (rng.choices(pool, k=rng.randint(0, 8)),)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Question:
  """What a question asks for.

  folder: of the corpus.
  inputs: for each function asked for, what draws arguments for it.
  header: what the module has beside the functions.
  """
  folder: str
  inputs: dict[str, Callable[[random.Random], tuple]]
  header: str = ""


QUESTIONS = (
    Question(folder="question_1", inputs={"search": _search}),
    Question(
        folder="question_2",
        inputs={
            "unique_day": _day,
            "unique_month": _month,
            "contains_unique_day": _month,
        },
    ),
    Question(
        folder="question_3",
        inputs={"remove_extras": _items},
        header="from collections import OrderedDict\n\n",
    ),
)


def write_projects(wheel: pathlib.Path, root: pathlib.Path) -> None:
  """Writes a project for each question.

  <root>/question_1/program.py             the reference
  <root>/question_1/tests/test_program.py  what it returns for drawn inputs
  <root>/question_1/bugs.jsonl             functions that are wrong, one a line
  """
  with zipfile.ZipFile(wheel) as archive:
    for question in QUESTIONS:
      _write_project(archive, question, root / question.folder)


def _write_project(
    archive: zipfile.ZipFile, question: Question, folder: pathlib.Path
) -> None:
  place = f"debugging_benchmark/refactory/{question.folder}/code"
  reference = archive.read(f"{place}/reference/reference.py").decode()
  program = question.header + reference.strip() + "\n"
  (folder / "tests").mkdir(parents=True)
  (folder / "conftest.py").write_text("")  # pytest imports from where it lies.
  (folder / MODULE).write_text(program)
  tests = make_tests(program, question)
  (folder / "tests" / "test_program.py").write_text(tests)
  wrong = re.compile(rf"{place}/wrong/\w+\.py")
  names = sorted(filter(wrong.fullmatch, archive.namelist()))
  texts = [archive.read(name).decode() for name in names]
  lines = [json.dumps(bug) for bug in wrong_functions(texts, question)]
  (folder / BUGS).write_text("".join(f"{line}\n" for line in lines))


def make_tests(program: str, question: Question) -> str:
  """Returns a test file; the program itself says what is right."""
  rng = random.Random(0)
  scope = {}
  exec(program, scope)  # The reference, as pinned by hash.
  parts = ["import program"]
  for name, draw in question.inputs.items():
    inputs = {repr(draw(rng)): None for _ in range(4 * _NUM_TESTS)}
    for i, text in enumerate(list(inputs)[:_NUM_TESTS]):
      arguments = ast.literal_eval(text)
      expected = scope[name](*arguments)
      shown = ", ".join(map(repr, arguments))
      parts.append(
          f"def test_{name}_{i}():\n"
          f"  assert program.{name}({shown}) == {expected!r}"
      )
  return "\n\n\n".join(parts) + "\n"


def wrong_functions(
    programs: Sequence[str], question: Question
) -> Iterator[dict[str, str]]:
  """Yields the name and the text of distinct functions of programs.

  Whether a function is wrong is for the tests to say. Left out are programs
  that hold more than the question asks for, and copies but for names.
  """
  seen = set()
  for program in programs:
    try:
      functions = source.functions(program.expandtabs().encode())
      body = source.parse(program).body
    except source.SourceError:
      continue
    names = [f.qualname for f in functions]
    if len(body) > len(names) or sorted(names) != sorted(question.inputs):
      continue
    for function in functions:
      key = function.qualname, duplicates.fingerprint(function)
      if key not in seen:
        seen.add(key)
        yield {"qualname": function.qualname, "text": function.text}
