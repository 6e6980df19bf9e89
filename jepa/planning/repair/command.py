"""Reads a test command as its user types it: pytest, unittest or doctest."""

from collections.abc import Callable, Iterator
import dataclasses
import itertools
import pathlib
import re
import shlex
import shutil

from jepa.planning.repair import errors

_FORMS = (
    "'pytest [...]', 'python -m pytest [...]' or 'python -m unittest [...]'"
)
# Programs that run a command in an environment that they choose, or one that
# only their settings name.
_CHOOSERS = ("uv", "poetry", "pipenv", "pdm", "hatch", "rye", "conda", "pixi")
_RECIPES = ("tox", "nox", "make", "just", "invoke", "task")
_MAINS = (b"unittest.main(", b"pytest.main(")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PYTHON = re.compile(r"python[\d.]*(\.exe)?$")
_PYTEST = re.compile(r"(pytest|py\.test)(-?[\d.]+)?(\.exe)?$")

# pytest's options that decide which tests there are or how they run, and that
# take a value.
_KEPT_WITH_VALUE = frozenset((
    "-k", "-m", "-p", "-W", "-o", "-c", "--ignore", "--ignore-glob",
    "--deselect", "--import-mode", "--doctest-glob", "--confcutdir",
    "--override-ini", "--config-file", "--pythonwarnings", "--asyncio-mode",
))
# Those that only decide what is shown, measured or repeated: left out.
_DROPPED_WITH_VALUE = frozenset((
    "-n", "-r", "--maxfail", "--tb", "--durations", "--durations-min",
    "--color", "--junitxml", "--junit-xml", "--junit-prefix", "--capture",
    "--rootdir", "--basetemp", "--log-level", "--log-file", "--log-cli-level",
    "--verbosity", "--show-capture", "--cov-report", "--cov-config",
    "--numprocesses", "--dist", "--maxprocesses", "--timeout",
    "--timeout-method", "--reruns", "--html", "--code-highlight",
))
_DROPPED = frozenset((
    "-q", "-v", "-x", "-s", "-l", "--quiet", "--verbose", "--exitfirst",
    "--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--sw",
    "--new-first", "--stepwise", "--pdb", "--trace", "--showlocals", "--cov",
    "--no-header", "--no-summary", "--cache-clear", "--setup-show", "--no-cov",
    "--full-trace", "--disable-warnings", "--disable-pytest-warnings",
    "--stepwise-skip", "--sw-skip", "--force-short-summary",
))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Command:
  """A test command, taken apart.

  python: interpreter as it was typed, or that beside the `pytest` on the
    PATH; "" if there is none.
  is_python_named: whether it was typed as a path.
  tests: files, folders and node ids, relative to the project.
  options: arguments for pytest that choose tests or change how they run.
  env: variables set in front of the command.
  """
  python: str
  is_python_named: bool
  tests: tuple[str, ...]
  options: tuple[str, ...]
  env: dict[str, str]


def parse(text: str, root: pathlib.Path) -> Command:
  """Takes a test command apart.

  Args:
    text: the command.
    root: the project's folder, where the command would be run.

  Raises:
    RepairError: it is not one of the forms that are understood, or names a
      test file that does not exist.
  """
  words = _split(text)
  env = {}
  while words and _ASSIGNMENT.match(words[0]):
    name, _, env[name] = words.pop(0).partition("=")
  if not words:
    raise _not_understood(text, "it names no program")
  program = words.pop(0)
  name = pathlib.PurePath(program).name
  if _PYTEST.match(name):
    python, runner = _neighbour(program), "pytest"
  elif _PYTHON.match(name):
    python, runner = program, _module(text, words, root)
  elif name == "coverage":
    python, runner = _neighbour(program), _covered(text, words, root)
  else:
    raise _not_understood(text, _another(program, words))
  tests, options = _RUNNERS[runner](words, root)
  return Command(
      python=python,
      is_python_named="/" in program,
      tests=tuple(tests),
      options=tuple(options),
      env=env,
  )


