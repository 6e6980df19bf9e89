"""Tests of what counts as a hang, what it costs, and what is only slow."""

import contextlib
import os
import pathlib
import subprocess
import sys

from absl.testing import absltest
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import executor
from jepa.domains.code_repair.executor.worker import starvation
import sample_project


class HangTest(absltest.TestCase):

  def test_a_hang_costs_a_multiple_and_a_constant(self):
    """Of CPU time the budget; by the clock, if idle, a multiple of it.

    The budget is `max(floor, factor * own time)`. Beyond that come half a
    second to be killed where an alarm does not help, and a new server.
    """
    root = pathlib.Path(self.create_tempdir().full_path)
    sample_project.write(root)
    limits = executor.Limits(
        budget_floor=0.2, wall_factor=2.0, allow_unsafe=True
    )
    target, text = sample_project.function(
        (root / sample_project.SOURCE).read_text(), sample_project.SOURCE,
        "until",
    )
    busy = text.replace("n += 1", "pass")
    deaf = text.replace("n += 1", """
    import signal
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
    """.rstrip())
    idle = text.replace("n += 1", "__import__('time').sleep(1000)")
    with executor.FastExecutor(executor.Project(root=root), limits) as fast:
      before = _cpu_seconds()
      verdicts = [fast.execute(target, each) for each in (busy, deaf, idle)]
      used = _cpu_seconds() - before
    self.assertEqual([v.status for v in verdicts], ["hang"] * 3)
    self.assertGreater(verdicts[0].seconds, 0.2)
    self.assertLess(used, 3 * (0.2 * 2 + 0.5 + 0.5))


def _cpu_seconds():
  """Of this process, and of the workers it has waited for."""
  used = os.times()
  return sum(used[:4])


@contextlib.contextmanager
def crowded(count):
  """Leaves about one part in `count` of one processor to what runs in it."""
  before = os.sched_getaffinity(0)
  os.sched_setaffinity(0, {min(before)})  # The workers inherit it.
  others = [
      subprocess.Popen([sys.executable, "-c", "while True: pass"])
      for _ in range(count - 1)
  ]
  try:
    yield
  finally:
    for other in others:
      other.kill()
      other.wait()
    os.sched_setaffinity(0, before)


class StarvationTest(absltest.TestCase):

  def test_slow_candidates_of_a_busy_machine_do_not_hang(self):
    root = pathlib.Path(self.create_tempdir().full_path)
    text = "def f(x):\n  return x"
    (root / "a.py").write_text(f"{text}\n")
    (root / "test_a.py").write_text(
        "import unittest\nimport a\n\n\n"
        "class ATest(unittest.TestCase):\n"
        "  def test_f(self):\n"
        "    for i in range(2):\n"
        "      with self.subTest(i):\n"
        "        self.assertEqual(a.f(i), i)\n"
    )
    # Each takes a third of its budget of CPU time; the second never listens to
    # signals. By the clock, all of it and more.
    busy = text.replace("return", """import time
  end = time.process_time() + 0.05
  while time.process_time() < end: pass
  return""")
    deaf = text.replace("return", """import signal
  signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
  import time
  end = time.process_time() + 0.05
  while time.process_time() < end: pass
  return""")
    idle = text.replace("return", "__import__('time').sleep(1000); return")
    loop = text.replace("return", "while True: pass\n  return")
    target = evidence.Target(path="a.py", qualname="f", lineno=1)
    limits = executor.Limits(
        budget_floor=0.3, wall_factor=1.0, allow_unsafe=True
    )
    with crowded(8):
      with executor.FastExecutor(executor.Project(root=root), limits) as fast:
        verdicts = [
            fast.execute(target, each) for each in (busy, deaf, idle, loop)
        ]
    if not starvation.seconds_of(os.getpid()):
      self.skipTest("this system does not tell how long a process has waited")
    self.assertEqual(
        [v.status for v in verdicts], ["passed", "passed", "hang", "hang"]
    )
    self.assertGreater(verdicts[0].seconds, 0.3)


if __name__ == "__main__":
  absltest.main()
