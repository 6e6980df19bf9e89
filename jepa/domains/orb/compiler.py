"""The verifier: Almadar's own command line, which validates and tests.

Two questions per program, asked side by side: `validate --json` gives codes
and where they are, `test --execute` says whether the program compiles and how
its generated tests went. Neither alone is the truth: the validator passes
programs that do not compile, and both exit 0 when they find fault.
"""

import collections
from collections.abc import Iterable, Iterator, Sequence
import json
import os
import pathlib
import shutil
import sys

from jepa.domains.orb import cache as cache_lib
from jepa.domains.orb import process
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import verdict as verdict_lib

VERSION = "1.9.3"
ENVIRONMENT = "JEPA_ALMADAR"

# Our own codes, for programs on which the compiler itself fails.
CRASH = "VERIFIER_CRASH"
HANG = "VERIFIER_HANG"

_VALIDATE = ("validate", "--json", "/dev/stdin")
_TEST = ("test", "--execute", "--report", "json", "/dev/stdin")
_START_SECONDS = 20.0
_MAX_RECENT = 1000  # Verdicts kept in memory: walks come back to a state.
_PANIC = 101  # Exit status of a Rust program that panicked.
_HOW = (
    "Run `python -m jepa.domains.orb.install`, or put almadar "
    f"{VERSION} on PATH, or name it in ${ENVIRONMENT}."
)


class CompilerError(OSError):
  """The verifier cannot be used; the message says how to get it."""


class MissingCompilerError(CompilerError):
  """There is no Almadar command line."""


class CompilerVersionError(CompilerError):
  """There is one, but verdicts of other versions are not comparable."""


class _CrashError(Exception):
  """The command line ended in a way that is no verdict."""


_Answer = process.Output | process.HangError


def install_place() -> pathlib.Path:
  """Where our installer puts the binary."""
  return pathlib.Path(sys.prefix) / "share" / "jepa" / "almadar" / "almadar"


def find() -> str:
  """Returns the command line's path: $JEPA_ALMADAR, installed, or on PATH.

  Raises:
    MissingCompilerError: it is nowhere.
  """
  named = os.environ.get(ENVIRONMENT)
  if named:
    candidates = [named]
  else:
    candidates = [str(install_place()), shutil.which("almadar") or ""]
  for path in candidates:
    if os.path.isfile(path) and os.access(path, os.X_OK):
      return os.path.abspath(path)
  looked = ", ".join(c for c in candidates if c)
  raise MissingCompilerError(f"No Almadar compiler at {looked}. {_HOW}")