def _split(text: str) -> list[str]:
  try:
    words = shlex.split(text)
  except ValueError as error:
    raise _not_understood(text, f"{error}") from error
  lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
  lexer.whitespace_split = True
  operators = [w for w in lexer if w and set(w) <= set(";&|<>()")]
  if operators:
    why = f"{operators[0]!r} needs a shell, and none is used"
    if words[0] == "cd":
      why += "; --repo names the folder to run it in"
    raise _not_understood(text, why)
  return words


def _not_understood(text: str, why: str) -> errors.RepairError:
  return errors.RepairError(
      "test_command",
      f"cannot use --test_command={shlex.quote(text)}: {why}. Give {_FORMS}, "
      "and --python=PATH for an interpreter that is not on the PATH.",
  )


def _neighbour(program: str) -> str:
  """Returns the interpreter that stands beside a `pytest`, "" if unknown."""
  found = shutil.which(program)
  if found is None:
    return ""
  for name in ("python", "python3", "python.exe"):
    python = pathlib.Path(found).parent / name
    if python.exists():
      return str(python)
  return ""


def _another(program: str, words: list[str]) -> str:
  """Says what to do about a program that is neither pytest nor python."""
  name = pathlib.PurePath(program).name
  if name in _CHOOSERS and words[:1] == ["run"]:
    return (
        f"'{name} run' chooses an interpreter, which --python=PATH must name "
        f"here, with --test_command={shlex.quote(shlex.join(words[1:]))}"
    )
  if name in _RECIPES:
    return f"what {name!r} runs is not looked up; give the command behind it"
  return f"{program!r} is neither pytest nor python"


def _module(text: str, words: list[str], root: pathlib.Path) -> str:
  """Takes `-m module` off the words that follow an interpreter.

  A script may be no test: it must say that it runs its own.
  """
  while words and words[0] in ("-B", "-u", "-I", "-s", "-E", "-X", "-W"):
    words[:] = words[2:] if words[0] in ("-X", "-W") else words[1:]
  if words and words[0].endswith(".py") and _runs_itself(root / words[0]):
    return "script"
  if len(words) < 2 or words[0] != "-m":
    raise _not_understood(text, "it runs no tests that can be told apart")
  runner = words[1]
  del words[:2]
  if runner == "coverage":
    return _covered(text, words, root)
  if runner not in _RUNNERS:
    raise _not_understood(text, f"{runner} is neither pytest nor unittest")
  return runner


def _covered(text: str, words: list[str], root: pathlib.Path) -> str:
  """Takes off `run`, and options of it, behind `coverage`."""
  options = itertools.takewhile(
      lambda word: word.startswith("-") and word != "-m", words[1:]
  )
  del words[:1 + len(list(options))]
  return _module(text, words, root)


def _runs_itself(script: pathlib.Path) -> bool:
  try:
    content = script.read_bytes()
  except OSError:
    return False
  return any(call in content for call in _MAINS)


# --- pytest ------------------------------------------------------------------


def _pytest(
    words: list[str], root: pathlib.Path
) -> tuple[list[str], list[str]]:
  tests, options = [], []
  rest = iter(words)
  for word in rest:
    if word == "--":
      tests += [_test(w, root) for w in rest]
    elif word.startswith("--"):
      options += _long_option(word, rest, root)
    elif word.startswith("-") and word != "-":
      options += _short_options(word, rest)
    else:
      tests.append(_test(word, root))
  return tests, options


def _long_option(
    word: str, rest: Iterator[str], root: pathlib.Path
) -> list[str]:
  name, _, value = word.partition("=")
  if "=" not in word and name in _KEPT_WITH_VALUE | _DROPPED_WITH_VALUE:
    value = next(rest, "")
  if name in _DROPPED_WITH_VALUE or name in _DROPPED:
    return []
  if name in _KEPT_WITH_VALUE:
    return [f"{name}={value}"]
  return [word]  # A flag, perhaps one that the project's conftest adds.


