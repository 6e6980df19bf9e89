"""Tests for hosts that lack a layer of the sandbox."""

import pathlib
import sys
import textwrap

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import executor
from jepa.domains.code_repair.executor.worker import sandbox

# An interpreter on a host whose kernel refuses some system calls: ENOSYS where
# it does not know them, EPERM where a container must not use them.
_INTERPRETER = """\
#!{python}
import ctypes, os, platform, struct, sys

LANDLOCK, UNSHARE = 444, {{"x86_64": 272}}.get(platform.machine(), 97)
refused = {{LANDLOCK: 38, UNSHARE: 1}}
program = struct.pack("HBBI", 0x20, 0, 0, 0)  # Load the number of the call.
for call in {refused}:
  program += struct.pack("HBBI", 0x15, 0, 1, call)  # Skip one if not equal.
  program += struct.pack("HBBI", 0x06, 0, 0, 0x50000 | refused[call])
program += struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)  # Allow.
code = ctypes.create_string_buffer(program)
filter = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, ctypes.c_char_p(filter), 0, 0) == 0
os.execv({python!r}, [{python!r}, *sys.argv[1:]])
"""


class MissingTest(parameterized.TestCase):

  @parameterized.parameters(
      ((), {"no new privileges", "landlock", "network namespace"}),
      (("no new privileges", "landlock", "network namespace"), set()),
      (("no new privileges", "landlock", "landlock TCP rules"), set()),
      (("no new privileges", "network namespace"), {"landlock"}),
      (("no new privileges", "landlock"), {"network namespace"}),
  )
  def test_the_network_can_be_shut_in_two_ways(self, layers, missing):
    self.assertEqual(sandbox.missing(layers).keys(), missing)


class ConfinementTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    if sys.platform != "linux":
      self.skipTest("refusing system calls takes Linux")
    self.root = pathlib.Path(self.create_tempdir().full_path)
    (self.root / "test_a.py").write_text(textwrap.dedent(f"""
        import contextlib
        import pathlib
        import socket
        import pytest

        with contextlib.suppress(PermissionError):
          pathlib.Path({str(self.root)!r}, "ran").touch()

        def test_tcp():
          with pytest.raises(PermissionError):
            socket.create_connection(("127.0.0.1", 1), timeout=1)
    """))

  def _project(self, refused):
    python = pathlib.Path(self.create_tempdir().full_path) / "python"
    python.write_text(
        _INTERPRETER.format(python=sys.executable, refused=refused)
    )
    python.chmod(0o700)
    return executor.Project(root=self.root, python=str(python), tolerant=True)

  def test_nothing_runs_without_landlock(self):
    project = self._project("[LANDLOCK]")
    with self.assertRaisesRegex(
        executor.ConfinementError, "no landlock .*Linux 5.13.*--unsafe"
    ):
      with executor.FastExecutor(project):
        pass
    with self.assertRaises(executor.ConfinementError):
      executor.referee(project, {})
    self.assertFalse((self.root / "ran").exists())

  def test_it_may_be_allowed(self):
    limits = executor.Limits(allow_unsafe=True)
    report = executor.referee(
        self._project("[LANDLOCK, UNSHARE]"), {}, limits=limits
    )
    self.assertEqual(report.tests[0].exception, "ConnectionRefusedError")
    self.assertTrue((self.root / "ran").exists())

  def test_landlock_stands_in_for_a_network_namespace(self):
    try:
      report = executor.referee(self._project("[UNSHARE]"), {})
    except executor.ConfinementError as error:
      self.assertRegex(str(error), "no network namespace .*Linux 6.7")
    else:
      self.assertEqual(report.status, "passed")
      self.assertFalse((self.root / "ran").exists())


if __name__ == "__main__":
  absltest.main()
