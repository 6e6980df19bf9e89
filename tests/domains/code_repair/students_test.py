"""Tests of making projects of students' programs."""

import json
import pathlib
import zipfile

from absl.testing import absltest
from jepa.domains.code_repair import source
from jepa.domains.code_repair import students

_FOLDER = "debugging_benchmark/refactory"
_REFERENCES = {
    "question_1": "def search(x, seq):\n  return sum(x > s for s in seq)\n",
    "question_2": "".join(
        f"def {name}(x, birthdays):\n  return len(birthdays) == 1\n"
        for name in ("unique_day", "unique_month", "contains_unique_day")
    ),
    "question_3": "def remove_extras(lst):\n  return lst[:1]\n",
}
_WRONG = (
    "def search(x, seq):\n\tfor i in seq:\n\t\treturn i\n",
    "def search(y, seq):\n\tfor j in seq:\n\t\treturn j\n",  # A copy.
    "def search(x, seq)\n  return 0\n",  # Does not parse.
    "import os\ndef search(x, seq):\n  return 0\n",
    "def search(x, seq):\n  return len(seq)\n",
)


class StudentsTest(absltest.TestCase):

  def _write(self) -> pathlib.Path:
    folder = pathlib.Path(self.create_tempdir().full_path)
    with zipfile.ZipFile(folder / "wheel.whl", "w") as archive:
      for name, text in _REFERENCES.items():
        archive.writestr(f"{_FOLDER}/{name}/code/reference/reference.py", text)
      for i, text in enumerate(_WRONG):
        name = f"{_FOLDER}/question_1/code/wrong/wrong_1_{i:03d}.py"
        archive.writestr(name, text)
      for held_out in ("refactory/question_4", "student_assignments"):
        archive.writestr(
            f"debugging_benchmark/{held_out}/code/wrong/wrong_4_001.py",
            "def held_out():\n  pass\n",
        )
    students.write_projects(folder / "wheel.whl", folder / "root")
    return folder / "root"

  def test_lists_distinct_functions_that_stand_alone(self):
    root = self._write()
    lines = (root / "question_1" / students.BUGS).read_text().splitlines()
    bugs = [json.loads(line) for line in lines]
    self.assertEqual([b["qualname"] for b in bugs], ["search", "search"])
    self.assertNotIn("\t", bugs[0]["text"])
    self.assertIn("len(seq)", bugs[1]["text"])
    self.assertEmpty((root / "question_3" / students.BUGS).read_text())

  def test_the_reference_passes_its_tests(self):
    root = self._write()
    for question in students.QUESTIONS:
      folder = root / question.folder
      scope = {}
      exec((folder / students.MODULE).read_text(), scope)
      test = (folder / "tests" / "test_program.py").read_text()
      tests = source.functions(test.encode())
      self.assertGreater(len(tests), 8 * len(question.inputs))
      body = test.replace("import program", "").replace("program.", "")
      exec(body, scope)
      for function in tests:
        scope[function.qualname]()

  def test_reads_nothing_that_is_held_out(self):
    root = self._write()
    self.assertEqual(
        {p.name for p in root.iterdir()},
        {"question_1", "question_2", "question_3"},
    )
    for file in filter(pathlib.Path.is_file, root.rglob("*")):
      self.assertNotIn("held_out", file.read_text())


if __name__ == "__main__":
  absltest.main()
