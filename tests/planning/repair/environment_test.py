"""Tests for `environment` and `interpreter`."""

import pathlib
import sys

from absl.testing import absltest
from jepa.planning.repair import environment
from jepa.planning.repair import errors
from jepa.planning.repair import interpreter


class EnvironmentTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.root = pathlib.Path(self.create_tempdir().full_path).resolve()

  def test_interpreters(self):
    def find(name, is_named=True):
      return environment.find(name, self.root, is_named=is_named).path

    self.assertEqual(find(sys.executable), sys.executable)
    shim = self.root / "bin" / "python"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    shim.chmod(0o755)
    self.assertEqual(find("bin/python"), sys.executable)
    shim.write_text("#!/bin/sh\nexit 0\n")
    with self.assertRaisesRegex(errors.RepairError, "without pytest"):
      find("bin/python")
    with self.assertRaisesRegex(errors.RepairError, "no interpreter"):
      find("/nowhere/python")
    for name in ("", "python0.0", "bin/python"):
      self.assertEqual(find(name, is_named=False), sys.executable)

  def test_a_foreign_interpreter_says_what_it_imports_from(self):
    shim = self.root / "python"
    shim.write_text(
        f'#!/bin/sh\nPYTHONPATH={self.root}/lib exec {sys.executable} "$@"\n'
    )
    shim.chmod(0o755)
    found = environment.find("./python", self.root, is_named=True)
    self.assertIn(f"{self.root}/lib", found.import_paths)
    self.assertContainsSubset(
        [p for p in interpreter.import_paths() if p.endswith("site-packages")],
        found.import_paths,
    )

  def test_only_folders_of_the_project_are_its_roots(self):
    for name in ("lib", "build", "env/lib/site-packages"):
      (self.root / name).mkdir(parents=True)
    paths = [
        str(self.root / name)
        for name in ("lib", "gone", "build", "env/lib/site-packages", "")
    ]
    self.assertEqual(
        environment.import_roots([*paths, "/usr/lib"], self.root), ("lib",)
    )


if __name__ == "__main__":
  absltest.main()
