"""Tests for the engine on real small projects: tests run, patches apply."""

import json
import pathlib
import subprocess
import sys
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import executor as executor_lib
from jepa.planning import repair
from jepa.planning.repair import goals
from jepa.planning.repair import ranking
from tests.planning.repair import projects

_BUGS = {bug.name: bug for bug in projects.BUGS}
_HERE = pathlib.Path(__file__).parents[3]


def run_app(*flags):
  """Runs the command line as a user does."""
  return subprocess.run(
      [sys.executable, "-m", "jepa.apps.repair", *flags],
      cwd=_HERE, capture_output=True, text=True, timeout=300,
  )


def snapshot(root):
  return {
      p.relative_to(root).as_posix(): p.read_bytes()
      for p in root.rglob("*") if p.is_file()
  }


class EngineTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    folder = self.create_tempdir().full_path
    self.root = pathlib.Path(folder).resolve() / "a project"
    self.root.mkdir()

  def _write(self, **files):
    for name, content in files.items():
      (self.root / f"{name}.py").write_bytes(content)

  def _repair(self, test_command="pytest -q", **fields):
    request = repair.Request(
        root=self.root, test_command=test_command, checkpoint="none", **fields
    )
    return repair.repair(request)

  def test_the_command_line(self):
    _BUGS["operator"].write(self.root)
    before = snapshot(self.root)
    page = self.root.with_name("page.html")
    done = run_app(
        f"--repo={self.root}", "--test_command=pytest -q tests", "--json",
        "--checkpoint=none", f"--html={page}",
    )
    self.assertEqual(done.returncode, 0, done.stderr)
    found = json.loads(done.stdout)
    self.assertEqual(found["status"], "fixed")
    self.assertLess(found["executions"], 50)
    self.assertEqual(snapshot(self.root), before)
    patch = found["patches"][0]
    self.assertEqual(patch["path"], "shop/basket.py")
    self.assertEqual(patch["rank"], found["executions"])
    self.assertBetween(patch["probability"], 0.0, 1.0)
    self.assertIn("price * count for", page.read_text())
    for number in range(1, found["executions"] + 1):
      self.assertIn(f'<tr><td class="number">{number}<', page.read_text())
    subprocess.run(
        ["git", "apply", "-"], cwd=self.root, check=True, text=True,
        input=patch["diff"],
    )
    again = run_app(
        f"--repo={self.root}", "--test_command=pytest -q tests", "--json"
    )
    self.assertEqual(again.returncode, 3, again.stderr)
    self.assertEqual(json.loads(again.stdout)["reason"], "tests_pass")

  def test_odd_bytes_survive(self):
    core = b"# \xc3\xbc\r\ndef add(a, b):\r\n\treturn a - b  # sum"
    self._write(core=core, test_core=(
        b"import core\n\ndef test_add():\n  assert core.add(2, 3) == 5\n"
        b"\ndef test_zero():\n  assert core.add(1, 0) == 1\n"
    ))
    report = self._repair(budget=repair.Budget(executions=200))
    self.assertEqual(report.status, "fixed")
    repair.write(self.root, report.patches[0])
    self.assertEqual(
        (self.root / "core.py").read_bytes(), core.replace(b"a - b", b"a + b")
    )
    with self.assertRaisesRegex(repair.RepairError, "changed since"):
      repair.write(self.root, report.patches[0])

  def test_independent_failures_are_repaired_together(self):
    self._write(
        core=b"def double(x):\n  return x + 2\n\n\n"
             b"def is_big(x):\n  return x < 10\n",
        test_core=b"import core\n\ndef test_double():\n"
                  b"  assert core.double(5) == 10\n"
                  b"\ndef test_big():\n  assert core.is_big(11)\n"
                  b"\ndef test_small():\n  assert not core.is_big(9)\n",
    )
    report = self._repair()
    self.assertEqual(report.status, "fixed")
    best = report.patches[0]
    self.assertLen(best.fixed, 3)
    self.assertIn("return x * 2", best.after["core.py"].decode())
    self.assertLen(best.description.split("; "), 2)
    self.assertLess(report.executions, 200)

  def test_one_edit_for_all_failures_comes_before_one_for_each(self):
    self._write(
        core=b"def scale(x):\n  return x * 3\n\n\n"
             b"def twice(x):\n  return scale(x)\n\n\n"
             b"def pair(x):\n  return scale(x), x\n",
        test_core=b"import core\n\ndef test_twice():\n"
                  b"  assert core.twice(2) == 4\n"
                  b"\ndef test_pair():\n  assert core.pair(3) == (6, 3)\n"
                  b"\ndef test_a():\n  assert core.scale(0) == 0\n"
                  b"\ndef test_b():\n  assert core.scale(0.0) == 0\n"
                  b"\ndef test_c():\n  assert not core.scale(0)\n",
    )
    report = self._repair()
    self.assertEqual(report.status, "fixed")
    self.assertLen(report.patches, 1)
    self.assertEqual(report.patches[0].functions, {("core.py", "scale")})

  def test_a_plainer_patch_is_preferred_to_the_first(self):
    self._write(
        core=b"def add(a, b):\n  return a - b\n",
        test_core=b"import core\n\ndef test_add():\n"
                  b"  assert core.add(0, 3) == 3\n",
    )
    ranker = ranking.static()
    lossy = "def add(a, b):\n  return b\n"

    def score_edits(suspect, edits, tried=()):
      scores = ranker.score_edits(suspect, edits, tried)
      return [
          ranker.bound(suspect) if suspect.text(edit) == lossy else score - 1
          for edit, score in zip(edits, scores)
      ]

    with mock.patch.object(
        ranking, "static", lambda: ranker._replace(score_edits=score_edits)
    ):
      report = self._repair()
    self.assertEqual(report.executions, 1)
    first = report.trials[0]
    self.assertEqual(first.proposal.suspect.text(first.proposal.edit), lossy)
    self.assertIn("return a + b", report.patches[0].after["core.py"].decode())
    self.assertEqual(report.patches[0].rank, 2)

  def test_a_failure_nobody_can_repair_is_tolerated(self):
    self._write(
        core=b"def double(x):\n  return x + 2\n",
        test_core=b"import core\n\ndef test_double():\n"
                  b"  assert core.double(5) == 10\n"
                  b"\ndef test_hopeless():\n  assert False\n",
    )
    report = self._repair(budget=repair.Budget(executions=100))
    self.assertEqual(report.status, "partial")
    self.assertEqual(
        report.patches[0].remaining, ("test_core.py::test_hopeless",)
    )

  def test_code_that_cannot_be_swapped_is_executed_exactly(self):
    self._write(
        core=b"def make(n):\n  def step(x):\n    return x - n\n  return step\n"
             b"\nADD_TWO = make(2)\n",
        test_core=b"import core\n\ndef test_add():\n"
                  b"  assert core.ADD_TWO(3) == 5\n",
    )
    report = self._repair(budget=repair.Budget(executions=40))
    self.assertEqual(report.status, "fixed")
    self.assertIn("return x + n", report.patches[0].after["core.py"].decode())

  def test_nothing_found_within_the_budget(self):
    _BUGS["wrong constant"].write(self.root)
    report = self._repair(budget=repair.Budget(executions=3))
    self.assertEqual((report.status, report.executions), ("not_found", 3))

  _PASSING = b"def test_a():\n  pass\n"

  @parameterized.named_parameters(
      ("tests_pass", {"test_a": _PASSING}, "pytest", 3, "none of the 1 test "),
      ("no_tests", {"a": b"x = 1\n"}, "pytest", 4, "no test"),
      ("collection_error", {"test_a": b"import missing_module\n"}, "pytest",
       4, "missing_module"),
      ("syntax_error",
       {"a": b"x = 1\ndef f(:\n", "test_a": b"import a\n"}, "pytest", 4,
       r"a\.py:2: invalid syntax"),
      ("no_such_test", {"test_a": _PASSING}, "pytest tests", 2,
       "there is no tests in"),
      ("test_command", {"test_a": _PASSING}, "make test", 2, "'make'"),
  )
  def test_bad_input(self, files, test_command, exit_code, message):
    self._write(**files)
    with self.assertRaisesRegex(repair.RepairError, message) as caught:
      self._repair(test_command)
    self.assertEqual(caught.exception.exit_code, exit_code)
    self.assertEqual(
        caught.exception.reason, self._testMethodName.removeprefix(
            "test_bad_input_")
    )

  def test_hanging_tests(self):
    self._write(test_a=b"import time\n\ndef test_a():\n  time.sleep(60)\n")
    with self.assertRaisesRegex(repair.RepairError, "tests hang") as caught:
      self._repair(
          test_seconds=0.5, budget=repair.Budget(seconds=0.1)
      )
    self.assertEqual(caught.exception.reason, "tests_hang")

  @parameterized.named_parameters(
      ("repo", "--repo=/nowhere", "/nowhere is not there"),
      ("python", "--python=/nowhere/python", "/nowhere/python is no inter"),
      ("checkpoint", "--checkpoint=/nowhere.npz", "no checkpoint /nowhere"),
      ("flag", "--nonsense=1", "nonsense"),
      ("word", "nonsense", "nonsense"),
      ("number", "--max_executions=0", "max_executions"),
  )
  def test_unusable_flags(self, flag, message):
    done = run_app(f"--repo={self.root}", flag, "--json")
    self.assertEqual(done.returncode, 2)
    self.assertIn(message, json.loads(done.stdout)["error"])
    self.assertIn(message, done.stderr)

  def test_a_dirty_tree_is_not_written(self):
    _BUGS["operator"].write(self.root)
    for command in ("init --quiet", "add ."):
      subprocess.run(["git", *command.split()], cwd=self.root, check=True)
    done = run_app(f"--repo={self.root}", "--write")
    self.assertEqual(done.returncode, 5)
    self.assertIn("not committed", done.stderr)

  def test_a_host_that_cannot_confine_tests_is_refused(self):
    _BUGS["operator"].write(self.root)
    enter = mock.patch.object(
        executor_lib.FastExecutor, "__enter__",
        side_effect=executor_lib.ConfinementError("no landlock; --unsafe"),
    )
    with enter, self.assertRaisesRegex(repair.RepairError, "--unsafe") as e:
      self._repair()
    self.assertEqual((e.exception.reason, e.exception.exit_code),
                     ("unconfined", 4))
    for is_unsafe in (False, True):
      request = repair.Request(root=self.root, is_unsafe=is_unsafe)
      self.assertEqual(request.limits.allow_unsafe, is_unsafe)

  def test_several_patches_take_several_turns(self):
    self._write(
        core=b"def add(a, b):\n  return a - b\n",
        test_core=b"import core\n\ndef test_add():\n"
                  b"  assert core.add(2, 2) == 4\n",
    )
    with mock.patch.object(goals, "_TURN", 2):
      with mock.patch.object(goals, "_FAVOURED_TURN", 2):
        report = self._repair(budget=repair.Budget(patches=4))
    self.assertLen(report.patches, 4)
    self.assertLen({patch.diff for patch in report.patches}, 4)

  def test_foreign_checkpoints(self):
    path = self.root / "model.npz"
    path.write_bytes(b"no archive")
    _BUGS["operator"].write(self.root)
    request = repair.Request(root=self.root, checkpoint=str(path))
    with self.assertRaisesRegex(repair.RepairError, "not a checkpoint"):
      repair.repair(request)

  def test_jax_is_not_imported_before_it_is_needed(self):
    code = "import sys, jepa.apps.repair; sys.exit('jax' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=_HERE, check=True)


if __name__ == "__main__":
  absltest.main()
