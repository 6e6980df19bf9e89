"""Installs the Orb verifier into the environment: one command, through npm.

  python -m jepa.domains.orb.install

The package is asked for by name and version and must have the content that we
know; nothing of it runs while it is installed.
"""

import base64
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

from jepa.domains.orb import compiler

PACKAGE = f"@almadar/cli-linux-x64@{compiler.VERSION}"
INTEGRITY = (
    "sha512-fNywGWuWj46cf/9eIbiZwiDoaJGB5hL0TWWnhfESOY3a1B8fCLYQICag4ruceDGy+"
    "MRzKB9PpO83ICHZPgxTgg=="
)
_MEMBER = "package/almadar"


class InstallError(RuntimeError):
  """The verifier could not be installed; the message says why."""


def install(place: pathlib.Path, *, npm: str = "npm") -> pathlib.Path:
  """Puts the command line at `place`, whole or not at all.

  Raises:
    InstallError: npm is missing or fails, or the package is not the known one.
  """
  place.parent.mkdir(parents=True, exist_ok=True)
  with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
    archive = _download(npm, pathlib.Path(scratch))
    check_integrity(archive)
    binary = pathlib.Path(scratch) / "almadar"
    with tarfile.open(archive) as tar, open(binary, "wb") as target:
      shutil.copyfileobj(tar.extractfile(_MEMBER), target)
    binary.chmod(0o755)
    os.replace(binary, place)
  return place


def _download(npm: str, directory: pathlib.Path) -> pathlib.Path:
  command = [npm, "pack", "--silent", "--ignore-scripts", PACKAGE]
  try:
    done = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, timeout=600
    )
  except (OSError, subprocess.TimeoutExpired) as e:
    raise InstallError(
        f"{npm} does not run ({e}); it comes with Node.js, which only this "
        "installation needs."
    ) from e
  archives = list(directory.glob("*.tgz"))
  if done.returncode or len(archives) != 1:
    raise InstallError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
  return archives[0]


def check_integrity(archive: pathlib.Path) -> None:
  """Raises `InstallError` unless `archive` has the content that we know."""
  content = hashlib.sha512(archive.read_bytes()).digest()
  found = "sha512-" + base64.b64encode(content).decode()
  if found != INTEGRITY:
    raise InstallError(f"{PACKAGE} has integrity {found}, not {INTEGRITY}.")


def main() -> None:
  try:
    cli = compiler.find()
    compiler.Compiler(cli)
    print(f"already there: {cli}")
  except compiler.CompilerError:
    try:
      cli = str(install(compiler.install_place()))
      compiler.Compiler(cli)
    except (InstallError, compiler.CompilerError) as e:
      sys.exit(f"{e}")
    print(f"installed: {cli}")


if __name__ == "__main__":
  main()
