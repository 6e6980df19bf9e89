"""Tests that a repair which is stopped leaves nothing behind."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from absl.testing import absltest
from absl.testing import parameterized
from tests.planning.repair import bad_input_test

# Seconds: what is left behind is the question, not how soon a busy machine gets
# to it.
_PATIENCE = 120
_HERE = pathlib.Path(__file__).parents[3]
_FILES = {
    "core.py": "def wait(n):\n  while n > 0:\n    n += 1\n  return n\n",
    "test_core.py": "import core\n\ndef test_wait():\n"
                    "  assert core.wait(0) == 0\n"
                    "  assert core.wait(2) == 'never'\n",
}


def processes_in(folder):
  """Returns the processes whose environment names a folder."""
  found = []
  for name in filter(str.isdigit, os.listdir("/proc")):
    try:
      environment = pathlib.Path("/proc", name, "environ").read_bytes()
    except OSError:
      continue
    if os.fsencode(folder) in environment:
      found.append(int(name))
  return found


def wait_until(condition):
  deadline = time.monotonic() + _PATIENCE
  while not condition():
    if time.monotonic() > deadline:
      return False
    time.sleep(0.1)
  return True


class InterruptionTest(parameterized.TestCase):

  @parameterized.parameters(signal.SIGINT, signal.SIGTERM)
  def test(self, number):
    side = pathlib.Path(self.create_tempdir().full_path).resolve()
    root, temporary = side / "project", side / "temporary"
    temporary.mkdir()
    bad_input_test.write(root, _FILES)
    before = bad_input_test.snapshot(root)
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jepa.apps.repair", f"--repo={root}",
            "--json", "--checkpoint=none", "--write",
        ],
        cwd=_HERE, env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Shells have what they run in the background ignore SIGINT, and what
        # these tests start would inherit that.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    self.assertTrue(wait_until(  # A worker is up: its log is there.
        lambda: list(temporary.glob("jepa-*/log"))
    ))
    process.send_signal(number)
    out, errors = process.communicate(timeout=_PATIENCE)
    self.assertEqual(process.returncode, 130, errors)
    self.assertEqual(json.loads(out)["reason"], "interrupted")
    self.assertEqual(bad_input_test.snapshot(root), before)
    self.assertTrue(wait_until(lambda: not processes_in(temporary)))
    self.assertTrue(wait_until(lambda: not os.listdir(temporary)))


if __name__ == "__main__":
  absltest.main()
