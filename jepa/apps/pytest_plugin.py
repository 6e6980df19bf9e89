"""pytest --jepa-repair: verified patches under the failures they repair.

The repair is a process of its own: this one has imported the project already.
"""

import json
import shlex
import subprocess
import sys


def pytest_addoption(parser):
  parser.getgroup("jepa").addoption(
      "--jepa-repair",
      action="store_true",
      help="search for edits that turn failing tests green, and show those "
      "that a clean process confirms; nothing is written",
  )


def pytest_terminal_summary(terminalreporter, config):
  if not config.getoption("--jepa-repair"):
    return
  reports = [
      report
      for reports in terminalreporter.stats.values()
      for report in reports
      if hasattr(report, "nodeid") and hasattr(report, "when")
  ]
  if not any(report.failed for report in reports):
    return
  terminalreporter.section("jepa-repair")
  found = _repair(config, {r.nodeid.split("::")[0] for r in reports})
  for line in _lines(found):
    terminalreporter.write_line(line)


def _repair(config, files):
  """Returns the JSON that the command line prints.

  Args:
    config: of this session.
    files: test files, relative to its root.
  """
  command = [sys.executable, "-m", "pytest", *sorted(files)]
  for option, value in (
      ("-k", config.option.keyword), ("-m", config.option.markexpr)
  ):
    if value:
      command += [option, value]
  done = subprocess.run(
      [
          sys.executable, "-m", "jepa.apps.repair", "--json",
          f"--repo={config.rootpath}", f"--test_command={shlex.join(command)}",
      ],
      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
      stderr=subprocess.DEVNULL, text=True,
  )
  try:
    return json.loads(done.stdout)
  except ValueError:
    return {"error": f"jepa-repair ended with exit code {done.returncode}"}


def _lines(found):
  if "error" in found:
    yield found["error"]
    return
  if not found["patches"]:
    yield f"no patch found in {found['executions']} executions"
  for patch in found["patches"]:
    yield f"{patch['description']}, confirmed in a clean process:"
    yield ""
    yield from patch["diff"].splitlines()
    if patch["remaining"]:
      yield f"still failing, as before: {', '.join(patch['remaining'])}"
