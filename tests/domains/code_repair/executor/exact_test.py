"""Tests for the referee, and that the fast path agrees with it."""

import os
import pathlib
import random
import sys
import tempfile
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import executor
from jepa.domains.code_repair.executor import exact
import sample_project

_LIMITS = executor.Limits(
    test_seconds=0.3, wall_factor=2.0, allow_unsafe=True
)


class RefereeTest(parameterized.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    folder = tempfile.TemporaryDirectory()
    cls.addClassCleanup(folder.cleanup)
    cls.root = pathlib.Path(folder.name)
    sample_project.write(cls.root)
    cls.source = (cls.root / sample_project.SOURCE).read_text()
    cls.project = executor.Project(root=cls.root)
    cls.warm = cls.enterClassContext(
        exact.WarmReferee(cls.project, _LIMITS)
    )

  def _files(self, old, new):
    self.assertIn(old, self.source)
    return {sample_project.SOURCE: self.source.replace(old, new).encode()}

  @parameterized.parameters(
      ("RATE = 2", "RATE = 1 + 1", "passed", ""),
      ("RATE = 2", "RATE = 3", "failed", "AssertionError"),
      ("RATE = 2", "RATE =", "invalid", ""),
      ("RATE = 2", "RATE = missing", "invalid", ""),
      ("RATE = 2", "import os; os._exit(0)", "crash", ""),
      ("n = 0", "import os; os._exit(0)", "crash", ""),
      ("n = 0", "import time; time.sleep(9)", "hang", ""),
      ("n = 0", "raise SystemExit", "failed", "SystemExit"),
  )
  def test_verdicts(self, old, new, status, exception):
    report = self.warm.run(self._files(old, new))
    self.assertEqual(report.status, status, report)
    exceptions = [t.exception for t in report.tests if t.exception]
    self.assertEqual(exceptions[:1], [exception] if exception else [])
    # Whatever it did, the next program is judged as ever.
    self.assertEqual(self.warm.run({}).status, "passed")

  def test_the_warm_and_the_cold_referee_agree(self):
    for old, new in (("RATE = 2", "RATE = 3"), ("RATE = 2", "RATE =")):
      files = self._files(old, new)
      warm = self.warm.run(files)
      cold = executor.referee(self.project, files, limits=_LIMITS)
      self.assertEqual(cold.status, warm.status)
      self.assertEqual(
          [(t.nodeid, t.outcome, t.message) for t in cold.tests],
          [(t.nodeid, t.outcome, t.message) for t in warm.tests],
      )

  def test_a_hanging_test_does_not_hide_the_others(self):
    report = self.warm.run(self._files("n = 0", "while True: pass"))
    outcomes = {t.nodeid.rpartition("::")[2]: t.outcome for t in report.tests}
    self.assertEqual(outcomes["test_until"], "hang")
    self.assertEqual(outcomes["test_total"], "passed")

  def test_what_a_test_writes_is_gone_afterwards(self):
    writes = "open('left', 'w').write('x'); open('pyproject.toml', 'w')"
    for _ in range(2):
      report = self.warm.run(self._files(
          "n = 0", f"import os; n = os.path.exists('left') * 9; {writes}"
      ))
      self.assertEqual(report.status, "passed")

  def test_tests_run_in_the_order_asked_for(self):
    names = ["tests/test_functions.py::test_total",
             "tests/test_classes.py::TestPlain::test_label",
             "tests/test_functions.py::test_half"]
    report = self.warm.run(self._files("price\n", "price + x\n"), names)
    self.assertEqual([t.nodeid for t in report.tests], names)
    report = self.warm.run(
        self._files('"<"', '"("'), names, stop=True
    )
    self.assertEqual([t.nodeid for t in report.tests], names[:2])

  @parameterized.parameters("/etc/passwd", "../x", "src/../../x")
  def test_files_outside_are_refused(self, path):
    with self.assertRaisesRegex(ValueError, "leads out"):
      executor.referee(self.project, {path: b""})

  def test_the_fast_path_agrees(self):
    candidates = [
        (target, edited)
        for target, text in sample_project.functions(
            self.source, sample_project.SOURCE
        )
        for edited in sample_project.swaps(text)
    ]
    random.Random(0).shuffle(candidates)
    with executor.FastExecutor(self.project, sample_project.LIMITS) as fast:
      compared = []
      for target, text in candidates[:25]:
        ours = fast.execute(target, text)
        if not executor.needs_clean_process(ours):
          theirs = fast.execute_exact(fast.patch(target, text))
          self.assertEqual(ours.status, theirs.status, (text, ours, theirs))
          compared.append(ours.status)
    self.assertContainsSubset(["passed", "failed", "invalid"], compared)


class ErrorsTest(parameterized.TestCase):

  def _project(self, files, **fields):
    root = pathlib.Path(self.create_tempdir().full_path)
    for name, text in files.items():
      path = root / name
      path.parent.mkdir(parents=True, exist_ok=True)
      path.write_text(text)
    return executor.Project(root=root, **fields)

  def _message(self, error, project, limits=sample_project.LIMITS):
    folder = self.create_tempdir().full_path
    with mock.patch.object(tempfile, "tempdir", folder):
      with self.assertRaises(error) as caught:
        with executor.FastExecutor(project, limits):
          pass
    self.assertEmpty(os.listdir(folder))
    return str(caught.exception)

  def test_no_tests(self):
    self._message(executor.NoTestsError, self._project({"a.py": ""}))

  @parameterized.parameters(
      ("test_a.py", "import not_there_at_all", "not_there_at_all"),
      ("conftest.py", "pytest_plugins = ['no_plugin']", "no_plugin"),
      ("conftest.py", "def pytest_nonsense(): pass", "pytest_nonsense"),
      ("test_a.py", "def test(:", "SyntaxError"),
      ("pytest.ini", "[pytest]\naddopts = -p nowhere", "nowhere"),
      ("pytest.ini", "[pytest]\nminversion = 99", "99"),
  )
  def test_what_pytest_says_is_passed_on(self, name, text, word):
    files = {"test_b.py": "def test_b(): pass", name: text}
    message = self._message(executor.CollectionError, self._project(files))
    self.assertIn(word, message)

  def test_a_tolerant_project_goes_on(self):
    project = self._project({
        "test_a.py": "import not_there_at_all",
        "test_b.py": "def test_b(): pass",
    }, tolerant=True)
    with executor.FastExecutor(project, sample_project.LIMITS) as fast:
      self.assertLen(fast.baseline.tests, 1)
      self.assertIn("not_there_at_all", fast.baseline.errors[0])

  def test_interpreters(self):
    files = {"test_a.py": "def test_a(): pass"}
    for python in ("/nowhere/python", "/bin/false", "/bin/cat"):
      project = self._project(files, python=python)
      message = self._message(executor.InterpreterError, project)
      self.assertIn(python, message)

  def test_a_suite_that_takes_too_long(self):
    project = self._project({"test_a.py": (
        "import time\n"
        "def test_a(): time.sleep(0.2)\n"
        "def test_b(): time.sleep(0.2)\n"
    )})
    message = self._message(
        executor.SuiteHangsError, project, executor.Limits(
            suite_seconds=0.3, allow_unsafe=True
        )
    )
    self.assertIn("of the 2 tests", message)

  def test_suites_that_fail_hang_and_crash_have_a_baseline(self):
    project = self._project({"a.py": "def f():\n  return 1\n", "test_a.py": (
        "import os, a\n"
        "def test_pass(): assert a.f() == 1\n"
        "def test_fail(): assert a.f() == 2\n"
        "def test_hang():\n  while a.f(): pass\n"
        "def test_crash():\n  os._exit(a.f())\n"
        "def test_error(nothing): pass\n"
    )})
    limits = executor.Limits(
        test_seconds=0.3, wall_factor=20.0, allow_unsafe=True
    )
    target, text = sample_project.function(
        (project.root / "a.py").read_text(), "a.py", "f"
    )
    with executor.FastExecutor(project, limits) as fast:
      outcomes = [test.outcome for test in fast.baseline.tests]
      self.assertEqual(
          outcomes, ["passed", "failed", "hang", "crash", "error"]
      )
      verdict = fast.execute(target, text.replace("1", "2"), tests=[0, 1])
      self.assertEqual(verdict.num_fixed, 1)
      self.assertEqual(verdict.failed_test, "test_a.py::test_pass")

  def test_threads_that_outlive_the_import(self):
    project = self._project({"a.py": "def f():\n  return 1\n", "test_a.py": (
        "import threading, a\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()"
        "\ndef test_a(): assert a.f() == 1\n"
    )})
    target, text = sample_project.function(
        (project.root / "a.py").read_text(), "a.py", "f"
    )
    bodies = ["1", "2", "__import__('os')._exit(1)", "1"]
    with executor.FastExecutor(project, sample_project.LIMITS) as fast:
      verdicts = fast.execute_many(
          target, [text.replace("1", body) for body in bodies]
      )
      self.assertEqual(
          [v.status for v in verdicts],
          ["passed", "failed", "crash", "passed"],
      )

  def test_another_interpreter_needs_nothing_of_ours(self):
    project = self._project(
        {"test_a.py": (
            "import sys\n"
            "def test_a():\n"
            "  assert 'jepa' not in sys.modules\n"
            "  assert not [p for p in sys.path if 'executor' in p]\n"
        )},
        python=sys.executable,
    )
    report = executor.referee(project, {}, limits=sample_project.LIMITS)
    self.assertEqual(report.status, "passed", report)


if __name__ == "__main__":
  absltest.main()
