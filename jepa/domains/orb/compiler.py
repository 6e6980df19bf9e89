"""The verifier: Almadar's own command line, which validates and tests.

Two questions per program, asked side by side: `validate --json` gives codes
and where they are, `test --execute` says whether the program compiles and how
its generated tests went. Neither alone is the truth: the validator passes
programs that do not compile, and both exit 0 when they find fault.
"""

from collections.abc import Iterable
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
_PANIC = 101  # Exit status of a Rust program that panicked.
_HOW = (
    "Run `python -m jepa.domains.orb.install`, or put almadar "
    f"{VERSION} on PATH, or name it in ${ENVIRONMENT}."
)


class CompilerError(RuntimeError):
  """The verifier cannot be used; the message says how to get it."""


class MissingCompilerError(CompilerError):
  """There is no Almadar command line."""


class CompilerVersionError(CompilerError):
  """There is one, but verdicts of other versions are not comparable."""


class _CrashError(Exception):
  """The command line ended in a way that is no verdict."""


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
      parallel: int = 1,
  ):
    """Finds the command line and checks its version.

    Args:
      cli: path of the command line; found if None.
      cache: where verdicts are looked up and kept.
      seconds: after which a program is taken to hang the compiler.
      parallel: programs that `verdicts` judges at a time.

    Raises:
      MissingCompilerError: there is no command line.
      CompilerVersionError: it is not of version `VERSION`.
    """
    self._cli = cli or find()
    self._cache = cache
    self._seconds = seconds
    self._parallel = parallel
    self.num_runs = 0
    self._check_version()

  def _check_version(self) -> None:
    try:
      started = process.start(
          [self._cli, "--version"], b"", seconds=self._seconds
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
    texts = [program_lib.canonical(p).encode() for p in programs]
    return self.judge(texts)

  def judge(self, texts: list[bytes]) -> list[verdict_lib.Verdict]:
    """Judges texts, which need not be programs nor even JSON."""
    known: dict[bytes, verdict_lib.Verdict] = {}
    running: dict[bytes, list[process.Process]] = {}
    for text in dict.fromkeys(texts):
      cached = self._cache and self._cache.get(_key(text))
      if cached:
        known[text] = cached
        continue
      if len(running) >= self._parallel:
        self._collect(running, known)
      running[text] = self._start(text)
    while running:
      self._collect(running, known)
    return [known[text] for text in texts]

  def _start(self, text: bytes) -> list[process.Process]:
    self.num_runs += 1
    return [
        process.start([self._cli, *args], text, seconds=self._seconds)
        for args in (_VALIDATE, _TEST)
    ]

  def _collect(self, running, known) -> None:
    """Moves the oldest running program to the known ones."""
    text = next(iter(running))
    try:
      verdict = _finish(running.pop(text))
    except (_CrashError, process.HangError):
      verdict = self._retry(text)
    else:
      if self._cache is not None:
        self._cache.put(_key(text), verdict)
    known[text] = verdict

  def _retry(self, text: bytes) -> verdict_lib.Verdict:
    """A crash may be the machine's fault once. Never cached."""
    try:
      return _finish(self._start(text))
    except _CrashError:
      code = CRASH
    except process.HangError:
      code = HANG
    return verdict_lib.Verdict(errors=(verdict_lib.Issue(code=code),))


def _key(text: bytes) -> str:
  return f"{VERSION}-{program_lib.content_hash(text)}"


def _finish(processes: list[process.Process]) -> verdict_lib.Verdict:
  """Waits for both processes, whatever the first one does, and reads them."""
  outputs, failure = [], None
  for p in processes:
    try:
      outputs.append(p.result())
    except process.HangError as e:
      failure = e
  if failure is not None:
    raise failure
  validated, tested = outputs
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
