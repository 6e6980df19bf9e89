"""pytest --jepa-repair: verified patches under the failures they repair.

The repair is a process of its own: this one has imported the project already.
"""

import json
import shlex
import subprocess
import sys

import pytest

_TITLE = "jepa-repair"
_SHOWN_WITHOUT_TRACEBACKS = ("no", "line")


def pytest_addoption(parser):
  group = parser.getgroup("jepa")
  group.addoption(
      "--jepa-repair",
      action="store_true",
      help="search for edits that turn failing tests green, and show those "
      "that a clean process confirms; nothing is written",
  )
  group.addoption(
      "--jepa-checkpoint",
      default="",
      metavar="PATH",
      help="a trained model for --jepa-repair",
  )


def pytest_configure(config):
  is_worker = hasattr(config, "workerinput")  # Of pytest-xdist.
  if config.getoption("--jepa-repair") and not is_worker:
    config.pluginmanager.register(Repair(config), "jepa-repair-session")


class Repair:
  """Repairs after the last test, before the failures are shown."""

  def __init__(self, config):
    self._config = config
    self._files = set()
    self._failed = []
    self._lines = []

  def pytest_runtest_logreport(self, report):
    self._files.add(report.nodeid.partition("::")[0])
    if report.failed:
      self._failed.append(report)

  @pytest.hookimpl(tryfirst=True)
  def pytest_sessionfinish(self):
    if not self._failed:
      return
    found = self._repair()
    for number, patch in enumerate(found.get("patches", ()), 1):
      text = "\n".join(_patch_lines(patch))
      for report in self._failed:
        if report.nodeid in patch["fixed"]:
          report.sections.append((f"{_TITLE}: patch {number}", text))
    self._lines += _summary(found)
    if self._config.option.tbstyle in _SHOWN_WITHOUT_TRACEBACKS:
      for patch in found.get("patches", ()):
        self._lines += ["", *_patch_lines(patch)]

  def pytest_terminal_summary(self, terminalreporter):
    if self._lines:
      terminalreporter.section(_TITLE)
    for line in self._lines:
      terminalreporter.write_line(line)

  def _repair(self):
    """Returns the JSON that the command line prints."""
    option = self._config.option
    command = [sys.executable, "-m", "pytest", *sorted(self._files)]
    for name, value in (("-k", option.keyword), ("-m", option.markexpr)):
      if value:
        command += [name, value]
    done = subprocess.run(
        [
            sys.executable, "-m", "jepa.apps.repair", "--json",
            f"--repo={self._config.rootpath}",
            f"--test_command={shlex.join(command)}",
            f"--checkpoint={option.jepa_checkpoint}",
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )
    try:
      return json.loads(done.stdout)
    except ValueError:
      return {"error": f"it ended with exit code {done.returncode}"}


def _patch_lines(patch):
  yield f"{patch['description']}, confirmed in a clean process:"
  if patch["doubts"]:
    yield f"look twice: it {'; it '.join(patch['doubts'])}"
  yield ""
  yield from patch["diff"].splitlines()


def _summary(found):
  if "error" in found:
    yield found["error"]
    return
  spent = f"{found['executions']} executions, {found['seconds']:.1f} s"
  if not found["patches"]:
    yield f"no patch found in {spent}"
  for number, patch in enumerate(found["patches"], 1):
    yield f"patch {number} ({spent}): {patch['description']}"
    if patch["remaining"]:
      yield f"still failing, as before: {', '.join(patch['remaining'])}"
