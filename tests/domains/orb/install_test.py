"""Tests of the installer, on a stand-in for npm."""

import base64
import hashlib
import io
import pathlib
import sys
import tarfile
from unittest import mock

from absl.testing import absltest
from jepa.domains.orb import install

_NPM = """#!{python} -SI
import shutil, sys
assert sys.argv[1:] == ["pack", "--silent", "--ignore-scripts", {package!r}]
{body}
"""


class InstallTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.folder = pathlib.Path(self.create_tempdir().full_path)
    self.archive = self.folder / "source.tgz"
    with tarfile.open(self.archive, "w:gz") as tar:
      member = tarfile.TarInfo("package/almadar")
      member.size = 3
      tar.addfile(member, io.BytesIO(b"ELF"))
    self.place = self.folder / "share" / "almadar"

  def _npm(self, body):
    path = self.folder / "npm"
    path.write_text(
        _NPM.format(python=sys.executable, package=install.PACKAGE, body=body)
    )
    path.chmod(0o755)
    return str(path)

  def _packing_npm(self):
    return self._npm(f"shutil.copy({str(self.archive)!r}, 'almadar.tgz')")

  def test_installs_the_known_content(self):
    content = hashlib.sha512(self.archive.read_bytes()).digest()
    known = "sha512-" + base64.b64encode(content).decode()
    with mock.patch.object(install, "INTEGRITY", known):
      install.install(self.place, npm=self._packing_npm())
    self.assertEqual(self.place.read_bytes(), b"ELF")
    self.assertTrue(self.place.stat().st_mode & 0o111)
    self.assertLen(list(self.place.parent.iterdir()), 1)  # No scratch is left.

  def test_refuses_other_content(self):
    with self.assertRaisesRegex(install.InstallError, "integrity"):
      install.install(self.place, npm=self._packing_npm())
    self.assertFalse(self.place.exists())

  def test_says_what_npm_said(self):
    npm = self._npm("sys.exit('no network')")
    with self.assertRaisesRegex(install.InstallError, "no network"):
      install.install(self.place, npm=npm)

  def test_says_that_npm_is_missing(self):
    with self.assertRaisesRegex(install.InstallError, "Node.js"):
      install.install(self.place, npm=str(self.folder / "none"))


if __name__ == "__main__":
  absltest.main()