class Compiler:
  """Judges programs. Deterministic, offline, a few milliseconds each."""

  def __init__(
      self,
      cli: str | None = None,
      *,
      cache: cache_lib.VerdictCache | None = None,
      seconds: float = 20.0,
      parallel: int = 2,
  ):
    """Finds the command line and checks its version.

    Args:
      cli: path of the command line; found if None.
      cache: where verdicts are looked up and kept.
      seconds: after which a program is taken to hang the compiler.
      parallel: processes at a time: a program takes two.

    Raises:
      MissingCompilerError: there is no command line.
      CompilerVersionError: it is not of version `VERSION`.
    """
    self._cli = cli or find()
    self._cache = cache
    self._seconds = seconds
    self._parallel = parallel
    self._recent: dict[str, verdict_lib.Verdict] = {}
    self.num_runs = 0
    self._check_version()

  def _check_version(self) -> None:
    try:
      started = process.start(
          [self._cli, "--version"], b"", seconds=_START_SECONDS
      )
      said = started.result().stdout.decode(errors="replace").strip()
    except (OSError, process.HangError) as e:
      raise MissingCompilerError(
          f"{self._cli} does not run: {e}. {_HOW}"
      ) from e
    if said.split() != ["almadar", VERSION]:
      raise CompilerVersionError(
          f"{self._cli} says it is {said[:80]!r}, not almadar {VERSION}. {_HOW}"
      )

  def verdict(self, program: program_lib.Program) -> verdict_lib.Verdict:
    """Judges one program."""
    return self.verdicts([program])[0]

  def verdicts(
      self, programs: Iterable[program_lib.Program]
  ) -> list[verdict_lib.Verdict]:
    """Judges many; equal programs and cached ones cost no run."""
    return self.judge([program_lib.canonical(p).encode() for p in programs])

  def judge(self, texts: Sequence[bytes]) -> list[verdict_lib.Verdict]:
    """Judges texts, which need not be programs nor even JSON."""
    keys = [_key(text) for text in texts]
    known = {key: self._look_up(key) for key in keys}
    unknown = {k: t for k, t in zip(keys, texts) if known[k] is None}
    for key, outputs in zip(unknown, self._ask(unknown.values())):
      try:
        known[key] = _read(*outputs)
      except process.HangError:
        known[key] = _failure(HANG)
      except _CrashError:
        known[key] = self._ask_again(unknown[key])
      else:
        self._remember(key, known[key])
    return [known[key] for key in keys]

  def _ask(self, texts: Iterable[bytes]) -> Iterator[list[_Answer]]:
    """Yields the answers to both questions about each text."""
    running: collections.deque[process.Process] = collections.deque()
    answers: list[_Answer] = []
    try:
      for text in texts:
        self.num_runs += 1
        for question in (_VALIDATE, _TEST):
          if len(running) >= self._parallel:
            answers.append(_answer(running.popleft()))
          argv = [self._cli, *question]
          running.append(process.start(argv, text, seconds=self._seconds))
        if len(answers) >= 2:
          yield answers[:2]
          del answers[:2]
    finally:
      answers += [_answer(p) for p in running]
    while answers:
      yield answers[:2]
      del answers[:2]

  def _ask_again(self, text: bytes) -> verdict_lib.Verdict:
    """A crash may be the machine's fault once. Never remembered."""
    try:
      return _read(*next(self._ask([text])))
    except (_CrashError, process.HangError):
      return _failure(CRASH)

  def _look_up(self, key: str) -> verdict_lib.Verdict | None:
    if key in self._recent:
      return self._recent[key]
    return self._cache.get(key) if self._cache is not None else None

  def _remember(self, key: str, verdict: verdict_lib.Verdict) -> None:
    if len(self._recent) >= _MAX_RECENT:
      self._recent.clear()
    self._recent[key] = verdict
    if self._cache is not None:
      self._cache.put(key, verdict)


def _failure(code: str) -> verdict_lib.Verdict:
  return verdict_lib.Verdict(errors=(verdict_lib.Issue(code=code),))


def _key(text: bytes) -> str:
  return f"{VERSION}-{program_lib.content_hash(text)}"


def _answer(started: process.Process) -> _Answer:
  """Waits for a process; that it hangs is an answer, too."""
  try:
    return started.result()
  except process.HangError as e:
    return e


def _read(validated: _Answer, tested: _Answer) -> verdict_lib.Verdict:
  """Returns what both answers say.

  Raises:
    HangError: one of the processes hung.
    _CrashError: one of them ended without an answer.
  """
  for answer in (validated, tested):
    if isinstance(answer, process.HangError):
      raise answer
  errors, warnings = _read_issues(validated)
  compiles, passed, failed, total = _read_tests(tested)
  return verdict_lib.Verdict(
      errors=errors,
      warnings=warnings,
      compiles=compiles,
      passed=passed,
      failed=failed,
      total=total,
  )


def _read_issues(output: process.Output):
  """Returns the errors and warnings that `validate --json` printed."""
  try:
    report = json.loads(output.stdout)
    # Sorted, because the order of some warnings differs from run to run.
    errors, warnings = (
        tuple(
            verdict_lib.Issue(code=code, path=path)
            for path, code in sorted(
                (i.get("path") or "", i["code"]) for i in report.get(key) or ()
            )
        )
        for key in ("errors", "warnings")
    )
    if output.code != 0 or report["valid"] != (not errors):
      raise ValueError("status and report disagree")
  except (ValueError, LookupError, TypeError, AttributeError) as e:
    raise _CrashError(f"validate exited {output.code}: {e}") from e
  return errors, warnings


def _read_tests(output: process.Output):
  """Returns whether the program compiles and its counts of tests.

  `test` prints a line for humans before its report, and no report at all for
  a program that does not compile.
  """
  if output.code < 0 or output.code == _PANIC:
    raise _CrashError(f"test exited {output.code}")
  if output.code != 0:
    return False, 0, 0, 0
  if b"No traits found" in output.stdout:
    return True, 0, 0, 0
  try:
    report = json.loads(output.stdout[output.stdout.index(b"\n[") :])
    counts = tuple(
        sum(trait[key] for trait in report)
        for key in ("passed", "failed", "totalTests")
    )
  except (ValueError, LookupError, TypeError) as e:
    raise _CrashError(f"test exited 0 without a report: {e}") from e
  return True, *counts
