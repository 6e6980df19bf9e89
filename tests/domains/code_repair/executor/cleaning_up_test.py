"""Tests that an executor leaves nothing behind, however its process ends."""

import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time

from absl.testing import absltest
import sample_project


class CleaningUpTest(absltest.TestCase):

  def _run(self, root, action):
    """Starts a program that executes, prints its scratch, and then waits."""
    program = textwrap.dedent(f"""
        import pathlib, time
        from jepa.domains.code_repair import executor
        root = pathlib.Path({str(root)!r})
        limits = executor.Limits(allow_unsafe=True)
        with executor.FastExecutor(
            executor.Project(root=root), limits
        ) as fast:
          print(fast._scratch.base, fast._connection._server, flush=True)
          {action}
    """)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

  def test_nothing_is_left_however_it_ends(self):
    root = pathlib.Path(self.create_tempdir().full_path)
    sample_project.write(root)
    for kill in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT, None):
      with self.subTest(kill):
        action = "time.sleep(60)" if kill else "pass"
        with self._run(root, action) as process:
          scratch, server = process.stdout.readline().split()
          if kill:
            process.send_signal(kill)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and (
            os.path.exists(scratch) or os.path.exists(f"/proc/{server}")
        ):
          time.sleep(0.05)
        self.assertFalse(os.path.exists(scratch))
        self.assertFalse(os.path.exists(f"/proc/{server}"))


if __name__ == "__main__":
  absltest.main()
