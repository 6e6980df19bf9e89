"""Arguments for pytest: the project's own, as far as they choose tests."""

import configparser
import pathlib
import shlex
import tomllib

# Plugins that interfere: with the alarm, the order, the files, the time.
_UNWANTED = (
    "cacheprovider", "faulthandler", "randomly", "random_order", "timeout",
    "rerunfailures", "sugar", "jepa_repair",
)
# Of `addopts`, what decides which tests there are and how they are imported.
_KEPT = (
    "--import-mode", "--asyncio-mode", "--doctest-modules", "--doctest-glob",
    "--pyargs", "--ignore", "--ignore-glob", "--deselect", "-k", "-m", "-p",
    "--keep-duplicates", "--confcutdir",
)
_FLAGS = frozenset({"--doctest-modules", "--pyargs", "--keep-duplicates"})


def arguments(
    root: pathlib.Path, tests: list[str], options: list[str]
) -> list[str]:
  """Returns the arguments for one quiet, unordered, uncached session."""
  unwanted = [word for name in _UNWANTED for word in ("-p", f"no:{name}")]
  return [
      f"--rootdir={root}",
      "--override-ini=addopts=",
      "--override-ini=tmp_path_retention_policy=none",
      "--capture=no",
      "--quiet",
      *unwanted,
      *_kept(_addopts(root)),
      *options,
      *tests,
  ]


def _addopts(root: pathlib.Path) -> list[str]:
  """Reads `addopts` where pytest would."""
  for name, sections in (
      ("pytest.toml", ("pytest",)),
      (".pytest.toml", ("pytest",)),
      ("pytest.ini", ("pytest",)),
      (".pytest.ini", ("pytest",)),
      ("pyproject.toml", ("tool.pytest", "tool.pytest.ini_options")),
      ("tox.ini", ("pytest",)),
      ("setup.cfg", ("tool:pytest",)),
  ):
    path = root / name
    if not path.is_file():
      continue
    read = _read_toml if name.endswith("toml") else _read_ini
    found = read(path, sections)
    if found is not None:
      return found
  return []


def _read_toml(path: pathlib.Path, sections) -> list[str] | None:
  with path.open("rb") as file:
    table = tomllib.load(file)
  found = None
  for section in sections:
    inner = table
    for key in section.split("."):
      inner = inner.get(key, {})
    if inner:
      value = inner.get("addopts", found or [])
      found = shlex.split(value) if isinstance(value, str) else list(value)
  return found


def _read_ini(path: pathlib.Path, sections) -> list[str] | None:
  parser = configparser.ConfigParser(interpolation=None)
  parser.read(path, encoding="utf-8")
  for section in sections:
    if parser.has_section(section):
      return shlex.split(parser.get(section, "addopts", fallback=""))
  return None


def _kept(words: list[str]) -> list[str]:
  kept = []
  rest = iter(words)
  for word in rest:
    name = word.partition("=")[0] if word.startswith("--") else word[:2]
    if name not in _KEPT:
      continue
    kept.append(word)
    if name not in _FLAGS and word == name:
      kept += [value for value in [next(rest, None)] if value is not None]
  return kept