def _short_options(word: str, rest: Iterator[str]) -> list[str]:
  """Takes apart what may be several flags in one word: `-xvk name`."""
  kept = []
  letters = word[1:]
  while letters:
    name, letters = f"-{letters[0]}", letters[1:]
    if name in _KEPT_WITH_VALUE:
      kept += [name, letters or next(rest, "")]
      return kept
    if name in _DROPPED_WITH_VALUE:
      if not letters:
        next(rest, "")
      return kept
    if name not in _DROPPED:
      kept.append(name)
  return kept


def _test(word: str, root: pathlib.Path) -> str:
  """Returns a test's place relative to `root`.

  Raises:
    RepairError: there is no such file.
  """
  path, colons, name = word.partition("::")
  place = pathlib.Path(path)
  if place.is_absolute() and place.resolve().is_relative_to(root):
    place = place.resolve().relative_to(root)
  if not (root / place).exists():
    raise errors.RepairError(
        "no_such_test",
        f"there is no {path} in {root}: --test_command is run in --repo, and "
        "its paths are relative to it.",
    )
  return f"{place.as_posix()}{colons}{name}"


# --- unittest ----------------------------------------------------------------

_UNITTEST_FLAGS = ("-v", "-q", "-f", "-b", "-c", "--verbose", "--quiet",
                   "--failfast", "--buffer", "--catch", "--locals")
_UNITTEST_VALUES = {
    "-s": "start", "--start-directory": "start", "-p": "pattern",
    "--pattern": "pattern", "-t": "top", "--top-level-directory": "top",
    "-k": "name",
}


def _unittest(
    words: list[str], root: pathlib.Path
) -> tuple[list[str], list[str]]:
  given = {"start": "", "pattern": "test*.py", "name": ""}
  places = []
  rest = iter([w for w in words if w not in _UNITTEST_FLAGS])
  for word in rest:
    name, equals, value = word.partition("=")
    if name in _UNITTEST_VALUES:
      given[_UNITTEST_VALUES[name]] = value if equals else next(rest, "")
    else:
      places.append(word)
  if places[:1] == ["discover"]:
    given.update(zip(("start", "pattern"), places[1:]))
    places = []
  options = [f"--override-ini=python_files={given['pattern']}"]
  if given["name"]:
    options += ["-k", given["name"].strip("*")]
  if not places:
    start = given["start"]
    return ([_test(start, root)] if start else []), options
  return [_unittest_name(place, root) for place in places], options


def _unittest_name(name: str, root: pathlib.Path) -> str:
  """Returns the node id of `package.module.Class.method`."""
  if name.endswith(".py"):
    return _test(name, root)
  parts = name.split(".")
  for k in range(len(parts), 0, -1):
    place = pathlib.PurePath(*parts[:k])
    if (root / place.with_suffix(".py")).is_file():
      return "::".join([place.with_suffix(".py").as_posix(), *parts[k:]])
    if k == len(parts) and (root / place).is_dir():
      return place.as_posix()
  raise errors.RepairError(
      "no_such_test",
      f"there is no test module {name} in {root}: --test_command is run in "
      "--repo.",
  )


# --- others ------------------------------------------------------------------


def _doctest(
    words: list[str], root: pathlib.Path
) -> tuple[list[str], list[str]]:
  """Reads what follows `-m doctest`: options, and modules or texts."""
  tests, options = [], ["--doctest-modules"]
  rest = iter(words)
  for word in rest:
    if word == "-o":
      next(rest, "")
    elif not word.startswith("-"):
      tests.append(_test(word, root))
      if not word.endswith(".py"):
        options.append(f"--doctest-glob={pathlib.PurePath(word).name}")
  return tests, options


def _script(
    words: list[str], root: pathlib.Path
) -> tuple[list[str], list[str]]:
  """Reads a script that runs its own tests, perhaps some that are named."""
  path = _test(words[0], root)
  names = [w.replace(".", "::") for w in words[1:] if not w.startswith("-")]
  return [f"{path}::{name}" for name in names] or [path], []


_RUNNERS: dict[
    str, Callable[[list[str], pathlib.Path], tuple[list[str], list[str]]]
] = {
    "pytest": _pytest, "unittest": _unittest, "doctest": _doctest,
    "script": _script,
}
