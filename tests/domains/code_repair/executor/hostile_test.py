"""Tests that no candidate gets away with anything, nor stops the rest."""

import hashlib
import os
import pathlib
import tempfile
import textwrap
import time

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import executor
import sample_project

_MEGABYTE = 1 << 20
_LIMITS = executor.Limits(
    budget_floor=0.2, wall_factor=2.0, memory_bytes=1 << 30,
    file_bytes=_MEGABYTE, check_every=4, allow_unsafe=True,
)

_EXTRA = {
    "src/shop/state.py": """
        seen = []


        def remember(value):
          return value


        table = []


        def lookup(n):
          if not table:
            table.extend(range(10))
          return table[n]
    """,
    "tests/test_state.py": """
        from shop import state


        def test_lookup():
          assert state.lookup(3) == 3


        def test_lookup_again():
          assert state.lookup(4) == 4


        def test_remember():
          assert state.remember(3) == 3
          assert not state.seen
    """,
    "data/large.bin": "x",
}


def _digest(root):
  """A hash of every name and every byte below `root`."""
  found = hashlib.sha256()
  for path in sorted(root.rglob("*")):
    found.update(str(path.relative_to(root)).encode())
    found.update(path.read_bytes() if path.is_file() else b"")
  return found.hexdigest()


class HostileTest(parameterized.TestCase):

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    folder = tempfile.TemporaryDirectory()
    cls.addClassCleanup(folder.cleanup)
    cls.root = pathlib.Path(folder.name) / "project"
    sample_project.write(cls.root, _EXTRA)
    cls.source = (cls.root / sample_project.SOURCE).read_text()
    cls.digest = _digest(cls.root)
    project = executor.Project(root=cls.root)
    cls.fast = cls.enterClassContext(executor.FastExecutor(project, _LIMITS))
    cls.target, cls.text = sample_project.function(
        cls.source, sample_project.SOURCE, "until"
    )

  def tearDown(self):
    super().tearDown()
    self.assertEqual(_digest(self.root), self.digest)

  def _candidate(self, body):
    """The function `until` with another body; `root` is the real project."""
    body = textwrap.indent(textwrap.dedent(body), "  ")
    return f"def until(limit):\n  root = {str(self.root)!r}\n{body}"

  def _execute(self, body):
    verdict = self.fast.execute(self.target, self._candidate(body))
    # Whatever it did, the next candidate is judged as ever.
    after = self.fast.execute(self.target, self.text)
    self.assertEqual(after.status, "passed", after)
    return verdict

  @parameterized.named_parameters(
      ("loop", "while True: pass"),
      ("swallowing", """
          while True:
            try:
              while True: pass
            except BaseException:
              pass
      """),
      ("ignoring", """
          import signal
          signal.signal(signal.SIGALRM, signal.SIG_IGN)
          while True: pass
      """),
      ("blocking", """
          import signal
          signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
          while True: pass
      """),
      ("sleeping", "import time; time.sleep(1000)"),
      ("in C", "return 10 ** 10 ** 9"),
      ("deadlock", """
          import threading
          lock = threading.Lock()
          with lock:
            lock.acquire()
      """),
  )
  def test_hangs_are_cut_short(self, body):
    start = time.monotonic()
    verdict = self._execute(body)
    self.assertEqual(verdict.status, "hang")
    self.assertEndsWith(verdict.failed_test, "::test_until")
    self.assertLess(time.monotonic() - start, 20)

  @parameterized.named_parameters(
      ("exit", "import os; os._exit(0)"),
      ("kill", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
      ("segfault", "import ctypes; ctypes.string_at(0)"),
      ("abort", "import os; os.abort()"),
      ("close", "import os; os.closerange(3, 1024)"),
      ("parent", """
          import os
          os.kill(os.getppid(), 9)
          os.kill(os.getpid(), 9)
      """),
  )
  def test_a_dead_worker_is_replaced(self, body):
    self.assertEqual(self._execute(body).status, "crash")

  @parameterized.named_parameters(
      ("exit", "import sys; sys.exit(0)", "SystemExit"),
      ("interrupt", "raise KeyboardInterrupt", "KeyboardInterrupt"),
      ("pytest", "import pytest; pytest.exit('no')", "Exit"),
      ("recursion", "return until(limit)", "RecursionError"),
      ("memory", "x = [0] * 10 ** 9", "MemoryError"),
      ("file", """
          with open('big', 'wb') as file:
            for _ in range(3):
              file.write(bytes(10 ** 6))
      """, "OSError"),
      ("message", "raise ValueError('x' * 10 ** 7)", "ValueError"),
      ("unprintable", """
          class Odd(Exception):
            def __str__(self):
              raise RuntimeError
          raise Odd
      """, "Odd"),
      ("closed", "import sys; sys.stdout.close(); print(1)", "ValueError"),
      ("files", """
          import os
          while True:
            os.open('/dev/null', os.O_RDONLY)
      """, "OSError"),
      ("clock", "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
       "PermissionError"),
  )
  def test_exceptions_are_failures(self, body, exception):
    verdict = self._execute(body)
    self.assertEqual(verdict.status, "failed")
    self.assertEqual(verdict.exception, exception)
    self.assertLessEqual(len(verdict.message), 2000)

  @parameterized.named_parameters(
      ("overwriting", "open(root + '/pyproject.toml', 'w')"),
      ("creating", "open(root + '/new', 'w')"),
      ("removing", "import shutil; shutil.rmtree(root)"),
      ("moving", "import os; os.rename(root, root + '2')"),
      ("linking", "import os; os.symlink('/', root + '/link')"),
  )
  def test_writing_outside_is_refused(self, body):
    if "landlock" not in self.fast.baseline.layers:
      self.skipTest("this kernel has no landlock")
    self.assertEqual(self._execute(body).exception, "PermissionError")

  def test_signals_reach_no_other_process(self):
    if "landlock signal scope" not in self.fast.baseline.layers:
      self.skipTest("this kernel cannot limit signals")
    verdict = self._execute(f"import os; os.kill({os.getpid()}, 9)")
    self.assertEqual(verdict.exception, "PermissionError")
    verdict = self._execute("import os; os.kill(-1, 9); os._exit(1)")
    self.assertEqual(verdict.status, "crash")

  def test_the_network_is_out_of_reach(self):
    if "network namespace" not in self.fast.baseline.layers:
      self.skipTest("this kernel allows no network namespace")
    verdict = self._execute("""
        import socket
        with socket.create_server(("127.0.0.1", 0)) as server:
          socket.create_connection(server.getsockname()).close()
        socket.create_connection(("192.0.2.1", 80), timeout=5)
    """)
    self.assertEqual(verdict.exception, "OSError")
    self.assertIn("unreachable", verdict.message)

  def test_the_environment_is_scrubbed(self):
    os.environ["MY_SECRET_TOKEN"] = "x"
    self.addCleanup(os.environ.pop, "MY_SECRET_TOKEN")
    project = executor.Project(root=self.root, tests=(
        "tests/test_functions.py::test_until",))
    report = executor.referee(project, {sample_project.SOURCE: (
        self.source.replace(
            "  n = 0\n",
            "  import os\n  raise ValueError(list(os.environ))\n")
    ).encode()}, limits=_LIMITS)
    self.assertIn("PATH", report.tests[0].message)
    self.assertNotIn("SECRET", report.tests[0].message)

  def test_huge_output_goes_nowhere(self):
    verdict = self._execute("""
        import os
        print('x' * 10 ** 7)
        os.write(2, b'x' * 10 ** 7)
        return limit
    """)
    self.assertEqual(verdict.status, "passed", verdict)

  def test_what_a_test_forks_does_not_come_back(self):
    verdict = self._execute("""
        import os
        if os.fork() == 0:
          return -1
        os.wait()
        return limit
    """)
    self.assertEqual(verdict.status, "passed", verdict)

  def test_a_fork_bomb_is_put_out(self):
    verdict = self._execute("""
        import os
        while True:
          os.fork()
    """)
    # As root nothing but time limits it; others run out of processes.
    self.assertIn(verdict.status, ("hang", "crash", "failed"))
    self._assert_no_strays()

  def test_what_leaves_its_group_ends_with_the_server(self):
    verdict = self._execute("""
        import subprocess, sys
        for _ in range(3):
          subprocess.Popen(['sleep', '1000'], start_new_session=True)
        while True: pass
    """)
    self.assertEqual(verdict.status, "hang")
    self._assert_no_strays()

  def _assert_no_strays(self):
    """None but the process that forks servers, and one server."""
    mark = f"HOME={self.fast._scratch.home}".encode()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
      found = []
      for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
          if mark in (folder / "environ").read_bytes():
            found.append((folder / "cmdline").read_bytes())
        except OSError:
          continue
      if len(found) <= 2:
        return
      time.sleep(0.05)
    self.fail(f"still there: {found}")

  def test_deleting_the_tests_is_of_no_use(self):
    verdict = self._execute("""
        import pathlib, shutil, sys
        tests = pathlib.Path(sys.modules[until.__module__].__file__)
        shutil.rmtree(tests.parents[2] / 'tests')
        return -1
    """)
    self.assertEqual(verdict.status, "failed")

  @parameterized.parameters(
      ("import time; time.time = time.monotonic = lambda: 0.0",),
      ("import time; time.process_time = time.perf_counter = lambda: 0.0",),
      ("import pytest; pytest.raises = pytest.fail = pytest.skip",),
      ("import unittest; unittest.TestCase.assertEqual = print",),
      ("import builtins; builtins.len = builtins.isinstance = print",),
      ("import os; os.getcwd = os.chdir = lambda *_: 1 / 0",),
  )
  def test_what_is_patched_for_good_helps_no_other_candidate(self, patch):
    good = self._candidate(f"{patch}\nreturn limit")
    bad = self._candidate("return -1")
    target, text = sample_project.function(
        self.source, sample_project.SOURCE, "Item.total"
    )
    wrong = text.replace("*", "+")
    for _ in range(2):
      self.fast.execute(self.target, good)
      verdicts = [
          self.fast.execute(self.target, bad),
          self.fast.execute(target, wrong),
          self.fast.execute(target, text),
      ]
      self.assertEqual(
          [v.status for v in verdicts], ["failed", "failed", "passed"]
      )

  def test_process_state_is_put_back(self):
    bad = self._candidate("""
        import os, sys
        os.chdir('/')
        os.environ.clear()
        sys.path.clear()
        sys.setrecursionlimit(60)
        sys.stdout = None
        return -1
    """)
    verdicts = list(self.fast.execute_many(
        self.target, [bad, self.text] * 5
    ))
    self.assertEqual(
        [v.status for v in verdicts], ["failed", "passed"] * 5
    )

  def test_monkeypatching_cannot_change_other_verdicts(self):
    target, text = sample_project.function(
        (self.root / "src/shop/state.py").read_text(),
        "src/shop/state.py", "remember",
    )
    leak = "def remember(value):\n  seen.append(value)\n  return value"
    before = self.fast.num_retracted
    verdicts = list(self.fast.execute_many(
        target, [text, leak, text, text, leak, text]
    ))
    self.assertEqual(
        [v.status for v in verdicts],
        ["passed", "failed", "passed", "passed", "failed", "passed"],
    )
    self.assertGreater(self.fast.num_retracted, before)

  def test_what_is_computed_once_is_computed_by_each_candidate(self):
    path = "src/shop/state.py"
    target, text = sample_project.function(
        (self.root / path).read_text(), path, "lookup"
    )
    self.assertEqual(
        self.fast.baseline.stateful[path].keys(), {target.lineno + 2}
    )
    bad = [text.replace("not table", "table"),
           text.replace("range(10)", "range(1, 11)")]
    for texts in ([text, *bad, text], bad, [text], [*bad, "nonsense"]):
      verdicts = list(self.fast.execute_many(target, texts))
      self.assertEqual([v.status for v in verdicts], [
          "failed" if each in bad else
          "passed" if each == text else "invalid" for each in texts
      ])
    crash = text.replace("return", "__import__('os')._exit(1); return")
    hang = text.replace("return", "while True: pass\n  return")
    verdicts = list(self.fast.execute_many(target, [crash, text, hang, text]))
    self.assertEqual(
        [v.status for v in verdicts], ["crash", "passed", "hang", "passed"]
    )
    self.assertLen(self.fast.observe(target, bad[0]).failing, 2)

  def test_one_bad_candidate_spoils_no_other(self):
    bodies = ["return limit", "import os; os._exit(1)", "while True: pass",
              "return -1"]
    verdicts = list(self.fast.execute_many(
        self.target, [self._candidate(b) for b in bodies] * 3
    ))
    self.assertEqual(
        [v.status for v in verdicts],
        ["passed", "crash", "hang", "failed"] * 3,
    )

  def test_observing_goes_on_after_a_crash(self):
    target, text = sample_project.function(
        self.source, sample_project.SOURCE, "clamp"
    )
    seen = self.fast.observe(target, text.replace(
        "return high", "import os; os._exit(1)"
    ))
    outcomes = [test.outcome for test in seen.tests]
    self.assertLen(outcomes, len(self.fast.covering(target)))
    self.assertEqual(set(outcomes), {"crash", "passed", "skipped"})

  def test_odd_values_are_described(self):
    seen = self.fast.observe(self.target, self._candidate("""
        class Odd:
          def __repr__(self):
            raise RuntimeError
        return Odd()
    """))
    self.assertEqual(seen.tests[0].outcome, "failed")
    self.assertEqual(seen.tests[0].expected, "5")
    self.assertIn("repr raises RuntimeError", seen.tests[0].observed)
    seen = self.fast.observe(self.target, self._candidate("""
        return [['x' * 1000] * 1000] * 1000
    """))
    self.assertBetween(len(seen.tests[0].observed), 50, 200)


if __name__ == "__main__":
  absltest.main()
