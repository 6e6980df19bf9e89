"""Tests for `workspace`."""

import os
import pathlib
import stat
import subprocess
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from jepa.planning.repair import errors
from jepa.planning.repair import workspace


def git(root, *arguments):
  identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
  subprocess.run(
      ["git", *identity, *arguments], cwd=root, check=True, capture_output=True
  )


class WorkspaceTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    self.root = pathlib.Path(self.create_tempdir().full_path).resolve()

  @parameterized.parameters(
      "tests/helper.py", "pkg/tests/data.py", "test/x.py", "conftest.py",
      "pkg/conftest.py", "test_a.py", "pkg/a_test.py", "setup.py", "odd.py",
  )
  def test_tests_and_configuration_are_protected(self, path):
    self.assertTrue(workspace.is_protected(path, {"odd.py"}))

  @parameterized.parameters("a.py", "pkg/testing/a.py", "contest.py", "x/b.py")
  def test_other_files_are_not(self, path):
    self.assertFalse(workspace.is_protected(path, {"odd.py"}))

  def test_syntax_errors_are_placed(self):
    (self.root / "good.py").write_text("x = 1\n")
    (self.root / "bad.py").write_text("x = 1\ndef f(:\n")
    (self.root / ".venv").mkdir()
    (self.root / ".venv" / "worse.py").write_text("(")
    self.assertEqual(
        list(workspace.syntax_errors(self.root)), ["bad.py:2: invalid syntax"]
    )

  def test_writing_keeps_the_mode_and_leaves_nothing_behind(self):
    path = self.root / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o750)
    workspace.write(self.root, {"a.py": b"old"}, {"a.py": b"new"})
    self.assertEqual(path.read_bytes(), b"new")
    self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o750)
    self.assertEqual(os.listdir(self.root), ["a.py"])

  def test_writing_all_or_nothing(self):
    (self.root / "a.py").write_bytes(b"old")
    (self.root / "b.py").write_bytes(b"edited by hand")
    before = {"a.py": b"old", "b.py": b"old"}
    after = {"a.py": b"new", "b.py": b"new"}
    with self.assertRaisesRegex(errors.RepairError, "b.py has changed"):
      workspace.write(self.root, before, after)
    self.assertEqual((self.root / "a.py").read_bytes(), b"old")
    self.assertLen(os.listdir(self.root), 2)

  @parameterized.parameters(OSError, KeyboardInterrupt)
  def test_writing_that_breaks_off_is_undone(self, reason):
    replace, calls = os.replace, []

    def interrupted(*paths):
      calls.append(paths)
      if len(calls) == 2:
        raise reason
      replace(*paths)

    before = {"a.py": b"old a", "b.py": b"old b"}
    for path, content in before.items():
      (self.root / path).write_bytes(content)
    with mock.patch.object(os, "replace", interrupted):
      with self.assertRaises((errors.RepairError, KeyboardInterrupt)):
        workspace.write(self.root, before, {"a.py": b"new", "b.py": b"new"})
    self.assertEqual(
        {p.name: p.read_bytes() for p in self.root.iterdir()}, before
    )

  def test_a_link_stays_a_link(self):
    (self.root / "real.py").write_bytes(b"old")
    (self.root / "link.py").symlink_to("real.py")
    workspace.write(self.root, {"link.py": b"old"}, {"link.py": b"new"})
    self.assertTrue((self.root / "link.py").is_symlink())
    self.assertEqual((self.root / "real.py").read_bytes(), b"new")

  def test_a_link_out_of_the_project_is_refused(self):
    outside = pathlib.Path(self.create_tempfile(content="old").full_path)
    (self.root / "link.py").symlink_to(outside)
    with self.assertRaisesRegex(errors.RepairError, "outside"):
      workspace.write(self.root, {"link.py": b"old"}, {"link.py": b"new"})
    self.assertEqual(outside.read_bytes(), b"old")

  def test_dirty_trees(self):
    workspace.check_clean(self.root)  # Without git there is nothing to check.
    git(self.root, "init", "--quiet")
    (self.root / "a.py").write_text("x = 1\n")
    git(self.root, "add", ".")
    git(self.root, "commit", "--quiet", "--message=a")
    (self.root / "cache.txt").touch()
    workspace.check_clean(self.root)
    (self.root / "a.py").write_text("x = 2\n")
    with self.assertRaisesRegex(errors.RepairError, r"\(a.py\).*git apply"):
      workspace.check_clean(self.root)


if __name__ == "__main__":
  absltest.main()
