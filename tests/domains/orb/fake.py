"""A stand-in for the compiler: an executable that answers by the text it gets.

It knows no Orb. Most programs are judged by the length of their text, so that
verdicts differ and repeat; some names make it misbehave.
"""

import os
import pathlib
import sys

from jepa.domains.orb import compiler

_SCRIPT = """#!{python} -SI
import json, os, signal, sys, time

def misbehave(text):
  if '"name":"crash"' in text:
    os.kill(os.getpid(), signal.SIGSEGV)
  if '"name":"panic"' in text:
    sys.exit(101)
  if '"name":"hang"' in text:
    time.sleep(60)
  if '"name":"garbage"' in text:
    sys.stdout.write("segmentation fault? no: [1, 2")
    sys.exit(0)
  if '"name":"flood"' in text:
    sys.stdout.write("x" * 5_000_000)
    sys.exit(0)
  if '"name":"moody"' in text and not os.path.exists({mood!r}):
    open({mood!r}, "w").close()
    sys.exit(101)

def main():
  if sys.argv[1] == "--version":
    print({version!r})
    return
  with open({log!r}, "a") as log:
    log.write(sys.argv[1] + "\\n")
  with open(sys.argv[-1], encoding="utf-8", errors="replace") as f:
    text = f.read()
  misbehave(text)
  issue = {{"code": "ORB_T_UNDEFINED_EVENT", "path": "orbitals[0].traits[0]"}}
  try:
    json.loads(text)
  except (ValueError, RecursionError):
    issue = {{"code": "JSON_PARSE_ERROR", "path": ""}}
  kind = len(text) % 4
  is_json = issue["code"] != "JSON_PARSE_ERROR"
  if sys.argv[1] == "validate":
    errors = [issue] if kind == 1 or not is_json else []
    warnings = [issue] if kind == 2 else []
    print(json.dumps({{"success": True, "valid": not errors,
                      "errors": errors, "warnings": warnings}}))
  elif is_json:
    print("Loading schema: /dev/stdin")
    print(json.dumps([{{"traitName": "T", "passed": 2, "failed": kind == 3,
                       "totalTests": 4, "tests": []}}], indent=2))
  else:
    sys.exit(1)

main()
"""


def write(
    folder: str | os.PathLike[str], version: str = f"almadar {compiler.VERSION}"
) -> str:
  """Writes the executable into `folder` and returns its path.

  Beside it, the file `runs` gets a line for each time it is run.
  """
  path = pathlib.Path(folder, "almadar")
  path.write_text(
      _SCRIPT.format(
          python=sys.executable,
          version=version,
          mood=str(path.with_name("mood")),
          log=str(path.with_name("runs")),
      )
  )
  path.chmod(0o755)
  return str(path)


def num_runs(cli: str) -> int:
  """Returns how often the executable was run, version checks apart."""
  runs = pathlib.Path(cli).with_name("runs")
  return len(runs.read_text().splitlines()) if runs.exists() else 0


def real_cli() -> str | None:
  """Returns the real compiler where there is one, for tests that need it."""
  try:
    return compiler.find()
  except compiler.MissingCompilerError:
    return None
