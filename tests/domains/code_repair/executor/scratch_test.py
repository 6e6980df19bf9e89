"""Tests for the copy that candidates run in."""

import os
import pathlib

from absl.testing import absltest
from jepa.domains.code_repair.executor import scratch


class ScratchTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.outside = pathlib.Path(self.create_tempdir().full_path)
    (self.outside / "file").write_text("outside")
    self.root = pathlib.Path(self.create_tempdir().full_path)
    for name in ("a.py", "pkg/b.py", ".git/config", "env/pyvenv.cfg",
                 "env/lib.py", "node_modules/x.js", "__pycache__/a.pyc"):
      path = self.root / name
      path.parent.mkdir(exist_ok=True)
      path.write_text(name)

  def _names(self, folder):
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*")
        if not path.is_dir() or path.is_symlink()
    )

  def test_only_what_tests_need(self):
    with scratch.Scratch(self.root) as copy:
      self.assertEqual(self._names(copy.tree), ["a.py", "pkg/b.py"])
      self.assertEqual((copy.tree / "a.py").read_text(), "a.py")
    self.assertFalse(copy.base.exists())

  def test_links_lead_nowhere_outside(self):
    links = {
        "inside": "pkg/b.py",
        "absolute": self.root / "a.py",
        "folder": "pkg",
        "pkg/up": "../a.py",
        "file": self.outside / "file",
        "all": self.outside,
        "dangling": "nowhere",
        "loop": "loop",
    }
    for name, target in links.items():
      (self.root / name).symlink_to(target)
    os.mkfifo(self.root / "pipe")
    with scratch.Scratch(self.root) as copy:
      tree = copy.tree
      self.assertEqual(self._names(tree), [
          "a.py", "absolute", "file", "folder", "inside", "pkg/b.py",
          "pkg/up",
      ])
      for path in tree.rglob("*"):
        self.assertTrue(path.resolve().is_relative_to(tree), path)
      (tree / "file").write_text("changed")
      (tree / "absolute").write_text("changed")
      self.assertEqual((tree / "pkg/up").read_text(), "changed")
    self.assertEqual((self.outside / "file").read_text(), "outside")
    self.assertEqual((self.root / "a.py").read_text(), "a.py")

  def test_what_a_test_locked_is_removed_all_the_same(self):
    with scratch.Scratch(self.root) as copy:
      (copy.tree / "pkg").chmod(0o500)
    self.assertFalse(copy.base.exists())

  def test_a_root_that_is_no_folder(self):
    with self.assertRaisesRegex(NotADirectoryError, "a.py"):
      scratch.Scratch(self.root / "a.py")


if __name__ == "__main__":
  absltest.main()
